import Plumbline

extension WrittenActivation {
  static let linear = WrittenActivation(
    .linear, formula: "1")
}
