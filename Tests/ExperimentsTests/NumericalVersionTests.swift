import Datasets
import Experiments
import Plumbline
import TestSupport
import Testing
import Training

/// Keeps ``Provenance/numericalVersion`` honest: the bits of one version, written down.
@Suite struct NumericalVersionTests {
  /// What the parameters of small trainings hash to in this version, arm by arm.
  private static let version = 1
  private static let hashes = [
    "plain": "ecd304863fd37594", "residual": "93357cc5b23535f7", "zero": "5ace2dacd33c8217",
    "highway": "c0899705895d79f3", "orthogonal-tanh": "0dfe6a5a9c3f13c2",
    "unscaled": "0694ae148cb730f0",
  ]

  @Test("the bits of the engine are those of its version", arguments: Arm.allCases)
  func bits(arm: Arm) throws {
    let hash = try Self.hash(of: arm)
    #expect(
      Provenance.numericalVersion == Self.version && hash == Self.hashes[arm.rawValue],
      """
      the same run has other bits (\(hash)): results of two versions must not be mixed in one folder, so raise \
      Provenance.numericalVersion by one, and write the new bits here
      """)
  }

  /// Every optimizer in turn takes some steps, so that all of them are covered by one number.
  private static func hash(of arm: Arm) throws -> String {
    let data = Examples<Float>(try SmallData.glyphs(40))
    let network = DepthNetwork(
      arm: arm, inputs: data.features.shape[1], width: 9, classes: 10, depth: 4)
    var parameters: Parameters<Float>?
    for optimizer in OptimizerChoice.allCases {
      var settings = TrainingSettings(loss: .crossEntropy)
      settings.optimizer = optimizer
      settings.batchSize = 13
      settings.learningRate = 1e-3
      settings.length = .steps(3)
      settings.seed = 7
      parameters = try TrainingRun(network, on: data, settings, from: parameters).result()
        .parameters
    }
    return try #require(parameters).valuesHash
  }
}
