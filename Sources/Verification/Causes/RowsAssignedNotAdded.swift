import Findings
import Plumbline

enum RowsAssignedNotAdded: KnownCause {
  static let id = CauseID.rowsAssignedNotAdded
  static let meaning =
    "one of several gradients that must be added, as of table rows used more than once: it replaces the others"

  static func weightGradients(_ step: ParameterStep) -> [Hypothesis] {
    tied(step) + rows(step)
  }

  /// Each example chooses one row.
  private static func rows(_ step: ParameterStep) -> [Hypothesis] {
    guard step.layer == 1, let chosen = chosenRows(step.input) else { return [] }
    let dz = step.dz
    let (rows, units) = (step.input.shape[1], dz.shape[1])
    func assigned(_ order: [Int]) -> Tensor<Double> {
      var values = [Double](repeating: 0, count: rows * units)
      let source = dz.scalars
      for example in order {
        for unit in 0..<units {
          values[chosen[example] * units + unit] = source[example * units + unit]
        }
      }
      return Tensor([rows, units], values)
    }
    let examples = Array(chosen.indices)
    return [examples, examples.reversed()].map {
      step.hypothesis(
        .weightGradient, assigned($0), id,
        "dW\(step.layer) keeps only one example's gradient of a row that several use: add them with np.add.at(dW, rows, dZ); "
          + "dW[rows] += dZ counts a repeated row once.")
    }
  }

  private static func chosenRows(_ input: Tensor<Double>) -> [Int]? {
    let (count, width) = (input.shape[0], input.shape[1])
    let values = input.scalars
    var chosen: [Int] = []
    for row in 0..<count {
      let ones = (0..<width).filter { values[row * width + $0] != 0 }
      guard ones.count == 1, values[row * width + ones[0]] == 1 else { return nil }
      chosen.append(ones[0])
    }
    return Set(chosen).count < chosen.count ? chosen : nil
  }

  /// One weight at two layers: the gradient of one of them alone.
  private static func tied(_ step: ParameterStep) -> [Hypothesis] {
    let ties = step.network.ties
    let other = ties[step.layer] ?? ties.first { $0.value == step.layer }?.key
    guard let other, let otherDz = step.context.given[Quantity(.preactivationGradient, other)]
    else {
      return []
    }
    let own = step.data(step.dz)
    let others = matmul(
      otherDz, step.context.entering(other), transposingFirst: true)
    return [(own, step.layer), (others, other)].map { value, layer in
      step.hypothesis(
        .weightGradient, value, id,
        "dW\(step.layer) holds the gradient of layer \(layer) alone; the weight serves layers \(min(step.layer, other)) and "
          + "\(max(step.layer, other)), so both gradients must be added.")
    }
  }
}

extension CauseID {
  /// One of several gradients that must be added, as of table rows used more than once: it replaces the others.
  public static let rowsAssignedNotAdded: Self = "rows-assigned-not-added"
}
