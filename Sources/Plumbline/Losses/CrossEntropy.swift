/// The mean of -log softmax(logits)[label] over the rows.
///
/// - Parameters:
///   - logits: `[..., classes]`, any real numbers.
///   - labels: A class number for each row, `[...]`, as whole numbers (see ``Tensor/init(classes:)``).
public func softmaxCrossEntropy<T: TensorProtocol>(_ logits: T, labels: T) -> T {
  // Not logSumExp(logits) - logits[label]: for large logits, both have lost the digits of their difference, a thousandth at 10⁴ in
  // Float.
  -logLikelihood(logits, of: labels).mean()
}

/// The mean of -Σ_k target_k log softmax(logits)_k over the rows, for targets that are distributions.
///
/// - Parameters:
///   - logits: `[..., classes]`.
///   - targets: The targets, in the same shape; each row sums to one.
public func softmaxCrossEntropy<T: TensorProtocol>(_ logits: T, targets: T) -> T {
  requireSameShape("softmaxCrossEntropy", logits, targets)
  return -(targets * logSoftmax(logits)).sum(alongAxes: [-1]).mean()
}

/// The cross-entropy of mutually exclusive classes: `cross-entropy`.
///
/// With weights w of the classes and label smoothing ε it is PyTorch's: the mean, over the examples and weighted by each one's
/// class, of (1 - ε) · -log p_y + ε / K · Σ_k w_k / w_y · -log p_k; a target distribution counts for each class by its share.
/// Source of the smoothing: Szegedy et al., arXiv:1512.00567.
public struct CrossEntropyLoss: ClassLossForm {
  /// ε, the share of each target that is spread over all classes, from 0 to 1.
  public var labelSmoothing = 0.0
  /// The weight of each class; empty for equal ones.
  public var classWeights: [Double] = []
  public let title = "cross-entropy"
  public let otherNames = [
    "ce", "xent", "cce", "categorical crossentropy", "sparse categorical crossentropy",
    "softmax cross entropy", "softmax loss", "cross entropy loss", "nll", "negative log likelihood",
    "log loss",
  ]
  public static let fields: [Field<Self>] = [
    .number("label_smoothing", \.labelSmoothing, in: .from(0, to: 1)),
    .value("class_weights", \.classWeights, "a weight of 0 or more per class") {
      $0.allSatisfy { $0 >= 0 && $0.isFinite } && ($0.isEmpty || $0.contains { $0 > 0 })
    },
  ]

  public init() {}

  public var targets: LossTargets { .classes }
  public var output: OutputFunction { .softmax }

  public func callAsFunction<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    let areLabels = targets.shape.rank < outputs.shape.rank
    if labelSmoothing == 0 && classWeights.isEmpty {
      return areLabels
        ? softmaxCrossEntropy(outputs, labels: targets)
        : softmaxCrossEntropy(outputs, targets: targets)
    }
    return mean(ofLogarithms: logSoftmax(outputs), targets)
  }

  public func callAsFunction<T: TensorProtocol>(read values: T, _ targets: T) -> T {
    mean(ofLogarithms: log(values), targets)
  }

  public func elements<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    -(weighted(targets) * logSoftmax(outputs))
  }

  public func elements<T: TensorProtocol>(read values: T, _ targets: T) -> T {
    -(weighted(targets) * log(values))
  }

  private func mean<T: TensorProtocol>(ofLogarithms logs: T, _ targets: T) -> T {
    let areLabels = targets.shape.rank < logs.shape.rank
    let shares = areLabels ? targets.oneHot(classes: logs.shape[-1]) : targets
    if !areLabels { requireSameShape("the cross-entropy", logs, targets) }
    let losses = -(weighted(shares) * logs).sum(alongAxes: [-1])
    // PyTorch's mean is weighted if the targets are labels, but not if they are distributions.
    guard areLabels, !classWeights.isEmpty else { return losses.mean() }
    return losses.sum() / (shares * weights(like: logs)).sum()
  }

  /// Outputs beyond the classes have no examples to weight, and count 1.
  public func classWeights(of classes: [Double], outputs: Int) -> [Double]? {
    (0..<outputs).map { classes.indices.contains($0) ? classes[$0] : 1 }
  }

  /// The weights of the labels' classes; distributions have equal weights.
  public func exampleWeights(_ targets: Tensor<Double>) -> [Double]? {
    guard !classWeights.isEmpty, targets.shape.rank == 1 else { return nil }
    return targets.scalars.map { classWeights[Int($0)] }
  }

  public func examples<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    let shares =
      targets.shape.rank < outputs.shape.rank
      ? targets.oneHot(classes: outputs.shape[-1]) : targets
    return -(weighted(shares) * logSoftmax(outputs)).sum(alongAxes: [-1])
  }

  /// The logarithms of the classes' weighted shares.
  public func constant(for targets: Tensor<Double>, outputs: Int) -> [Double] {
    let shares = targets.shape.rank == 1 ? targets.oneHot(classes: outputs) : targets
    var rates = smoothed(shares).mean(alongAxes: [0]).scalars
    if !classWeights.isEmpty { rates = zip(rates, classWeights).map { $0 * $1 } }
    let logs = log(Tensor(rates.map { Swift.max($0, 1e-300) }))
    return logs.scalars
  }

  /// The factor of each logarithm.
  private func weighted<T: TensorProtocol>(_ shares: T) -> T {
    classWeights.isEmpty ? smoothed(shares) : smoothed(shares) * weights(like: shares)
  }

  private func smoothed<T: TensorProtocol>(_ shares: T) -> T {
    if labelSmoothing == 0 { return shares }
    return shares * (1 - labelSmoothing) + labelSmoothing / Double(shares.shape[-1])
  }

  private func weights<T: TensorProtocol>(like outputs: T) -> T {
    require(
      classWeights.count == outputs.shape[-1],
      "\(classWeights.count) class weights for \(outputs.shape[-1]) classes")
    return outputs.constant(Tensor([classWeights.count], nearestTo: classWeights))
  }
}
