import Plumbline

extension WrittenActivation {
  static let relu = WrittenActivation(
    .relu, formula: "(Z > 0)",
    halfWritten: { z, _ in
      // Values above 0 are overwritten with ones, and the rest is left.
      [
        (
          select(compare(z, .greater, Tensor(0)), Tensor(1), z),
          "1 above 0 and Z itself below, where 0 belongs,"
        )
      ]
    })
}
