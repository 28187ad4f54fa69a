import Plumbline

extension WrittenActivation {
  static let tanh = WrittenActivation(
    .tanh, formula: "(1 - A²)",
    byOutput: ({ 1 - $0.squared() }, { "1 - \($0)²" }),
    halfWritten: { _, a in
      [(1 - a, "1 - A"), (1 + a.squared(), "1 + A²"), ((1 - a).squared(), "(1 - A)²")]
    })
}
