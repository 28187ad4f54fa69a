import Findings

/// A gated layer of two parallel weights and one back: y = (activation(x G) · (x W)) V, without biases.
///
/// x is `[..., width]`, y the same; G and W are `[width, units]`, V is `[units, width]`. With SiLU it is SwiGLU. Source: Shazeer,
/// arXiv:2002.05202. It counts as two weight layers.
public struct GatedMLP: Layer, CustomStringConvertible {
  /// G, W and V.
  public let gateWeight: Parameter, weight: Parameter, outputWeight: Parameter
  /// The activation of the gate.
  public let activation: Activation
  private let name = LayerName()

  /// A layer of `units` hidden features.
  public init(
    _ width: Int, units: Int, activation: Activation = .silu, initializer: Initializer = .lecun()
  ) {
    require(width > 0 && units > 0, "a gated layer of \(width) features and \(units) units")
    gateWeight = Parameter([width, units], initializer)
    weight = Parameter([width, units], initializer)
    outputWeight = Parameter([units, width], initializer)
    self.activation = activation
  }

  /// (activation(x G) · (x W)) V.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let gate = activation(matmul(input, pass[gateWeight]))
      return matmul(gate * matmul(input, pass[weight]), pass[outputWeight])
    }
  }
}

/// ``GatedMLP``: `gated-mlp`.
public struct GatedMLPForm: WeightedForm, ActivatedForm {
  /// The number of hidden features.
  public var units = 0
  /// The activation of the gate, and how the weights are initialized.
  public var activation = Activation.silu, initializer = Initializer.lecun()
  public let title = "gated-mlp"
  public static let fields: [Field<Self>] = [
    .whole("units", \.units, isRequired: true, atLeast: 1), .choice("activation", \.activation),
    .initializer("initializer", \.initializer),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let width = try builder.features()
    try builder.requireHeld([width, units], "the weight")
    return builder.layer(
      GatedMLP(width, units: units, activation: activation, initializer: initializer))
  }
}

extension LayerForm where Self == GatedMLPForm {
  /// ``GatedMLP``.
  public static func gatedMLP(units: Int, activation: Activation = .silu) -> Self {
    var form = GatedMLPForm()
    (form.units, form.activation) = (units, activation)
    return form
  }
}
