import Plumbline

extension WrittenActivation {
  static let exponential = WrittenActivation(
    .exponential, formula: "A", isCommon: false)
}
