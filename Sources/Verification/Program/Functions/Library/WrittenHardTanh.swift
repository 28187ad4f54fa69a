import Plumbline

extension WrittenActivation {
  static let hardTanh = WrittenActivation(
    .hardTanh, formula: "(-1 < Z < 1)")
}
