import Plumbline

/// max(0, 1 - y a), y being -1 or 1; with an output for each class, max(0, 1 + a - b) over the wrong classes, b being the right
/// class's output.
struct HingeTerms: LibraryLossTerms {
  let library = HingeLoss()
  let title = "hinge loss"
  var isWeighted: Bool { true }
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  /// Targets of -1 and 1 correspond to the library's 0 and 1; with one output per class, programs compare with the right class's
  /// output.
  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    if outputs.shape[outputs.shape.rank - 1] == 1 {
      return library.elements(outputs, sign(targets - 0.5) * 0.5 + 0.5)
    }
    let right = (outputs * targets).sum(alongAxes: [-1], keepingAxes: true)
    // The term of the right class would be 1, whatever its output.
    return relu(outputs - right + 1) * (1 - targets)
  }

  /// The derivative without the margin's condition, and with several classes without that of the right class's output, or with -1 in
  /// its place.
  func halfWritten(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, of preactivations: Tensor<Double>,
    targets: Tensor<Double>
  ) -> [(Tensor<Double>, String)] {
    guard targets.shape[1] > 1 else {
      let y = sign(targets - 0.5)
      return [
        (-y, "-Y for every example, even where the margin is met"),
        (
          -y * compare(1 - outputs, .greater, Tensor(0)),
          "-Y where the output is below 1: the condition is that Y times the output is"
        ),
      ]
    }
    let right = (outputs * targets).sum(alongAxes: [1], keepingAxes: true)
    let within = compare(outputs - right + 1, .greater, Tensor(0)) * (1 - targets)
    let isAny = within.max(alongAxes: [1], keepingAxes: true)
    let meaning = "minus the number of wrong classes within the margin belongs there"
    return [
      (within, "0 for the right class: \(meaning)"),
      (within - targets * isAny, "-1 for the right class: \(meaning)"),
      (within - targets, "-1 for the right class, whether or not the margin is met: \(meaning)"),
    ]
  }

  func takes(_ function: Nonlinearity) -> Bool {
    function == .linear || function == .elementwise(.tanh)
  }
  func isPossible(_ targets: Tensor<Double>) -> Bool {
    let kinds = Set(targets.scalars)
    guard targets.shape[1] > 1 else {
      return kinds.isSubset(of: [0, 1]) || kinds.isSubset(of: [-1, 1])
    }
    return kinds.isSubset(of: [0, 1])
      && targets.sum(alongAxes: [1]).scalars.allSatisfy { $0 == 1 }
  }
  var isOverClasses: Bool { true }
}

extension ProgramLoss.Kind {
  /// max(0, 1 - y a).
  public static let hinge = Self(HingeTerms())
}
