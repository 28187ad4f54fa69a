/// Huber's loss: `huber`. With d = prediction - target it is d² / 2 where |d| <= delta and delta (|d| - delta / 2) beyond: the mean
/// over all elements, as in PyTorch. Source: Huber, Ann. Math. Statist. 35, 1964.
public struct HuberLoss: ElementLossForm {
  /// The distance at which the square ends.
  public var delta = 1.0
  public let title = "huber"
  public static let fields: [Field<Self>] = [.number("delta", \.delta, in: .above(0))]

  public init() {}

  public func elements<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    let difference = outputs - targets
    let clipped = clip(difference, to: -delta...delta)
    return clipped * (difference - clipped * 0.5)
  }

  /// Where the clipped differences add up to 0, by bisection.
  public func constant(for targets: [Double]) -> Double {
    var (low, high) = (targets.min() ?? 0, targets.max() ?? 0)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      let pull = targets.reduce(0) { $0 + Swift.min(Swift.max(middle - $1, -delta), delta) }
      if pull > 0 { high = middle } else { low = middle }
    }
    return low + (high - low) / 2
  }
}
