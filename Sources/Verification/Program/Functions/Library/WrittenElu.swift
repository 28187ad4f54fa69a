import Plumbline

extension WrittenActivation {
  static let elu = WrittenActivation(
    .elu, formula: "where(Z > 0, 1, A + 1)",
    byOutput: ({ minimum($0, Tensor(0)) + 1 }, { "min(\($0), 0) + 1" }),
    halfWritten: { z, a in
      [
        (
          select(compare(z, .greater, Tensor(0)), Tensor(1), a),
          "A where A + 1 belongs for Z below 0"
        )
      ]
    })
}
