import Plumbline

/// The terms of the hinge loss, squared.
struct SquaredHingeTerms: LossTerms {
  private let plain = HingeTerms()
  let title = "squared hinge loss"
  static let names = ["squared-hinge"]
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    plain.terms(outputs, function, of: preactivations, targets: targets).squared()
  }

  func takes(_ function: Nonlinearity) -> Bool { plain.takes(function) }
  func isPossible(_ targets: Tensor<Double>) -> Bool { plain.isPossible(targets) }
  var isOverClasses: Bool { true }
}
