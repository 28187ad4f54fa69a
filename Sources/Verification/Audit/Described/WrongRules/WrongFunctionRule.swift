import Findings
import Plumbline

/// The derivative of a function: left out, of another function, or taken at the wrong value.
enum WrongFunctionRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let activation = site.form as? Activation, activation.isElementwise else { return [] }
    let function = Nonlinearity.elementwise(activation)
    let remedy = "dZ = dA * \(function.formula)."
    func wrong(_ id: CauseID, _ words: String, _ gate: Tensor<Double>) -> WrongLayers {
      WrongLayers(
        id: id, words: words,
        layers: [LayerDescription(SubstitutedForm(activation, gradient: GateForm(gate)))])
    }
    let (z, a) = (site.input, site.output)
    var all: [WrongLayers] = []
    if activation != .linear {
      all.append(
        wrong(
          activation == .relu ? MaskMissing.id : MissingActivationDerivative.id,
          "lacks the derivative of \(activation.title): \(remedy)", .ones(z.shape)))
      if let derivative = function.derivative(at: z), !function.hasKink {
        all.append(
          wrong(
            ExtraActivationDerivative.id,
            "is multiplied with the derivative of \(activation.title) twice.", derivative.squared())
        )
      }
    }
    all += WrittenDerivative.all(of: activation, as: function, z, a).filter(\.isElsewhere).map {
      wrong(
        DerivativeTakenAtActivation.id,
        "uses \($0.words) where the layer is \(activation.title): \(remedy)", $0.value)
    }
    if activation != .linear {
      all += [("A", a), ("Z", z)].map { name, value in
        wrong(
          ActivationAsDerivative.id,
          "is multiplied with \(name) itself where the derivative belongs: \(remedy)", value)
      }
    }
    all += Activation.elementwise.filter { $0 != .linear && $0 != activation }.flatMap { other in
      WrittenDerivative.all(of: other, as: .elementwise(other), z, a)
    }.map {
      wrong(
        DerivativeOfWrongActivation.id,
        "uses \($0.words) where the layer is \(activation.title): \(remedy)", $0.value)
    }
    all += WrittenDerivative.halfWritten(function, z, a).map {
      wrong(
        DerivativeOfWrongActivation.id,
        "uses \($0.words) where the layer is \(activation.title): \(remedy)", $0.value)
    }
    return all
  }
}
