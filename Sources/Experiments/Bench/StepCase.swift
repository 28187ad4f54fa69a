import Plumbline
import Training

/// A training step whose speed is measured: a residual net of dense layers, softmax cross-entropy, gradient
/// descent with momentum 0.9, in single precision.
///
/// The net is the same as for the other frameworks: inputs → width with ReLU, then blocks h ← relu(h + W2 relu(W1 h + b1) + b2) of
/// two layers, then width → classes.
public struct StepCase: Sendable, Hashable {
  /// Features, classes, units of a hidden layer, hidden layers (even), and examples in a batch.
  public let inputs: Int, classes: Int, width: Int, layers: Int, batch: Int

  /// A case; layers come in blocks of two.
  public init(inputs: Int, classes: Int, width: Int, layers: Int, batch: Int) {
    precondition(layers.isMultiple(of: 2) && layers >= 0 && min(inputs, classes, width, batch) > 0)
    self.inputs = inputs
    self.classes = classes
    self.width = width
    self.layers = layers
    self.batch = batch
  }

  /// The nine cases that are compared with other frameworks.
  public static let standard = [
    StepCase(inputs: 8, classes: 2, width: 7, layers: 4, batch: 32),
    StepCase(inputs: 784, classes: 10, width: 16, layers: 8, batch: 64),
    StepCase(inputs: 784, classes: 10, width: 32, layers: 20, batch: 64),
    StepCase(inputs: 784, classes: 10, width: 64, layers: 20, batch: 128),
    StepCase(inputs: 784, classes: 10, width: 64, layers: 56, batch: 128),
    StepCase(inputs: 784, classes: 10, width: 64, layers: 110, batch: 128),
    StepCase(inputs: 784, classes: 10, width: 128, layers: 56, batch: 128),
    StepCase(inputs: 784, classes: 10, width: 256, layers: 20, batch: 128),
    StepCase(inputs: 784, classes: 10, width: 512, layers: 8, batch: 256),
  ]

  /// The five numbers as given on the command line.
  public var name: String { "\(inputs),\(classes),\(width),\(layers),\(batch)" }

  /// The floating-point operations of the matrix products of one step: forward, and both gradients except that
  /// of the input.
  public var operations: Double {
    let outer = Double(inputs) * Double(width)
    return Double(batch) * (6 * weights - 2 * outer)
  }

  private var weights: Double {
    let (inputs, width) = (Double(inputs), Double(width))
    return width * (inputs + Double(layers) * width + Double(classes))
  }

  /// The sizes of its parts.
  public var memory: TrainingMemory {
    TrainingMemory(
      parameters: weights, outputsPerExample: 2 * Double(width) * Double(layers + 1),
      layers: Double(layers + 2), batch: Double(batch), features: Double(inputs), scalarBytes: 4)
  }

  var network: Sequential {
    let scale = 1 / Double(max(layers, 1)).squareRoot()
    let hidden = Initializer.varianceScaling(gain: Activation.relu.gain * scale)
    let blocks = (0..<layers / 2).map { _ in
      Residual(
        Sequential(
          Dense(width, width, initializer: hidden), Activation.relu,
          Dense(width, width, initializer: hidden)), after: .relu)
    }
    return Sequential(
      [Dense(inputs, width), Activation.relu] + blocks
        + [Dense(width, classes, initializer: .lecun())])
  }

  /// The step, with random data, on this many threads.
  public func workload(threads: Int = 1) -> StepWorkload {
    StepWorkload(network, inputs: [batch, inputs], classes: classes, threads: threads)
  }
}
