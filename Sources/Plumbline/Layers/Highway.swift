import Findings

/// A highway layer: y = g h(x) + (1 - g) x with g = sigmoid(x Wg + bg) and h(x) = activation(x W + b).
///
/// A gate bias below 0 starts the layer near the identity. Source: Srivastava, Greff, Schmidhuber,
/// arXiv:1505.00387. It counts as one weight layer: the two products are side by side.
public struct Highway: Layer, CustomStringConvertible {
  /// The transformation's weight `[width, width]` and bias `[width]`.
  public let weight: Parameter, bias: Parameter
  /// The gate's weight `[width, width]` and bias `[width]`.
  public let gateWeight: Parameter, gateBias: Parameter
  /// The activation of the transformation.
  public let activation: Activation
  private let name = LayerName()

  /// A layer that keeps `width` features.
  public init(
    _ width: Int, activation: Activation = .relu, initializer: Initializer = .he(),
    gateInitializer: Initializer = .lecun(), gateBias: Double = -2
  ) {
    weight = Parameter([width, width], initializer)
    bias = Parameter([width], .zero)
    gateWeight = Parameter([width, width], gateInitializer)
    self.gateBias = Parameter([width], .constant(gateBias))
    self.activation = activation
  }

  /// x + g (h(x) - x).
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let gate = sigmoid(linear(input, pass[gateWeight], pass[gateBias]))
      let change = activation(linear(input, pass[weight], pass[bias])) - input
      return input + gate * change
    }
  }
}

/// ``Highway``: `highway`.
public struct HighwayForm: WeightedForm, ActivatedForm {
  /// The activation of the transformation.
  public var activation = Activation.relu
  /// How the weights of the transformation and the gate are initialized.
  public var initializer = Initializer.he(), gateInitializer = Initializer.lecun()
  /// The gate's initial bias.
  public var gateBias = -2.0
  public let title = "highway"
  public static let fields: [Field<Self>] = [
    .choice("activation", \.activation), .initializer("initializer", \.initializer),
    .initializer("gate_initializer", \.gateInitializer), .number("gate_bias", \.gateBias),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let features = try builder.features()
    try builder.requireHeld([features, features], "the weight")
    return builder.layer(
      Highway(
        features, activation: activation, initializer: initializer,
        gateInitializer: gateInitializer, gateBias: gateBias))
  }
}

extension LayerForm where Self == HighwayForm {
  /// ``Highway``.
  public static func highway(
    activation: Activation = .relu, initializer: Initializer = .he(),
    gateInitializer: Initializer = .lecun(), gateBias: Double = -2
  ) -> Self {
    var form = HighwayForm()
    (form.activation, form.initializer) = (activation, initializer)
    (form.gateInitializer, form.gateBias) = (gateInitializer, gateBias)
    return form
  }
}
