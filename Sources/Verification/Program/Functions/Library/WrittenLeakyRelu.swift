import Plumbline

extension WrittenActivation {
  static let leakyRelu = WrittenActivation(
    .leakyRelu, formula: "where(Z > 0, 1, 0.01)")
}
