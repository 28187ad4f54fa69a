import Plumbline

/// log cosh(a - y).
struct LogCoshTerms: LossTerms {
  let title = "log-cosh loss"
  var comparesNumbers: Bool { true }
  static let names = ["log-cosh"]
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    // log cosh d = |d| + log(1 + exp(-2|d|)) - log 2, which does not overflow.
    let distance = abs(outputs - targets)
    return distance + softplus(distance * -2) - 0.693_147_180_559_945_3
  }
}
