/// The mean of (prediction - target)² over all elements.
public func meanSquaredError<T: TensorProtocol>(_ predictions: T, _ targets: T) -> T {
  requireSameShape("meanSquaredError", predictions, targets)
  return (predictions - targets).squared().mean()
}

/// The mean squared error: `mse`.
public struct MeanSquaredErrorLoss: ElementLossForm {
  public let title = "mse"
  public let otherNames = [
    "mean squared error", "squared error", "mse loss", "l2 loss", "sse", "quadratic",
    "least squares", "euclidean",
  ]

  public init() {}

  public func callAsFunction<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    meanSquaredError(outputs, targets)
  }

  public func elements<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    (outputs - targets).squared()
  }

  /// The mean.
  public func constant(for targets: [Double]) -> Double { targets.mean }
}
