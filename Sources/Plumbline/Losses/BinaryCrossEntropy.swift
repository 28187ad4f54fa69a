/// The mean of -(t log s + (1 - t) log(1 - s)) with s = sigmoid(logit), written as softplus(z) - t z.
///
/// - Parameters:
///   - logits: Any shape, any real numbers.
///   - targets: Of the same shape, from 0 to 1.
public func binaryCrossEntropy<T: TensorProtocol>(logits: T, targets: T) -> T {
  requireSameShape("binaryCrossEntropy", logits, targets)
  return (softplus(logits) - targets * logits).mean()
}

/// The mean of -(t log p + (1 - t) log(1 - p)).
///
/// The logarithms are bounded below by -100, as PyTorch bounds them, so that a probability of exactly 0 or 1
/// gives a large loss and no infinity; there the gradient is 0. Prefer the form on logits.
///
/// - Parameters:
///   - probabilities: Any shape, from 0 to 1.
///   - targets: Of the same shape, from 0 to 1.
public func binaryCrossEntropy<T: TensorProtocol>(probabilities: T, targets: T) -> T {
  requireSameShape("binaryCrossEntropy", probabilities, targets)
  let floor = -100.0...Double.infinity
  // Where the bound acts, the logarithm is taken of 1, so that no infinite slope meets the zero one.
  func boundedLog(_ p: T) -> T {
    let isInside = compare(p, .greater, p.constant(Tensor(0)))
    return select(
      isInside, clip(log(select(isInside, p, p.constant(.ones(p.shape)))), to: floor),
      p.constant(Tensor(-100)))
  }
  let yes = targets * boundedLog(probabilities)
  let no = (1 - targets) * boundedLog(1 - probabilities)
  return -(yes + no).mean()
}

/// The cross-entropy of yes and no, one by one: `binary-cross-entropy`, for one output or for many labels that do not exclude each
/// other.
public struct BinaryCrossEntropyLoss: ElementLossForm {
  public let title = "binary-cross-entropy"

  public init() {}

  public var targets: LossTargets { .shares }
  public var output: OutputFunction { .sigmoid }

  public func callAsFunction<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    binaryCrossEntropy(logits: outputs, targets: targets)
  }

  public func elements<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    softplus(outputs) - targets * outputs
  }

  /// The logit of the mean.
  public func constant(for targets: [Double]) -> Double {
    let mean = Swift.min(Swift.max(targets.mean, 1e-300), 1 - 1e-16)
    return log(Tensor(mean / (1 - mean))).scalar
  }
}
