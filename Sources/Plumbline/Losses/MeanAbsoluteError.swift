/// The mean of |prediction - target| over all elements: `mae`. It has kinks where they are equal.
public struct MeanAbsoluteErrorLoss: ElementLossForm {
  public let title = "mae"
  public let otherNames = [
    "mean absolute error", "absolute error", "l1 loss",
  ]

  public init() {}

  public func elements<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    abs(outputs - targets)
  }

  /// The median.
  public func constant(for targets: [Double]) -> Double {
    let sorted = targets.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
