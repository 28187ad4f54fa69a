import Plumbline

extension WrittenActivation {
  static let silu = WrittenActivation(
    .silu, formula: "(S + A (1 - S)) with S = 1 / (1 + exp(-Z))",
    halfWritten: { z, _ in
      let s = Plumbline.sigmoid(z)
      return [
        (s, "the factor of Z alone"),
        (s + s * (1 - s), "s + s (1 - s), without Z in the second term,"),
        (z * s * (1 - s), "Z s (1 - s) without the factor of Z"),
      ]
    })
}
