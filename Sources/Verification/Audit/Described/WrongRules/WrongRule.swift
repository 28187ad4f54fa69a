import Findings
import Plumbline

/// A layer as a described network has it, with what enters and leaves it in somebody's step.
struct LayerSite {
  let form: any LayerForm
  /// What enters the layer and what it outputs.
  let input: Tensor<Double>, output: Tensor<Double>
  /// The layers inside, in the lists of the form.
  var inner: [[LayerSite]] = []
}

/// Layers in the place of one, which compute the same values and pass a wrong gradient back.
struct WrongLayers {
  let id: CauseID
  /// What is wrong, as in "lacks the derivative of tanh".
  let words: String
  /// The layers, with the same parameters in the same order.
  let layers: [LayerDescription]
  /// The index of the gate at which the mistake is made; `nil` for none or all of them.
  var gate: Int?
}

/// A rule of differentiation that people get wrong, for the layers of a network that is described.
///
/// It answers with layers that compute the same values and differentiate them wrongly, so that one reverse pass through the network with
/// such a layer gives every gradient that the mistake gives. To add one, write its file and a line in ``wrongRules``.
protocol WrongRule: SendableMetatype {
  /// The wrong forms of a layer; none where the rule has nothing to say of it.
  static func layers(_ site: LayerSite) -> [WrongLayers]
}

/// Every rule, the likeliest first.
let wrongRules: [any WrongRule.Type] = [
  WrongFunctionRule.self,
  WrongNormalizationRule.self,
  WrongRecurrenceRule.self,
  WrongSkipRule.self,
  WrongNormalizedBlockRule.self,
  WrongAttentionRule.self,
  WrongPoolingRule.self,
  WrongWeightsRule.self,
  WrongInnerLayerRule.self,
]

/// The values of one layer with the gradient of another.
struct SubstitutedForm: LayerForm {
  private var values = LayerDescription(Activation.linear)
  private var gradients = LayerDescription(Activation.linear)
  private var factor = 1.0
  let title = "substituted"

  init() {}
  /// Layers without parameters; the gradient is multiplied by `factor`.
  init(_ values: any LayerForm, gradient: any LayerForm, factor: Double = 1) {
    self.values.form = values
    self.gradients.form = gradient
    self.factor = factor
  }

  func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let values = try values.form.build(&builder)
    let gradients = try gradients.form.build(&builder)
    return builder.layer(
      Substituted(values: values.layer, gradients: gradients.layer, factor: factor),
      output: values.output)
  }

  private struct Substituted: Layer {
    let values: any Layer, gradients: any Layer
    let factor: Double

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      let differentiated = gradients(input, pass) * factor
      return differentiated + (values(input, pass) - differentiated).detached()
    }
  }
}

/// The input, through which no gradient flows, or a multiple of it.
struct GradientFactorForm: LayerForm {
  private var factor = 0.0
  let title = "gradient-factor"

  init() {}
  init(_ factor: Double) { self.factor = factor }

  func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(GradientFactor(factor: factor))
  }

  private struct GradientFactor: Layer {
    let factor: Double

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      guard factor != 0 else { return input.detached() }
      return input * factor + (input * (1 - factor)).detached()
    }
  }
}

/// x times given numbers: as a gradient, any derivative that was written element by element.
struct GateForm: LayerForm {
  private var gate = Tensor<Double>(1.0)
  let title = "gate"

  init() {}
  init(_ gate: Tensor<Double>) { self.gate = gate }

  static func == (left: Self, right: Self) -> Bool { left.gate == right.gate }
  func hash(into hasher: inout Hasher) { hasher.combine(gate.count) }

  func build(_ builder: inout LayerBuilder) -> BuiltLayer { builder.layer(Gate(gate: gate)) }

  private struct Gate: Layer {
    let gate: Tensor<Double>

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      input * input.constant(Tensor(converting: gate))
    }
  }
}
