/// A quantity of a network's forward or backward pass, such as dZ3.
public struct Quantity: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The kinds, forward ones first, in the order of the backward pass within a layer.
  public enum Kind: String, Sendable, CaseIterable {
    /// Z = W A + b, before the layer's function.
    case preactivation = "Z"
    /// A = f(Z), the input of the next layer.
    case activation = "A"
    /// The derivative of the cost with respect to A.
    case activationGradient = "dA"
    /// The derivative of the cost with respect to Z.
    case preactivationGradient = "dZ"
    /// The derivative of the cost with respect to the weights.
    case weightGradient = "dW"
    /// The derivative of the cost with respect to the biases.
    case biasGradient = "db"
    /// The derivative with respect to the scale of a batch normalization.
    case scaleGradient = "dgamma"
    /// The derivative with respect to the shift of a batch normalization.
    case shiftGradient = "dbeta"

    /// Whether it belongs to the forward pass.
    public var isForward: Bool { self == .preactivation || self == .activation }
    /// Whether it is the gradient of a parameter.
    public var isParameter: Bool {
      [.weightGradient, .biasGradient, .scaleGradient, .shiftGradient].contains(self)
    }
  }

  /// The kind.
  public let kind: Kind
  /// The layer, from 1.
  public let layer: Int
  /// A name of its own, if the layer's number does not identify it: "dWhh".
  private let name: String?

  /// A quantity of a layer.
  public init(_ kind: Kind, _ layer: Int) {
    self.kind = kind
    self.layer = layer
    name = nil
  }

  /// The gradient of a parameter with its own name.
  init(named name: String, _ kind: Kind, _ layer: Int) {
    self.kind = kind
    self.layer = layer
    self.name = name
  }

  /// The derivative of the cost with respect to the examples.
  static let inputGradient = Quantity(named: "dX", .activationGradient, 0)

  /// A quantity by its name, as in "dZ3".
  public init?(name: String) {
    let letters = name.prefix { !$0.isNumber }
    guard let kind = Kind(rawValue: String(letters)),
      let layer = Int(name.dropFirst(letters.count)),
      layer >= 1
    else { return nil }
    self.init(kind, layer)
  }

  /// The name, as in "dZ3".
  public var description: String { name ?? "\(kind.rawValue)\(layer)" }

  /// Ordered as they are computed: forward from the first layer, backward from the last.
  public static func < (left: Quantity, right: Quantity) -> Bool {
    if left.kind.isForward != right.kind.isForward { return left.kind.isForward }
    if left.layer != right.layer {
      return left.kind.isForward ? left.layer < right.layer : left.layer > right.layer
    }
    return Kind.allCases.firstIndex(of: left.kind)! < Kind.allCases.firstIndex(of: right.kind)!
  }
}
