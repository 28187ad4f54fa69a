/// An activation function: an operation with its name and known properties. It is itself a layer.
///
/// To add one, write an entry here and a line in ``elementwise``.
public struct Activation: Layer, Sendable {
  /// Its name in JSON, tables and options.
  public let title: String
  public let otherNames: [String]
  /// The factor on an initial weight's standard deviation that preserves the second moment of the signal; 1 if none is
  /// customary.
  public let gain: Double
  /// What it does to arguments above and below 0.
  let above: Side, below: Side
  /// The arguments at which the slope jumps.
  public let kinks: [Double]
  /// The infimum and the supremum of its values.
  public let range: ClosedRange<Double>
  /// The position between the middle (0) and the ends (1) of a bounded range beyond which the slope is below 2 % of its maximum;
  /// `nil` for a function that does not saturate on both sides.
  public let saturation: Double?
  /// The operation on values of this many axes; `nil` for the identity.
  private let operation: @Sendable (_ rank: Int) -> (any TensorOperation)?

  /// What a function does on one side of 0.
  enum Side { case identity, zero, other }

  private init(
    _ title: String, _ otherNames: [String] = [], gain: Double = 1, above: Side = .other,
    below: Side = .other,
    kinks: [Double] = [], range: ClosedRange<Double> = -.infinity ... .infinity,
    saturation: Double? = nil,
    _ operation: @escaping @Sendable (_ rank: Int) -> (any TensorOperation)?
  ) {
    self.title = title
    self.otherNames = otherNames
    self.gain = gain
    self.above = above
    self.below = below
    self.kinks = kinks
    self.range = range
    self.saturation = saturation
    self.operation = operation
  }

  /// The function; softmax acts over the last axis, all others element by element.
  public func callAsFunction<T: TensorProtocol>(_ x: T) -> T {
    guard let operation = operation(x.shape.rank) else { return x }
    return T.apply(operation, to: [x])
  }

  /// The function of each element, or of the last axis for softmax; the pass's parameters and mode do not matter.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { self(input) }
}

extension Activation {
  /// The identity.
  public static let linear = Activation(
    "linear", ["identity", "id", "none", "lin"], above: .identity, below: .identity
  ) { _ in nil }
  /// max(x, 0). Its gain is exactly √2 (He et al., arXiv:1502.01852).
  public static let relu = Activation(
    "relu", ["rectifier", "rectified linear"], gain: 2.0.squareRoot(), above: .identity,
    below: .zero, kinks: [0], range: 0 ... .infinity
  ) { _ in Relu() }
  /// x where x > 0, 0.01 x elsewhere. Its gain is √(2 / (1 + slope²)).
  public static let leakyRelu = Activation(
    "leaky-relu", ["lrelu", "leaky"], gain: (2 / (1 + 0.01 * 0.01)).squareRoot(), above: .identity,
    kinks: [0]
  ) { _ in LeakyRelu(slope: 0.01) }
  /// x where x > 0, exp x - 1 elsewhere.
  public static let elu = Activation("elu", above: .identity, range: -1 ... .infinity) { _ in
    Elu(alpha: 1)
  }
  /// x Φ(x). Its smallest value is at x = -0.7518.
  public static let gelu = Activation("gelu", range: -0.169_971_207_479_904 ... .infinity) { _ in
    Gelu()
  }
  /// x sigmoid(x). Its smallest value is at x = -1.2785.
  public static let silu = Activation(
    "silu", ["swish"], range: -0.278_464_542_761_074 ... .infinity
  ) { _ in Silu() }
  /// log(1 + exp x).
  public static let softplus = Activation("softplus", range: 0 ... .infinity) { _ in Softplus() }
  /// The hyperbolic tangent. Its gain, 5/3, is customary, as in PyTorch's `calculate_gain`.
  public static let tanh = Activation(
    "tanh", ["hyperbolic tangent"], gain: 5.0 / 3, range: -1...1, saturation: 0.98.squareRoot()
  ) { _ in Tanh() }
  /// 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, so it saturates like the hyperbolic tangent.
  public static let sigmoid = Activation(
    "sigmoid", ["logistic", "sigm", "logsig", "expit"], range: 0...1, saturation: 0.98.squareRoot()
  ) { _ in Sigmoid() }
  /// x limited to -1 ... 1.
  public static let hardTanh = Activation(
    "hard-tanh", gain: 5.0 / 3, kinks: [-1, 1], range: -1...1, saturation: 1
  ) { _ in Clip(low: -1, high: 1) }
  /// exp x, after last weights that output log rates.
  public static let exponential = Activation("exponential", ["exp"], range: 0 ... .infinity) { _ in
    Exp()
  }
  /// exp x divided by its sum over the last axis.
  public static let softmax = Activation("softmax", range: 0...1) { Softmax(axes: [$0 - 1]) }

  /// The usual element-wise activations, which are tried if the activation is unknown.
  public static let elementwise: [Activation] = [
    linear, relu, leakyRelu, elu, gelu, silu, softplus, tanh, sigmoid, hardTanh,
  ]

  /// Every activation.
  public static let all = elementwise + [exponential, softmax]

  /// Whether each value of the result depends on a single value.
  public var isElementwise: Bool { self != .softmax }

  /// The name of its operation on a tape; `nil` for the identity.
  package var operationName: String? { operation(1)?.name }

  /// Whether it cuts off values below 0: a unit that is below 0 for every input is dead.
  public var isZeroBelowZero: Bool { below == .zero }

  /// The activation whose operation has this name on a tape; `nil` if there is none.
  public init?(operationNamed name: String) {
    guard let found = Self.all.first(where: { $0.operationName == name }) else { return nil }
    self = found
  }
}

extension Activation: RawRepresentable, CaseIterable, Codable {
  /// Every activation.
  public static var allCases: [Activation] { all }

  /// The title.
  public var rawValue: String { title }

  /// The activation of this title, or of another of its names in any spelling.
  public init?(rawValue title: String) {
    guard let found = Self.all.first(where: { $0.isCalled(title) }) else { return nil }
    self = found
  }
}

extension Activation: Hashable {
  /// Whether they have the same title.
  public static func == (left: Activation, right: Activation) -> Bool { left.title == right.title }

  /// Hashes the title.
  public func hash(into hasher: inout Hasher) { hasher.combine(title) }
}

extension Activation: CustomStringConvertible, CustomReflectable {
  /// The title.
  public var description: String { title }

  /// Without children: an activation holds no layers and no parameters.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Activation: LayerForm {
  /// The identity.
  public init() { self = .linear }

  public var hasKinks: Bool { !kinks.isEmpty }

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer { builder.layer(self) }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? { signal.after(self) }
}

extension Initializer {
  /// Var W = gain² / fan with the gain of the activation that follows: 2 / fan for ReLU. Source: He et
  /// al., arXiv:1502.01852.
  public static func he(
    _ distribution: Distribution = .normal, fan: Fan = .input, for activation: Activation
  ) -> Initializer {
    varianceScaling(gain: activation.gain, distribution, fan: fan)
  }
}
