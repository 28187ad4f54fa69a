import Plumbline

extension WrittenActivation {
  static let sigmoid = WrittenActivation(
    .sigmoid, formula: "A (1 - A)",
    byOutput: ({ $0 * (1 - $0) }, { "\($0) (1 - \($0))" }),
    halfWritten: { _, a in
      [
        (1 - a, "1 - A"), (a * (1 + a), "A (1 + A)"), (1 - a.squared(), "1 - A²"),
        (a.squared() * (1 - a), "A² (1 - A)"), (a - 1, "A - 1"),
      ]
    })
}
