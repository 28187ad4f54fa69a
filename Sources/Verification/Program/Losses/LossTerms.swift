import Plumbline

/// What a program sums to a cost: a term for each example and output.
///
/// A loss is one file: value, derivative, targets, names. To add one, write that file and a line in ``ProgramLoss/Kind/forms``. Its
/// terms are written once, for tensors and for tapes alike, and the derivative follows from them; those of a loss of the library
/// are the library's (``LibraryLossTerms``).
protocol LossTerms: Sendable, Hashable {
  /// What people call it, as in "squared error", and what an option calls it.
  var title: String { get }
  static var names: [String] { get }
  /// What an option calls this one, with its number after a colon if it has one.
  var name: String { get }
  /// The losses for a number after a name.
  static func numbered(_ number: Double) -> [Self]
  /// The terms `[examples, outputs]` of outputs that are `function` of pre-activations.
  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T
  /// The cost of the scaled sum of the terms.
  func cost<T: TensorProtocol>(_ sum: T) -> T
  /// The terms of outputs as a program has them; linear outputs are read as logits where the loss takes shares.
  func values(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>
  ) -> Tensor<Double>
  /// The derivative of the terms' sum by the outputs, `small` being added to divisors.
  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    guardedBy small: Double
  ) -> Tensor<Double>
  /// The same where each term has a weight `[examples, 1]` or `[examples, outputs]`.
  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    weights: Tensor<Double>, guardedBy small: Double
  ) -> Tensor<Double>
  /// Whether people give its examples or classes weights.
  var isWeighted: Bool { get }

  /// Derivatives of the terms' sum by outputs as people write them by mistake, with a part left out or of another reading of the outputs;
  /// each with what it is in words.
  func halfWritten(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, of preactivations: Tensor<Double>,
    targets: Tensor<Double>
  ) -> [(Tensor<Double>, String)]
  /// Whether it compares numbers of any size, so that an output without a function is the likeliest.
  var comparesNumbers: Bool { get }
  /// Whether it is the loss that follows customarily after an output.
  func isCustomary(after function: Nonlinearity) -> Bool
  /// Whether it takes what a function outputs.
  func takes(_ function: Nonlinearity) -> Bool
  /// Whether targets `[examples, outputs]` are ones that it can compare.
  func isPossible(_ targets: Tensor<Double>) -> Bool
  /// Whether it compares shares, which lie between 0 and 1.
  var takesShares: Bool { get }
  /// Whether an example has one term, whatever the number of outputs.
  var isOverClasses: Bool { get }
  /// Factors on the sum that belong to this loss, with their words.
  var ownScales: [(scale: Double, words: String)] { get }

  /// The loss with the numbers that a file may hold for it; the plain one first.
  static func forms(_ hints: LossHints) -> [Self]
}

/// What the arrays of a file say about the numbers in a loss.
struct LossHints: Sendable {
  /// Single numbers by their names in lower case, without separators.
  var numbers: [String: Double] = [:]
  /// Weights of examples or classes, as they are in the file.
  var weights: [Tensor<Double>] = []
  /// The targets `[examples, outputs]`.
  var targets: Tensor<Double>?

  /// The first of these numbers that is there.
  func number(_ names: [String]) -> Double? { names.lazy.compactMap { numbers[$0] }.first }
}

extension LossTerms {
  var name: String { Self.names.first ?? title }
  static func numbered(_ number: Double) -> [Self] { [] }
  func cost<T: TensorProtocol>(_ sum: T) -> T { sum }
  func values(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>
  ) -> Tensor<Double> {
    terms(outputs, .linear, of: outputs, targets: targets)
  }
  /// The sum of the terms of outputs as a program has them.
  func sum(_ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>) -> Double {
    values(outputs, function, targets: targets).sum().scalar
  }
  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    guardedBy small: Double
  ) -> Tensor<Double> {
    let tape = Tape<Double>()
    let variable = tape.variable(outputs)
    let sum = terms(variable, .linear, of: variable, targets: tape.constant(targets)).sum()
    return tape.gradients(of: sum)[variable]
  }
  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    weights: Tensor<Double>, guardedBy small: Double
  ) -> Tensor<Double> {
    derivative(outputs, function, targets: targets, guardedBy: small) * weights
  }
  var isWeighted: Bool { false }
  var comparesNumbers: Bool { false }
  func halfWritten(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, of preactivations: Tensor<Double>,
    targets: Tensor<Double>
  ) -> [(Tensor<Double>, String)] { [] }
  func isCustomary(after function: Nonlinearity) -> Bool { false }
  func takes(_ function: Nonlinearity) -> Bool { true }
  func isPossible(_ targets: Tensor<Double>) -> Bool { true }
  var takesShares: Bool { false }
  var isOverClasses: Bool { false }
  var ownScales: [(scale: Double, words: String)] { [] }
}

/// -y log p, 0 for y = 0 whatever p.
func logarithmicTerm(_ y: Tensor<Double>, _ p: Tensor<Double>) -> Tensor<Double> {
  Tensor(
    y.shape,
    zip(y.scalars, p.scalars).map { y, p in
      y == 0 ? 0 : -y * Plumbline.log(Tensor<Double>(p)).scalar
    })
}

/// Terms that are made of those of another loss, and stand where these do.
protocol TermsOfAnotherLoss: LossTerms {
  var base: ProgramLoss.Kind { get }
}

extension TermsOfAnotherLoss {
  func takes(_ function: Nonlinearity) -> Bool { base.terms.takes(function) }
  var takesShares: Bool { base.terms.takesShares }
  var isOverClasses: Bool { base.terms.isOverClasses }
}
