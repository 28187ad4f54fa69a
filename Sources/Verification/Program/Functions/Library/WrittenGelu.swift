import Plumbline

extension WrittenActivation {
  static let gelu = WrittenActivation(
    .gelu, formula: "(Φ(Z) + Z φ(Z))",
    halfWritten: { z, _ in
      let ofTanhForm = Nonlinearity.rarer(.geluByTanh).derivative(at: z)
      return [(normalCDF(z), "Φ(Z), a part of the derivative")]
        + (ofTanhForm.map { [($0, "the derivative of GELU's tanh form")] } ?? [])
    })
}
