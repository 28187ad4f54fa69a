// Losses: means over the batch, computed so that no intermediate value overflows or loses its digits.

/// The mean of -log softmax(logits)[label] over the rows.
///
/// - Parameters:
///   - logits: `[..., classes]`, any real numbers.
///   - labels: A class number for each row, `[...]`, as whole numbers (see ``Tensor/init(classes:)``).
public func softmaxCrossEntropy<T: TensorProtocol>(_ logits: T, labels: T) -> T {
  // Not logSumExp(logits) - logits[label]: where logits are large both have lost the digits of their
  // difference, a thousandth at 10⁴ in Float.
  -logLikelihood(logits, of: labels).mean()
}

/// The mean of -Σ_k target_k log softmax(logits)_k over the rows, for targets that are distributions.
///
/// - Parameters:
///   - logits: `[..., classes]`.
///   - targets: Of the same shape; each row sums to one.
public func softmaxCrossEntropy<T: TensorProtocol>(_ logits: T, targets: T) -> T {
  requireSameShape("softmaxCrossEntropy", logits, targets)
  return -(targets * logSoftmax(logits)).sum(alongAxes: [-1]).mean()
}

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

/// The mean of (prediction - target)² over all elements.
public func meanSquaredError<T: TensorProtocol>(_ predictions: T, _ targets: T) -> T {
  requireSameShape("meanSquaredError", predictions, targets)
  return (predictions - targets).squared().mean()
}

/// A loss compares element with element: broadcasting here would hide a mistake.
private func requireSameShape<T: TensorProtocol>(_ loss: String, _ values: T, _ targets: T) {
  require(
    values.shape == targets.shape,
    "\(loss) compares values of shape \(values.shape) with targets of shape \(targets.shape)")
}
