import Plumbline

extension WrittenActivation {
  static let relu = WrittenActivation(
    .relu, formula: "(Z > 0)",
    halfWritten: { z, _ in
      // Ones are written over what is above 0, and the rest is left.
      [
        (
          select(compare(z, .greater, Tensor(0)), Tensor(1), z),
          "1 above 0 and Z itself below, where 0 belongs,"
        )
      ]
    })
}
