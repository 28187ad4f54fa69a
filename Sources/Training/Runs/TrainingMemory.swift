import Foundation

/// About how many bytes a training takes, from the sizes of its parts: nothing is made.
public struct TrainingMemory: Sendable, Hashable {
  /// The trainable values.
  public var parameters: Double
  /// The values that all layers put out for one example, and the number of layers.
  public var outputsPerExample: Double, layers: Double
  /// The examples of a batch, and the values of one.
  public var batch: Double, features: Double
  /// The bytes of a scalar.
  public var scalarBytes: Double

  /// The parts of a training.
  public init(
    parameters: Double, outputsPerExample: Double, layers: Double, batch: Double,
    features: Double, scalarBytes: Double
  ) {
    self.parameters = parameters
    self.outputsPerExample = outputsPerExample
    self.layers = layers
    self.batch = batch
    self.features = features
    self.scalarBytes = scalarBytes
  }

  /// The bytes: parameters, their gradient, two state slots of the optimizer and the last good state; the values of a pass
  /// forward and their gradients; the record of each layer.
  public var bytes: Double {
    let values = 7 * parameters + batch * (3 * outputsPerExample + 2 * features)
    return scalarBytes * values + 20_000 * layers
  }
}
