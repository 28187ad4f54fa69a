/// Penalties on the weights in a cost: l1/m Σ|w| + l2/(2m) Σw² on m examples.
///
/// Weights are the parameters with at least two axes: biases, scales and shifts have one.
public struct WeightPenalty: Sendable, Hashable {
  /// The factors.
  public var l1: Double, l2: Double

  /// Penalties with these factors; 0 for none.
  public init(l1: Double = 0, l2: Double = 0) { (self.l1, self.l2) = (l1, l2) }

  /// A cost on `examples` examples plus the penalties on the weights among the parameters.
  public func added<T: TensorProtocol>(to loss: T, on parameters: [T], examples: Int) -> T {
    guard l1 != 0 || l2 != 0 else { return loss }
    let m = Double(examples)
    var cost = loss
    for weight in parameters where weight.shape.rank >= 2 {
      if l1 != 0 { cost = cost + abs(weight).sum() * (l1 / m) }
      if l2 != 0 { cost = cost + weight.squared().sum() * (l2 / (2 * m)) }
    }
    return cost
  }
}
