import Datasets
import Diagnosis
import Foundation
import Networks
import Plumbline
import Testing
import Training

/// The data and networks of the real cases.
enum CaseData {
  /// Case 1: eight features of unit variance, labels yes or no in equal parts, by a teacher.
  static func eightFeatures(seed: Int = 1, count: Int = 400) throws -> Examples<Double> {
    let data = try TeacherNetwork(key: Key(seed: seed), widths: [8, 2], gain: 1)
      .dataset(count: count)
    return Examples(
      features: data.featureMatrix(),
      targets: Tensor([count, 1], data.labels.map(Double.init)))
  }

  /// A network with one logit, whose weights are N(0, 0.01²) unless said otherwise.
  static func network(
    _ widths: [Int], _ scheme: DenseNetworkOptions.Scheme = .fixed(.normal(standardDeviation: 0.01))
  ) throws -> Network {
    var options = DenseNetworkOptions()
    options.output = .sigmoid
    options.scheme = scheme
    return try NetworkDescription(widths: widths, options: options).network()
  }

  /// Full-batch gradient descent.
  static func descent(rate: Double, steps: Int, seed: Int = 1) -> TrainingSettings {
    var settings = TrainingSettings(loss: .binaryCrossEntropy)
    settings.optimizer = .sgd
    settings.learningRate = rate
    settings.batchSize = nil
    settings.order = .sequential
    settings.length = .steps(steps)
    settings.seed = seed
    return settings
  }

  /// Whether the tests are optimized: the long runs are for release builds.
  static var isOptimized: Bool {
    var isDebug = false
    // The condition of an assert is evaluated in debug builds alone.
    assert(
      {
        isDebug = true
        return true
      }())
    return !isDebug
  }
}
