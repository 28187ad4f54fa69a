import Findings
import Plumbline

/// The derivative of a function: left out, of another function, or taken at the wrong value.
enum WrongFunctionRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let activation = site.form as? Activation, activation.isElementwise else { return [] }
    let function = Nonlinearity.elementwise(activation)
    let remedy = "dZ = dA * \(function.formula)."
    let (z, a) = (site.input, site.output)
    let right = function.derivative(at: z)
    var all: [WrongLayers] = []
    /// What is written in this way, unless it is the derivative after all, as (A > 0) is that of a ReLU.
    func add(_ id: CauseID, _ words: String, _ gate: Tensor<Double>) {
      if let right, gate.relativeDistance(to: right) < 1e-9 { return }
      all.append(
        WrongLayers(
          id: id, words: words,
          layers: [LayerDescription(SubstitutedForm(activation, gradient: GateForm(gate)))]))
    }
    if activation != .linear {
      add(
        MissingActivationDerivative.id(lacking: function),
        "lacks the derivative of \(activation.title): \(remedy)", .ones(z.shape))
      if let right {
        add(
          ExtraActivationDerivative.id,
          "is multiplied by the derivative of \(activation.title) twice.", right.squared())
      }
    }
    for written in WrittenDerivative.all(of: activation, as: function, z, a)
    where written.isElsewhere {
      add(
        DerivativeTakenAtActivation.id,
        "uses \(written.words) where the layer is \(activation.title): \(remedy)", written.value)
    }
    if activation != .linear {
      for (name, value) in [("A", a), ("Z", z)] {
        add(
          ActivationAsDerivative.id,
          "is multiplied by \(name) itself where the derivative belongs: \(remedy)", value)
      }
    }
    let others = Activation.elementwise.filter { $0 != .linear && $0 != activation }
    for written in others.flatMap({ WrittenDerivative.all(of: $0, as: .elementwise($0), z, a) })
      + WrittenDerivative.halfWritten(function, z, a)
    {
      add(
        DerivativeOfWrongActivation.id,
        "uses \(written.words) where the layer is \(activation.title): \(remedy)", written.value)
    }
    return all
  }
}
