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

extension PartOfBatch {
  /// Whether so many numbers tell one part from all others: two or three numbers agree with one of thousands of parts by chance.
  static func tells(_ numbers: Int, of examples: Int, _ comparison: Comparison) -> Bool {
    guard numbers > 1, (2...2000).contains(examples) else { return false }
    // Every part is tried with two factors.
    let parts = 2 * Double(ranges(of: examples).count)
    return (0..<numbers).reduce(parts) { chance, _ in chance * comparison.tolerance } < 1e-6
  }
}

extension ParameterStep {
  /// The mistake in a gradient that is right but for the examples that it leaves out, where it is the only one that does: in a loop one
  /// gradient is assigned, and the others are added to.
  func partOfExamples(in given: Tensor<Double>, _ kind: Quantity.Kind) -> Mistake? {
    let (m, rows) = (Int(examples), dz.shape[0])
    let isWeight = kind == .weightGradient
    guard m > 1, rows.isMultiple(of: m), given.isFinite, given.norm > 0,
      given.shape == (isWeight ? [input.shape[1], dz.shape[1]] : [dz.shape[1]]),
      PartOfBatch.tells(given.count, of: m, comparison)
    else { return nil }
    let penalty = isWeight ? weightPenalty : biasPenalty
    guard let penalty else { return partOfExamples(givingData: given, kind) }
    // What is assigned in a loop replaces the penalty as well.
    return partOfExamples(givingData: given - penalty, kind)
      ?? partOfExamples(givingData: given, kind)
  }

  private func partOfExamples(
    givingData own: Tensor<Double>, _ kind: Quantity.Kind
  ) -> Mistake? {
    let (m, rows) = (Int(examples), dz.shape[0])
    let isWeight = kind == .weightGradient
    // Every gradient as a few numbers of each example.
    var (shares, totals): ([[Double]], [Double]) = ([], [])
    for number in 0..<2 {
      let key = Key(seed: 0)["part"][number]
      let column = Tensor([dz.shape[1], 1], key["column"].normal(dz.shape[1]))
      var each = matmul(dz, column)
      var total = matmul(own.reshaped(to: isWeight ? own.shape : [1, own.count]), column)
      if isWeight {
        let row = Tensor([input.shape[1], 1], key["row"].normal(input.shape[1]))
        each = each * matmul(input, row)
        total = matmul(total, row, transposingFirst: true)
      }
      shares.append(each.reshaped(to: [m, rows / m]).sum(alongAxes: [1]).scalars)
      totals.append(total.scalars[0])
    }
    let found = PartOfBatch(shares: shares).parts(giving: totals).prefix(20).first {
      range, factor in
      let part = range.lowerBound * (rows / m)..<range.upperBound * (rows / m)
      let error = dz.sliced(axis: 0, part) * factor
      return comparison.agree(
        own,
        isWeight
          ? matmul(input.sliced(axis: 0, part), error, transposingFirst: true)
          : error.sum(alongAxes: [0]))
    }
    return found.map { ExamplesMissing.mistake(Quantity(kind, layer), $0.examples, of: m) }
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
