import Findings
import Plumbline
import Testing
import Training

@testable import Diagnosis

/// What targets are like: each property in data that have it, and in their next neighbours, which have not.
@Suite struct TargetEvidenceTests {
  private func evidence(
    _ features: Int, _ loss: LossFunction, count: Int = 400, seed: Int = 1,
    _ row: (_ features: inout [Double], _ draw: Double) -> Double
  ) throws -> TargetEvidence {
    let values = Key(seed: seed)["features"].normal(count * features)
    let draws = Key(seed: seed)["draws"].normal(count)
    var (rows, targets): ([Double], [Double]) = ([], [])
    for index in 0..<count {
      var own = Array(values[index * features..<(index + 1) * features])
      targets.append(row(&own, draws[index]))
      rows += own
    }
    let examples = Examples<Double>(
      features: Tensor([count, features], rows), targets: Tensor([count, 1], targets))
    let settings = TrainingSettings(loss: loss)
    let network = try TrialData.network([features, 2, 1])
    let probe = Probe(network, on: examples, limit: 32, loss: loss, key: settings.key)
    return TargetEvidence(
      examples, settings, facts: probe.facts(at: settings.initialParameters(of: network)))
  }

  @Test(
    "a feature that is the target in another unit is a leak, and one that tells most of it is not")
  func copiedValues() throws {
    for seed in 1...3 {
      let copy = try evidence(5, .meanSquaredError, seed: seed) { x, draw in
        x[3] = 40 - 7 * draw
        return draw
      }
      #expect(copy.copiedBy == 3)
      let near = try evidence(5, .meanSquaredError, seed: seed) { x, draw in x[3] + 0.05 * draw }
      #expect(near.copiedBy == nil)
    }
  }

  @Test("a label with a little noise is a leak, and one of two heaps is not")
  func copiedLabels() throws {
    for seed in 1...3 {
      let copy = try evidence(4, .binaryCrossEntropy, seed: seed) { x, draw in
        x[2] = (draw > 0.3 ? 5 : 2) + 0.1 * x[2]
        return draw > 0.3 ? 1 : 0
      }
      #expect(copy.copiedBy == 2)
      let heaps = try evidence(4, .binaryCrossEntropy, seed: seed) { x, draw in
        for feature in 0..<3 { x[feature] += draw > 0 ? 12 : 0 }
        return draw > 0 ? 1 : 0
      }
      #expect(heaps.copiedBy == nil)
      let bits = try evidence(4, .binaryCrossEntropy, seed: seed) { x, _ in
        x = x.map { $0 > 0 ? 1 : 0 }
        return x[1]
      }
      #expect(bits.copiedBy == nil)
    }
  }

  @Test("numbers of classes look like such, and counts and amounts do not")
  func levels() throws {
    func levels(_ target: (Double) -> Double) throws -> [Double]? {
      try evidence(2, .meanSquaredError) { _, draw in target(draw) }.levels
    }
    #expect(try levels { $0 > 0.4 ? 1 : 0 } == [0, 1])
    #expect(try levels { $0 > 0.43 ? 3 : $0 > -0.43 ? 2 : 1 } == [1, 2, 3])
    #expect(try levels { ($0 * 2).rounded() } == nil)
    #expect(try levels { $0 } == nil)
  }

  @Test("a hundredth that is far away has most of the variance, and of normal targets it has not")
  func outliers() throws {
    var index = 0
    let far = try evidence(2, .meanSquaredError) { _, draw in
      index += 1
      return index % 150 == 0 ? 900 : draw
    }
    #expect(try #require(far.outlierShare) > 0.95)
    let normal = try evidence(2, .meanSquaredError) { _, draw in draw }
    #expect(try #require(normal.outlierShare) < 0.2)
    let heavy = try evidence(2, .meanSquaredError) { _, draw in draw * draw * draw }
    #expect(try #require(heavy.outlierShare) < 0.6)
  }
}

/// Features that tell two classes by themselves.
@Suite struct SeparationTests {
  private func separation(
    _ features: Int, seed: Int, count: Int = 300,
    _ row: (_ features: inout [Double], _ isYes: Bool, _ draw: Double) -> Void
  ) -> Separation? {
    let values = Key(seed: seed)["features"].normal(count * features)
    let draws = Key(seed: seed)["draws"].uniform(count)
    // The label goes with the first feature, and weakly.
    let labels = (0..<count).map { values[$0 * features] + 1.5 * (draws[$0] - 0.5) > 0.6 }
    var rows: [Double] = []
    for index in 0..<count {
      var own = Array(values[index * features..<(index + 1) * features])
      row(&own, labels[index], draws[(index * 7) % count])
      rows += own
    }
    let examples = Examples<Double>(
      features: Tensor([count, features], rows),
      targets: Tensor([count, 1], labels.map { $0 ? 1 : 0 }))
    return Separation(labels, examples, loss: .binaryCrossEntropy, key: Key(seed: 2))
  }

  @Test("are told where no other does", arguments: [1, 2, 3])
  func told(seed: Int) throws {
    let score = separation(5, seed: seed) { x, isYes, _ in x[3] = (isYes ? 0.6 : 0) + 0.08 * x[3] }
    #expect(score?.features == [3])
    let months = separation(4, seed: seed) { x, isYes, draw in
      x[2] = isYes ? (12 * draw).rounded(.up) : 0
    }
    #expect(months?.features == [2])
    let flag = separation(6, seed: seed) { x, isYes, draw in x[5] = isYes != (draw < 0.008) ? 1 : 0
    }
    #expect(flag?.features == [5])
    let texts = separation(6, seed: seed) { x, isYes, _ in (x[1], x[4]) = isYes ? (1, 0) : (0, 1) }
    #expect(texts?.features == [1, 4])
  }

  @Test(
    "are not where others do as well, or where examples lie at the threshold", arguments: [1, 2])
  func notTold(seed: Int) throws {
    #expect(separation(5, seed: seed) { _, _, _ in } == nil)
    let heaps = separation(5, seed: seed) { x, isYes, _ in
      for feature in 0..<5 { x[feature] += isYes ? 7 : 0 }
    }
    #expect(heaps == nil)
    let values = Key(seed: seed).normal(1200)
    let labels = (0..<300).map { values[4 * $0] > 0 }
    let sides = Examples<Double>(
      features: Tensor([300, 4], values), targets: Tensor([300, 1], labels.map { $0 ? 1 : 0 }))
    #expect(Separation(labels, sides, loss: .binaryCrossEntropy, key: Key(seed: 2)) == nil)
  }
}
