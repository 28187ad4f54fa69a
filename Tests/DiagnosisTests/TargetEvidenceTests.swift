import Findings
import Plumbline
import TestSupport
import Testing
import Training

@testable import Diagnosis

/// What targets are like: each property in data that have it, and in their next neighbours, which have not.
@Suite struct TargetEvidenceTests {
  private func evidence(
    _ features: Int, _ loss: LossFunction, count: Int = 400, seed: Int = 1,
    _ row: (_ features: inout [Double], _ draw: Double) -> Double
  ) throws -> TargetEvidence {
    let data = DrawnRows(features, count: count, seed: seed, row)
    let examples = Examples<Double>(features: data.features, targets: data.targets)
    let settings = TrainingSettings(loss: loss)
    let network = try TrialData.network([features, 2, 1])
    let probe = Probe(network, on: examples, limit: 32, loss: loss, key: settings.key)
    return TargetEvidence(
      examples, settings, facts: probe.facts(at: settings.initialParameters(of: network)))
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
