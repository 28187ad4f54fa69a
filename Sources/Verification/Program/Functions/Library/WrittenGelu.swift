import Plumbline

extension WrittenActivation {
  static let gelu = WrittenActivation(
    .gelu, formula: "(Φ(Z) + Z φ(Z))",
    halfWritten: { z, _ in [(normalCDF(z), "Φ(Z), a part of the derivative")] })
}
