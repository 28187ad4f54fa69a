import Plumbline

extension WrittenActivation {
  static let softplus = WrittenActivation(
    .softplus, formula: "1 / (1 + exp(-Z))",
    byOutput: ({ 1 - exp(-$0) }, { "1 - exp(-\($0))" }))
}
