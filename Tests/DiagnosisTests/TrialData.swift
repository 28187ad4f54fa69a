import Diagnosis
import Foundation
import Networks
import Plumbline
import Training

/// Small runs for the tests of single rules.
enum TrialData {
  /// Normal features and a yes or no by the sign of the first, of which a share is turned round.
  static func yesNo(
    seed: Int = 1, count: Int = 1500, features: Int = 4, noise: Double = 0, from first: Int = 0
  ) -> Examples<Float> {
    let key = Key(seed: seed)
    let width = features
    let values = key["features"].normal((first + count) * width)
    let draws = key["noise"].uniform(first + count)
    let rows = first..<first + count
    var chosen: [Float] = []
    var targets: [Float] = []
    for row in rows {
      chosen += values[row * width..<(row + 1) * width].map { Float($0) }
      let isTurned = draws[row] < noise
      targets.append((values[row * width] > 0) != isTurned ? 1 : 0)
    }
    return Examples(
      features: Tensor([count, width], chosen), targets: Tensor([count, 1], targets))
  }

  /// One feature and a sine of it, times a factor, with an offset.
  static func sine(count: Int = 600, factor: Float = 1, offset: Float = 0) -> Examples<Float> {
    let positions = (0..<count).map { 12 * Double(($0 * 7919) % count) / Double(count) - 6 }
    let sines = positions.map { sin($0) }
    return Examples(
      features: Tensor([count, 1], positions.map { Float($0) }),
      targets: Tensor([count, 1], sines.map { value -> Float in factor * Float(value) + offset }))
  }

  static func network(
    _ widths: [Int], _ output: OutputFunction = .sigmoid,
    change: (inout NetworkDescription) -> Void = { _ in }
  ) throws -> Network {
    var options = DenseNetworkOptions()
    options.output = output
    var description = try NetworkDescription(widths: widths, options: options)
    change(&description)
    return try description.network()
  }

  static func settings(
    _ loss: LossFunction = .binaryCrossEntropy, _ optimizer: OptimizerChoice = .adam,
    rate: Double = 5e-3, steps: Int = 600, batch: Int? = 64
  ) -> TrainingSettings {
    var settings = TrainingSettings(loss: loss)
    settings.optimizer = optimizer
    settings.learningRate = rate
    settings.length = .steps(steps)
    settings.batchSize = batch
    return settings
  }
}
