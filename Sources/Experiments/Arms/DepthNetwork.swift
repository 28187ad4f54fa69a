import Plumbline

/// The dense network of a library arm: `input`, `hidden.0` ... `hidden.<depth - 1>`, `output`.
///
/// The names are the same in every arm, and a parameter's initial values depend only on its name, so
/// arms with the same seed start from the same draws wherever shapes and initializers allow.
public struct DepthNetwork: BlockSkipping {
  /// Features to width.
  public let input: Dense
  /// Width to width; two per block in residual arms.
  public let hidden: [HiddenLayer]
  /// Width to classes.
  public let output: Dense
  private let form: Form
  /// The blocks that the signal passes, in this order; `nil` for all in their usual order.
  public var passedBlocks: [Int]?

  /// The weight layers of a block.
  var layersOfABlock: Int { if case .blocks = form { 2 } else { 1 } }

  /// The number of blocks: pairs of layers if there are skips, single layers otherwise.
  public var blockCount: Int { hidden.count / layersOfABlock }

  /// What becomes of the signal between the weight layers.
  enum Form: Sendable, Hashable {
    /// An activation after every layer.
    case plain(Activation)
    /// ReLU after the input layer; the others have their own gates and functions.
    case gated
    /// An activation f after the input layer, then blocks of two layers: h + s (f(h W1 + b1) W2 + b2).
    case blocks(Activation, scale: Double)
  }

  /// One hidden weight layer: dense, or gated.
  public enum HiddenLayer: Layer, CustomReflectable {
    /// h W + b, and how far an optimizer moves them.
    case dense(Dense, updates: UpdateScale = .one)
    /// A highway layer.
    case highway(Highway)

    /// The layer's output.
    public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      switch self {
      case .dense(let layer, _): layer(input, pass)
      case .highway(let layer): layer(input, pass)
      }
    }

    /// The mirror of the layer itself, so that paths do not contain the case.
    public var customMirror: Mirror {
      switch self {
      case .dense(let layer, .one): Mirror(reflecting: layer)
      case .dense(let layer, let updates):
        Mirror(
          self,
          children: Array(Mirror(reflecting: layer).children) + [
            (label: "updates", value: updates)
          ],
          displayStyle: .struct)
      case .highway(let layer): Mirror(reflecting: layer)
      }
    }
  }

  init(
    _ point: GridPoint, form: Form, inputInitializer: Initializer = .he(),
    hidden: (Int) -> HiddenLayer
  ) {
    self.form = form
    input = Dense(point.inputs, point.width, initializer: inputInitializer)
    output = Dense(point.width, point.classes, initializer: .lecun())
    self.hidden = (0..<point.depth).map(hidden)
  }

  /// The network of an arm of the library.
  ///
  /// - Precondition: The depth is a positive multiple of the layers of a block.
  public init(arm: Arm, inputs: Int, width: Int, classes: Int, depth: Int) {
    let point = GridPoint(inputs: inputs, width: width, classes: classes, depth: depth)
    guard let network = try? arm.network(point) as? DepthNetwork else {
      fatalError("the arm \(arm.rawValue) is not one of dense layers")
    }
    self = network
  }

  /// The logits `[examples, classes]` of inputs `[examples, features]`.
  public func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    var h = input(x, pass)
    switch form {
    case .plain(let activation):
      h = activation(h)
      for block in passedBlocks ?? Array(hidden.indices) {
        h = activation(hidden[block](h, pass))
      }
    case .gated:
      h = relu(h)
      for block in passedBlocks ?? Array(hidden.indices) { h = hidden[block](h, pass) }
    case .blocks(let activation, let scale):
      h = activation(h)
      for block in passedBlocks ?? Array(0..<blockCount) {
        let branch = hidden[2 * block + 1](activation(hidden[2 * block](h, pass)), pass)
        h = h + (scale == 1 ? branch : branch * scale)
      }
    }
    return output(h, pass)
  }
}
