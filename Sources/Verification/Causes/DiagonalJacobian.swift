import Findings
import Plumbline

enum DiagonalJacobian: KnownCause {
  static let id = CauseID.diagonalJacobian
  static let meaning = "softmax, whose units are coupled, treated element by element"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.function == .softmax else { return [] }
    return [
      step.hypothesis(
        step.incoming * step.output * (1 - step.output), id,
        "\(step.quantity) multiplies by A (1 - A), element by element, but softmax couples the units: dZ = A * (dA - sum of dA * A over "
          + "the units), and with cross-entropy A - Y.")
    ]
  }
}

extension CauseID {
  /// Softmax, whose units are coupled, treated element by element.
  public static let diagonalJacobian: Self = "diagonal-jacobian"
}
