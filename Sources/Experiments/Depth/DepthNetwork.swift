import Plumbline

/// The network of dense layers of an arm of the library: `input`, `hidden.0` ... `hidden.<depth - 1>`, `output`.
///
/// The names are the same in every arm, and a parameter's initial values depend on its name alone, so
/// arms of one seed start from the same draws wherever shapes and initializers allow.
public struct DepthNetwork: Layer {
  /// Features to width.
  public let input: Dense
  /// Width to width; of residual arms two for each block.
  public let hidden: [HiddenLayer]
  /// Width to classes.
  public let output: Dense
  private let form: Form

  /// What becomes of the signal between the weight layers.
  enum Form: Sendable, Hashable {
    /// ReLU after every layer, or tanh.
    case relu, tanh
    /// ReLU after the input layer; the others have gates and functions of their own.
    case gated
    /// ReLU after the input layer, then blocks of two layers: h + s (relu(h W1 + b1) W2 + b2).
    case blocks(scale: Double)
  }

  /// One hidden weight layer: dense, or gated.
  public enum HiddenLayer: Layer, CustomReflectable {
    /// h W + b.
    case dense(Dense)
    /// A highway layer.
    case highway(Highway)

    /// The layer's output.
    public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      switch self {
      case .dense(let layer): layer(input, pass)
      case .highway(let layer): layer(input, pass)
      }
    }

    /// The mirror of the layer itself, so that paths do not name the case.
    public var customMirror: Mirror {
      switch self {
      case .dense(let layer): Mirror(reflecting: layer)
      case .highway(let layer): Mirror(reflecting: layer)
      }
    }
  }

  init(
    _ shape: DepthArm.Shape, form: Form, inputInitializer: Initializer = .he(),
    hidden: (Int) -> HiddenLayer
  ) {
    self.form = form
    input = Dense(shape.inputs, shape.width, initializer: inputInitializer)
    output = Dense(shape.width, shape.classes, initializer: .lecun())
    self.hidden = (0..<shape.depth).map(hidden)
  }

  /// The network of an arm of the library.
  ///
  /// - Precondition: The depth is a positive multiple of the layers of a block.
  public init(arm: DepthArm, inputs: Int, width: Int, classes: Int, depth: Int) {
    let shape = DepthArm.Shape(inputs: inputs, width: width, classes: classes, depth: depth)
    guard let network = try? arm.network(shape) as? DepthNetwork else {
      fatalError("the arm \(arm.rawValue) is not one of dense layers")
    }
    self = network
  }

  /// The logits `[examples, classes]` of inputs `[examples, features]`.
  public func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    var h = input(x, pass)
    switch form {
    case .relu:
      h = relu(h)
      for layer in hidden { h = relu(layer(h, pass)) }
    case .tanh:
      h = tanh(h)
      for layer in hidden { h = tanh(layer(h, pass)) }
    case .gated:
      h = relu(h)
      for layer in hidden { h = layer(h, pass) }
    case .blocks(let scale):
      h = relu(h)
      for block in stride(from: 0, to: hidden.count, by: 2) {
        let branch = hidden[block + 1](relu(hidden[block](h, pass)), pass)
        h = h + (scale == 1 ? branch : branch * scale)
      }
    }
    return output(h, pass)
  }
}
