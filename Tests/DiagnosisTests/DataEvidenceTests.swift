import Datasets
import Findings
import Plumbline
import Testing
import Training

@testable import Diagnosis

@Suite struct DataEvidenceTests {
  @Test("examples of other sets count as duplicates where every bit is the same, and only there")
  func duplicates() {
    let train = Examples<Float>(
      features: [[1, 2], [3, 4], [3, 4], [0.5, 0.25]], targets: [0, 1, 1, 0])
    let dev = Examples<Float>(features: [[3, 4], [4, 3], [2, 1]], targets: [0, 1, 1])
    let test = Examples<Float>(features: [[0.5, 0.25], [1, 2]], targets: [0, 1])
    func counts(_ dev: Examples<Float>? = nil, _ test: Examples<Float>? = nil) -> [Double?] {
      DataEvidence(train: train, dev: dev, test: test, loss: .crossEntropy).findings?
        .filter { $0.cause == .duplicates }.map { $0["count"] } ?? []
    }
    #expect(counts() == [])
    #expect(counts(dev) == [1])
    #expect(counts(dev, test) == [1, 2])
  }

  @Test("the spread is compared with the middle one, so that a rim that hardly varies harms nobody")
  func spreads() {
    let rim = Examples<Double>(
      features: [[0, 1, 2, 0], [1e-3, 2, 4, 0], [0, 3, 3, 0]], targets: [0, 1, 0])
    let evidence = DataEvidence(train: rim, loss: .crossEntropy)
    #expect(evidence.scales.spreadRatio < 2.5 && evidence.scales.constantShare == 0.25)
    let unscaled = Examples<Double>(features: [[0, 1000], [1, 3000]], targets: [0, 1])
    #expect(
      abs(DataEvidence(train: unscaled, loss: .crossEntropy).scales.spreadRatio - 2000) < 1e-6)
  }
}
