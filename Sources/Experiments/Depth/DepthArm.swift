import Foundation
import Plumbline

/// One of the kinds of network that the depth study compares. Depth is the number of hidden weight layers,
/// width × width; the input layer (features × width, ReLU or tanh) and the output layer (width × classes,
/// linear) come in addition in every arm.
public enum DepthArm: String, Codable, Sendable, CaseIterable {
  /// He-initialized ReLU layers one after the other.
  case plain
  /// Identity blocks of two layers, h + s (relu(h W1 + b1) W2 + b2), with s = 1/√blocks.
  case residual
  /// The same blocks with s = 1 and W2 = 0 at the start, so that the net starts as its input and output layers.
  case zero
  /// Gated layers, gate bias -max(2, ln depth). Two products for each layer: twice the parameters.
  ///
  /// With a bias of -2 at every depth the gates of a deep net add up (64 layers: 7.6 of h in sum) and it does not
  /// train; with -ln depth their sum starts near 1.
  case highway
  /// Orthogonal tanh layers one after the other: the strongest plain control.
  case orthogonalTanh = "orthogonal-tanh"
  /// The residual blocks with s = 1: the negative control, whose signal doubles with every block.
  case unscaled

  /// Whether the layers come in blocks of two, so that the depth has to be even.
  public var hasTwoLayerBlocks: Bool {
    switch self {
    case .residual, .zero, .unscaled: true
    case .plain, .highway, .orthogonalTanh: false
    }
  }

  /// What the arm is, in a line for tables.
  public var summary: String {
    switch self {
    case .plain: "He ReLU layers"
    case .residual: "two-layer identity blocks, branch scaled 1/sqrt(blocks)"
    case .zero: "two-layer identity blocks, branch starts at zero"
    case .highway: "gated layers, gate bias -max(2, ln depth)"
    case .orthogonalTanh: "orthogonal tanh layers"
    case .unscaled: "two-layer identity blocks, branch not scaled (negative control)"
    }
  }
}

/// The network of one arm and depth: `input`, `hidden.0` ... `hidden.<depth - 1>`, `output`.
///
/// The names are the same in every arm, and a parameter's initial values depend on its name alone, so
/// arms of one seed start from the same draws wherever shapes and initializers allow.
public struct DepthNetwork: Layer {
  /// The arm.
  public let arm: DepthArm
  /// Features to width.
  public let input: Dense
  /// Width to width; of residual arms two for each block.
  public let hidden: [HiddenLayer]
  /// Width to classes.
  public let output: Dense

  private let branchScale: Double

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

  /// A network of `depth` hidden layers; even for the arms with blocks of two.
  public init(arm: DepthArm, inputs: Int, width: Int, classes: Int, depth: Int) {
    precondition(depth > 0 && (depth.isMultiple(of: 2) || !arm.hasTwoLayerBlocks))
    self.arm = arm
    let isTanh = arm == .orthogonalTanh
    input = Dense(inputs, width, initializer: isTanh ? .orthogonal() : .he())
    output = Dense(width, classes, initializer: .lecun())
    branchScale = arm == .residual ? (2 / Double(depth)).squareRoot() : 1
    hidden = (0..<depth).map { place in
      switch arm {
      case .plain, .residual, .unscaled: .dense(Dense(width, width))
      case .zero: .dense(Dense(width, width, initializer: place.isMultiple(of: 2) ? .he() : .zero))
      case .orthogonalTanh: .dense(Dense(width, width, initializer: .orthogonal()))
      case .highway: .highway(Highway(width, gateBias: -max(2, log(Double(depth)))))
      }
    }
  }

  /// The logits `[examples, classes]` of inputs `[examples, features]`.
  public func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    var h = input(x, pass)
    switch arm {
    case .plain:
      h = relu(h)
      for layer in hidden { h = relu(layer(h, pass)) }
    case .orthogonalTanh:
      h = tanh(h)
      for layer in hidden { h = tanh(layer(h, pass)) }
    case .highway:
      h = relu(h)
      for layer in hidden { h = layer(h, pass) }
    case .residual, .zero, .unscaled:
      h = relu(h)
      for block in stride(from: 0, to: hidden.count, by: 2) {
        let branch = hidden[block + 1](relu(hidden[block](h, pass)), pass)
        h = h + (branchScale == 1 ? branch : branch * branchScale)
      }
    }
    return output(h, pass)
  }

  /// The floating-point operations of one training step on a batch: forward, and twice that backward.
  public static func operationsPerStep(
    arm: DepthArm, inputs: Int, width: Int, classes: Int, depth: Int, batch: Int
  ) -> Double {
    let hidden = Double(depth * width * width) * (arm == .highway ? 2 : 1)
    return Double(batch) * (4 * Double(inputs * width) + 6 * hidden + 6 * Double(width * classes))
  }
}
