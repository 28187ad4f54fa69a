import Plumbline

extension WrittenActivation {
  static let silu = WrittenActivation(
    .silu, formula: "(S + A (1 - S)) with S = 1 / (1 + exp(-Z))",
    halfWritten: { z, _ in [(Plumbline.sigmoid(z), "the factor of Z alone")] })
}
