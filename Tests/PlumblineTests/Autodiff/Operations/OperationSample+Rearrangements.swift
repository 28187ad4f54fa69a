import Plumbline
import TestSupport

extension OperationSample {
  static let rearrangements: [OperationSample] = [
    OperationSample(
      "reshape",
      golden: [
        Golden("reshape") { x, settings in settings.shape.map { x[0].reshaped(to: Shape($0)) } }
      ], at: { $0.whole }, of: { x, _ in x[0].flattened().expanded(atAxis: 0) }),
    OperationSample(
      "transpose",
      golden: [
        Golden("transpose") { x, settings in
          settings.permutation.map { x[0].transposed(permutation: $0) }
        }
      ], at: { $0.whole },
      of: { x, draw in x[0].transposed(permutation: draw.key["order"].permutation(draw.shape.rank))
      }),
    OperationSample(
      "slice", rank: 1,
      golden: [
        Golden("slice") { x, settings in
          guard let starts = settings.starts, let ends = settings.ends else { return nil }
          return x[0].sliced(zip(starts, ends).map { $0..<$1 })
        }
      ], at: { $0.whole }, of: { x, draw in x[0].sliced(draw.ranges) }),
    OperationSample(
      "pad", rank: 1, at: { [$0.key["x"].tensor(Shape($0.ranges.map(\.count)))] },
      of: {
        x, draw in x[0].padded(as: draw.ranges, of: draw.shape)
      }),
    OperationSample(
      "concatenate", rank: 1,
      golden: [
        Golden("concatenate") { x, settings in
          settings.axis.map { .concatenate(x, alongAxis: $0) }
        }
      ], at: { [$0.key["x"].tensor($0.shape), $0.key["y"].tensor($0.shape)] },
      of: { x, draw in .concatenate([x[0], x[1], x[0]], alongAxis: draw.axis) }),
  ]

  static let indexing: [OperationSample] = [
    OperationSample(
      "gather", rank: 1,
      golden: [
        Golden("gather_class") { x, settings in
          settings.indexTensor.map { x[0].gathered(at: x[0].constant($0)) }
        }
      ],
      kinks: [
        Kink("no gradient to the indices", at: [[4, 5]], [1], is: [[0, 1]], [0]) {
          $0[0].gathered(at: $0[1])
        }
      ], at: { $0.whole }, of: { x, draw in x[0].gathered(at: x[0].constant(draw.indices)) }),
    OperationSample(
      "scatter", rank: 1,
      kinks: [
        Kink("no gradient to the indices", at: [4], [1], is: [1], [0]) {
          $0[0].scattered(at: $0[1], classes: 2)
        }
      ], at: { [$0.key["x"].tensor(Shape($0.shape.extents.dropLast()))] },
      of: { x, draw in x[0].scattered(at: x[0].constant(draw.indices), classes: draw.shape[-1]) }),
    OperationSample(
      "rows", rank: 1,
      kinks: [
        Kink("no gradient to the indices", at: [[4], [5]], [1], is: [[0], [1]], [0]) {
          $0[0].rows(at: $0[1])
        }
      ], at: { $0.whole }, of: { x, draw in x[0].rows(at: x[0].constant(draw.rowNumbers)) }),
    OperationSample(
      "scatterRows", rank: 1,
      kinks: [
        Kink("no gradient to the indices", at: [[4], [5]], [1, 1], is: [[1], [1]], [0, 0]) {
          $0[0].scatteredRows(at: $0[1], count: 2)
        }
      ],
      at: { [$0.key["x"].tensor(Shape([$0.rowNumbers.count] + $0.shape.extents.dropFirst()))] },
      of: { x, draw in
        x[0].scatteredRows(at: x[0].constant(draw.rowNumbers), count: draw.shape[0])
      }),
    OperationSample(
      "oneHot", rank: 1,
      kinks: [
        Kink("no gradient to the indices", at: [2, 0], is: [0, 0]) { $0[0].oneHot(classes: 3) }
      ], at: { $0.whole },
      of: { x, draw in x[0].constant(draw.indices).oneHot(classes: draw.shape[-1]) * x[0] }),
  ]
}
