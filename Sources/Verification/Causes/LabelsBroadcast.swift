import Findings
import Plumbline

enum LabelsBroadcast: KnownCause {
  static let id = CauseID.labelsBroadcast
  static let meaning = "outputs (m, 1) minus labels (m,), which NumPy broadcasts to m x m"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.isLast, step.upstream.mistakes.isEmpty, step.context.targets.shape[1] == 1,
      step.context.examples > 1
    else { return [] }
    let targets = step.context.targets
    // Summed, and as a mean, over the axis that should not be there.
    let summed = step.output * step.context.examples - targets.sum()
    let factor =
      step.context.network.loss.scale
      * (step.context.network.loss.kind == .squaredError ? 2 : 1)
    let derivative =
      step.context.network.loss.kind.takesShares ? nil : step.function.derivative(at: step.argument)
    return [1, 1 / step.context.examples].flatMap { share in
      let error = summed * (factor * share)
      return ([error] + (derivative.map { [error * $0] } ?? [])).map {
        step.hypothesis($0, id, words(step.quantity), handicap: 0.25)
      }
    }
  }

  static func words(_ quantity: Quantity) -> String {
    "\(quantity) comes from outputs and labels of which one has the shape (m, 1) and the other (m,), which NumPy broadcasts to m x m: every "
      + "output is compared with the labels of all examples. Give both the shape (m, 1), by reshape(-1, 1), before you subtract."
  }
}

extension CauseID {
  /// Outputs (m, 1) minus labels (m,), which NumPy broadcasts to m x m.
  public static let labelsBroadcast: Self = "labels-broadcast"
}
