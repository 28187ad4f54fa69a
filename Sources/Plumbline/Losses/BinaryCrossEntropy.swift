/// The mean of -(t log s + (1 - t) log(1 - s)) with s = sigmoid(logit), written as softplus(z) - t z.
///
/// - Parameters:
///   - logits: Any shape, any real numbers.
///   - targets: The targets, in the same shape, from 0 to 1.
public func binaryCrossEntropy<T: TensorProtocol>(logits: T, targets: T) -> T {
  requireSameShape("binaryCrossEntropy", logits, targets)
  return (softplus(logits) - targets * logits).mean()
}

/// The mean of -(t log p + (1 - t) log(1 - p)).
///
/// The logarithms are bounded below by -100, as in PyTorch, so that a probability of exactly 0 or 1
/// gives a large loss rather than infinity; there the gradient is 0. Prefer the form on logits.
///
/// - Parameters:
///   - probabilities: Any shape, from 0 to 1.
///   - targets: The targets, in the same shape, from 0 to 1.
public func binaryCrossEntropy<T: TensorProtocol>(probabilities: T, targets: T) -> T {
  requireSameShape("binaryCrossEntropy", probabilities, targets)
  return -(targets * boundedLog(probabilities) + (1 - targets) * boundedLog(1 - probabilities))
    .mean()
}

/// The logarithm, at least -100. Where clamped, it is taken of 1, so that no infinite slope meets the zero one.
private func boundedLog<T: TensorProtocol>(_ p: T) -> T {
  let isInside = compare(p, .greater, p.constant(Tensor(0)))
  return select(
    isInside,
    clip(log(select(isInside, p, p.constant(.ones(p.shape)))), to: -100...Double.infinity),
    p.constant(Tensor(-100)))
}

/// Independent yes/no cross-entropies: `binary-cross-entropy`, for one output or for several labels that do not exclude each
/// other.
///
/// With label smoothing ε a target t becomes s = (1 - ε) t + ε / 2, and with weights for no and yes an element costs
/// -(w_yes s log p + w_no (1 - s) log(1 - p)), in a mean that is weighted by w_yes t + w_no (1 - t): for one output the same as
/// ``CrossEntropyLoss`` of two classes.
public struct BinaryCrossEntropyLoss: ElementLossForm, ClassLossForm {
  /// ε, the share of each target that is spread evenly, from 0 to 1.
  public var labelSmoothing = 0.0
  /// The weights of no and of yes; empty for equal ones.
  public var classWeights: [Double] = []
  public let title = "binary-cross-entropy"
  public let otherNames = [
    "bce", "bce loss", "binary crossentropy", "logistic loss", "sigmoid cross entropy",
  ]
  public static let fields: [Field<Self>] = [
    .number("label_smoothing", \.labelSmoothing, in: .from(0, to: 1)),
    .value("class_weights", \.classWeights, "two weights above 0, for no and for yes") {
      $0.isEmpty || $0.count == 2 && $0.allSatisfy { $0 > 0 && $0.isFinite }
    },
  ]

  public init() {}

  public var targets: LossTargets { .shares }
  public var output: OutputFunction { .sigmoid }

  /// One output for no and yes; with three or more classes, each has its own output.
  public func classWeights(of classes: [Double], outputs: Int) -> [Double]? {
    classes.count == 2 ? classes : nil
  }

  public func callAsFunction<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    guard let (no, yes) = weights else {
      return binaryCrossEntropy(logits: outputs, targets: smoothed(targets))
    }
    requireSameShape(title, outputs, targets)
    return elements(outputs, targets).sum() / (targets * (yes - no) + no).sum()
  }

  public func elements<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    let shares = smoothed(targets)
    guard let (no, yes) = weights else { return softplus(outputs) - shares * outputs }
    return softplus(outputs) * (shares * (yes - no) + no) - shares * outputs * yes
  }

  public func callAsFunction<T: TensorProtocol>(read values: T, _ targets: T) -> T {
    requireSameShape(title, values, targets)
    let elements = elements(read: values, targets)
    guard let (no, yes) = weights else { return elements.mean() }
    return elements.sum() / (targets * (yes - no) + no).sum()
  }

  public func elements<T: TensorProtocol>(read values: T, _ targets: T) -> T {
    let shares = smoothed(targets)
    let (no, yes) = weights ?? (1, 1)
    return -(shares * yes * boundedLog(values) + (1 - shares) * no * boundedLog(1 - values))
  }

  /// The mean weight of the elements of each example.
  public func exampleWeights(_ targets: Tensor<Double>) -> [Double]? {
    guard let (no, yes) = weights else { return nil }
    let each = targets * (yes - no) + no
    return each.shape.rank < 2
      ? each.scalars : each.mean(alongAxes: Array(1..<each.shape.rank)).scalars
  }

  /// The logit of the weighted share of yes.
  public func constant(for targets: [Double]) -> Double {
    let share = (1 - labelSmoothing) * targets.mean + labelSmoothing / 2
    let (no, yes) = weights ?? (1, 1)
    let weighted = yes * share / (yes * share + no * (1 - share))
    let mean = Swift.min(Swift.max(weighted, 1e-300), 1 - 1e-16)
    return log(Tensor(mean / (1 - mean))).scalar
  }

  private var weights: (no: Double, yes: Double)? {
    classWeights.count == 2 ? (classWeights[0], classWeights[1]) : nil
  }

  private func smoothed<T: TensorProtocol>(_ targets: T) -> T {
    labelSmoothing == 0 ? targets : targets * (1 - labelSmoothing) + labelSmoothing / 2
  }
}
