/// The kind of targets that a loss compares outputs with.
public enum LossTargets: String, Sendable, CaseIterable, Codable {
  /// One class of several: class numbers `[examples]`, or distributions of the outputs' shape.
  case classes
  /// Numbers from 0 to 1, of the outputs' shape: independent yes/no targets.
  case shares
  /// Numbers of 0 or more, of the outputs' shape.
  case counts
  /// Any numbers, of the outputs' shape.
  case reals
}

/// A loss as data: its settings, its value, its targets and how its outputs are interpreted. A mean over the examples.
public protocol LossForm: Form {
  /// The kind of targets.
  var targets: LossTargets { get }

  /// How outputs are converted to predictions.
  var output: OutputFunction { get }

  /// The loss of outputs, before any softmax or sigmoid, for targets.
  func callAsFunction<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T

  /// The loss of outputs already interpreted, as ``output`` says or otherwise: probabilities, rates, values.
  func callAsFunction<T: TensorProtocol>(read values: T, _ targets: T) -> T

  /// The loss of each output, before any softmax or sigmoid, for targets in the outputs' shape.
  func elements<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T

  /// The loss of each interpreted output.
  func elements<T: TensorProtocol>(read values: T, _ targets: T) -> T

  /// The loss of each example, `[examples]`.
  func examples<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T

  /// The constant outputs with the lowest loss.
  func constant(for targets: Tensor<Double>, outputs: Int) -> [Double]

  /// The loss that a network is judged by: without training aids such as smoothed labels.
  var judged: Self { get }

  /// The weight of each example in the mean, `[examples]`; `nil` if all are equal.
  func exampleWeights(_ targets: Tensor<Double>) -> [Double]?
}

/// An element-wise loss: the mean over outputs of the cost for each one's target.
public protocol ElementLossForm: LossForm {
  /// The constant output with the lowest loss for these targets.
  func constant(for targets: [Double]) -> Double
}

extension LossForm {
  /// Any numbers.
  public var targets: LossTargets { .reals }

  /// As they are.
  public var output: OutputFunction { .linear }

  /// The loss itself.
  public var judged: Self { self }

  /// The same as for raw outputs, for losses that use them as they are.
  public func elements<T: TensorProtocol>(read values: T, _ targets: T) -> T {
    elements(values, targets)
  }

  /// All equal.
  public func exampleWeights(_ targets: Tensor<Double>) -> [Double]? { nil }
}

extension ElementLossForm {
  /// The mean over all elements.
  public func callAsFunction<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    requireSameShape(title, outputs, targets)
    return elements(outputs, targets).mean()
  }

  /// The mean over all elements.
  public func callAsFunction<T: TensorProtocol>(read values: T, _ targets: T) -> T {
    requireSameShape(title, values, targets)
    return elements(read: values, targets).mean()
  }

  /// The mean over the elements of each example.
  public func examples<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    requireSameShape(title, outputs, targets)
    let costs = elements(outputs, targets)
    return costs.shape.rank < 2 ? costs : costs.mean(alongAxes: Array(1..<costs.shape.rank))
  }

  /// Each output's own constant.
  public func constant(for targets: Tensor<Double>, outputs: Int) -> [Double] {
    let columns = targets.reshaped(to: [targets.shape[0], outputs]).transposed().scalars
    let count = targets.shape[0]
    return (0..<outputs).map { constant(for: Array(columns[$0 * count..<($0 + 1) * count])) }
  }
}

extension [Double] {
  /// The mean; 0 for no elements.
  var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }
}

/// A loss compares element by element: broadcasting here would hide a mistake.
func requireSameShape<T: TensorProtocol>(_ loss: String, _ values: T, _ targets: T) {
  require(
    values.shape == targets.shape,
    "\(loss) compares values of shape \(values.shape) with targets of shape \(targets.shape)")
}
