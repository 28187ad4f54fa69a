import Plumbline

/// An input layer, blocks on a stream of one width, and an output layer, all without biases, for studies of how the stream moves: the frame in which a
/// norm before the output, or a factor on it, can be had, and the stream behind the last block can be looked at.
///
/// Its parameters are called `input`, `blocks.<block>...`, `norm...` and `output`.
public struct StreamNetwork: Layer {
  /// Features to width.
  public let input: Dense
  /// What the stream passes, in order.
  public let blocks: [any Layer]
  /// A norm of the stream behind the last block; `nil` for none.
  public let norm: RMSNorm?
  /// Width to classes.
  public let output: Dense
  private let inputActivation: Activation
  private let outputScale: Double

  /// A network.
  ///
  /// - Parameters:
  ///   - inputs: The features of an example.
  ///   - width: The width of the stream.
  ///   - classes: The number of outputs.
  ///   - blocks: Each takes and returns `[examples, width]`.
  ///   - inputActivation: What follows the input layer: a ReLU, with He's weights before it, or nothing, with LeCun's.
  ///   - hasNorm: Whether the stream is normalized by its root mean square before the output layer.
  ///   - outputScale: A factor on the outputs.
  public init(
    inputs: Int, width: Int, classes: Int, blocks: [any Layer], inputActivation: Activation = .relu,
    hasNorm: Bool = false, outputScale: Double = 1
  ) {
    input = Dense(
      inputs, width, initializer: inputActivation == .relu ? .he() : .lecun(), bias: nil)
    self.blocks = blocks
    norm = hasNorm ? RMSNorm(width) : nil
    output = Dense(width, classes, initializer: .lecun(), bias: nil)
    self.inputActivation = inputActivation
    self.outputScale = outputScale
  }

  /// The stream behind the last block, `[examples, width]`.
  public func stream<T>(_ x: T, _ pass: Pass<T>) -> T {
    blocks.reduce(inputActivation(input(x, pass))) { pass.output(of: $1, $0) }
  }

  /// The outputs `[examples, classes]` of inputs `[examples, features]`.
  public func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    let stream = stream(x, pass)
    let logits = output(norm?(stream, pass) ?? stream, pass)
    return outputScale == 1 ? logits : logits * outputScale
  }
}
