import Console
import Findings
import Networks
import Plumbline

/// An estimate of the bytes needed to send examples through a network, from the sizes of its parts, without allocating anything.
public struct TrainingMemory: Sendable, Hashable {
  /// The trainable values.
  public var parameters: Double
  /// The number of values that all layers output for one example, and the number of layers.
  public var outputsPerExample: Double, layers: Double
  /// The number of examples in a batch, and of values in one.
  public var batch: Double, features: Double
  /// The bytes of a scalar.
  public var scalarBytes: Double
  /// How many copies of the parts are held at the same time.
  public var copies = Copies.training

  /// How many copies of parameters, outputs and features are held at the same time.
  public struct Copies: Sendable, Hashable {
    let parameters: Double, outputs: Double, features: Double

    /// Parameters, their gradient, two state slots of the optimizer and the last good state; the values of a pass forward and their
    /// gradients.
    public static let training = Copies(parameters: 7, outputs: 3, features: 2)
    /// Measured: the parameters of points, directions and gradients; the values of a pass, their gradients, and both parts of dual
    /// numbers.
    public static let gradientCheck = Copies(parameters: 14, outputs: 8, features: 4)
  }

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

  /// The parts of a network on batches of this many examples.
  public init<Scalar: TrainableScalar>(
    _ network: Network, batch: Int, precision: Scalar.Type, copies: Copies = .training
  ) {
    let outputs = network.layerOutputs
    self.init(
      parameters: Double(ParameterLayout(of: network).count),
      outputsPerExample: outputs.reduce(0.0) { $0 + Double($1.elementCount) },
      layers: Double(outputs.count), batch: Double(batch),
      features: Double(network.description.input.elementCount),
      scalarBytes: Double(MemoryLayout<Scalar>.size))
    self.copies = copies
  }

  /// The bytes: the copies of the parts, and the record of each layer.
  public var bytes: Double { fixedBytes + batch * bytesPerExample }

  private var fixedBytes: Double { scalarBytes * copies.parameters * parameters + 20_000 * layers }

  private var bytesPerExample: Double {
    scalarBytes * (copies.outputs * outputsPerExample + copies.features * features)
  }

  /// Throws if this exceeds the available memory, with what would fit.
  ///
  /// - Parameters:
  ///   - request: The purpose, in words.
  ///   - batchSetting: The setting for the number of examples that go through the network at a time.
  ///   - networkSetting: The setting of the network.
  ///   - batchRemedy: What to do if this many examples fit.
  ///   - limit: The available memory.
  public func require(
    for request: String, batch batchSetting: Setting,
    network networkSetting: Setting, limit: MemoryLimit? = .current,
    batchRemedy: (Int) -> String
  ) throws(Problem) {
    let fitsNoBatch = fixedBytes > batch * bytesPerExample
    try MemoryLimit.require(
      bytes, for: request, setting: fitsNoBatch ? networkSetting : batchSetting, limit: limit
    ) { bytes in
      let examples = 0.9 * (bytes - fixedBytes) / bytesPerExample
      if examples >= 1 { return batchRemedy(Int(examples)) }
      let count = Int(0.9 * bytes / (scalarBytes * copies.parameters))
      return "a network of about \(NumberFormat.count(count)) parameters fits"
    }
  }
}
