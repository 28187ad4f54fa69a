import Plumbline

/// The search for the examples of a batch whose gradients a sum holds, if it does not hold those of all.
///
/// Each example's share of a gradient is seen through a few numbers, so that a range of examples costs a subtraction.
struct PartOfBatch {
  /// For each of the numbers the sums over the first examples, from none of them on.
  private let sums: [[Double]]
  private let examples: Int

  /// - Parameter shares: For each of a few numbers its share of each example.
  init(shares: [[Double]]) {
    sums = shares.map { $0.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) } }
    examples = shares[0].count
  }

  /// The ranges that people's loops and slices leave: one example, the first ones, the last ones, and any others of a small batch.
  static func ranges(of examples: Int) -> [Range<Int>] {
    let all = 0..<examples
    var ranges = [examples - 1..<examples] + all.dropLast().map { $0..<$0 + 1 }
    ranges += all.dropFirst(2).map { 0..<$0 } + all.dropFirst().dropLast().map { $0..<examples }
    guard examples <= 600 else { return ranges }
    for start in all.dropFirst().dropLast(2) {
      for end in start + 2..<examples { ranges.append(start..<end) }
    }
    return ranges
  }

  /// The ranges whose sums are these numbers, as they are or averaged over the range in place of the batch.
  func parts(giving totals: [Double]) -> [(examples: Range<Int>, factor: Double)] {
    let m = Double(examples)
    return Self.ranges(of: examples).lazy.flatMap { range in
      [m / Double(range.count), 1].map { (examples: range, factor: $0) }
    }.filter { range, factor in
      zip(sums, totals).allSatisfy { sums, total in
        abs((sums[range.upperBound] - sums[range.lowerBound]) * factor - total)
          <= 1e-3 * abs(total)
      }
    }
  }
}

extension Audit {
  /// Where the gradients that are wrong are all those of one and the same part of the examples, that is the mistake.
  mutating func judgeByPartOfBatch() {
    let wrong = items.values.filter { $0.verdict == .fail && $0.relativeError != nil }
      .map(\.quantity).sorted()
    let (m, kinds) = (run.inputs.shape[0], [Quantity.Kind.weightGradient, .biasGradient])
    guard m > 1, wrong.count > 1, network.ties.isEmpty,
      wrong.allSatisfy({ kinds.contains($0.kind) }),
      wrong.allSatisfy({ !run.transposed.contains($0) && run.quantities[$0]?.isFinite ?? false }),
      // A gradient of few numbers is that of many a part.
      let anchor = wrong.filter({ $0.kind == .weightGradient }).max(by: {
        run.quantities[$0]?.count ?? 0 < run.quantities[$1]?.count ?? 0
      }), let shown = shares(anchor)
    else { return }
    /// The gradient of a quantity over a range of the examples.
    func gradient(_ quantity: Quantity, _ range: Range<Int>, _ factor: Double) -> Tensor<Double> {
      let layer = quantity.layer
      let dz = truth.dz[layer - 1].sliced(axis: 0, range) * factor
      let step = parameterStep(layer, dz)
      if quantity.kind == .biasGradient {
        return step.biasPenalty.map { dz.sum(alongAxes: [0]) + $0 } ?? dz.sum(alongAxes: [0])
      }
      let data = matmul(
        context.entering(layer).sliced(axis: 0, range), dz, transposingFirst: true)
      return step.weightPenalty.map { data + $0 } ?? data
    }
    let found = PartOfBatch(shares: shown.shares).parts(giving: shown.totals).prefix(20).first {
      range, factor in
      wrong.allSatisfy {
        guard let own = run.quantities[$0] else { return false }
        return comparison.agree(own, gradient($0, range, factor))
      }
    }
    guard let found else { return }
    for (quantity, item) in items where item.verdict == .fail {
      // What was inferred from the gradients falls with them.
      items[quantity] = nil
      guard let error = item.relativeError else { continue }
      add(
        quantity, .fail, error, ExamplesMissing.cause(quantity, found.examples, of: m))
    }
  }

  /// Two numbers of a weight gradient as each example's share of them, and as they are given.
  private func shares(_ quantity: Quantity) -> (shares: [[Double]], totals: [Double])? {
    let layer = quantity.layer
    let (x, dz) = (context.entering(layer), truth.dz[layer - 1])
    guard var own = run.quantities[quantity], own.count > 3 else { return nil }
    if let penalty = parameterStep(layer, dz).weightPenalty { own = own - penalty }
    let (inputs, units) = (own.shape[0], own.shape[1])
    var (shares, totals): ([[Double]], [Double]) = ([], [])
    for number in 0..<2 {
      let key = Key(seed: 0)["part"][number]
      let (row, column) = (
        Tensor([inputs, 1], key["row"].normal(inputs)),
        Tensor([units, 1], key["column"].normal(units))
      )
      shares.append((matmul(x, row) * matmul(dz, column)).scalars)
      totals.append(matmul(matmul(own, column), row, transposingFirst: true).scalars[0])
    }
    return (shares, totals)
  }
}
