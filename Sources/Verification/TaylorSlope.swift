import Foundation

/// The order with which the remainder |f(h) - f(0) - h f'(0)| goes to 0: 2 (or more) where the
/// derivative is right, 1 where it is wrong.
public struct TaylorSlope: Sendable, Hashable {
  /// The order; `nil` where the remainder is rounding from the first step on, as for a linear function.
  public let order: Double?

  /// Whether the derivative is right.
  public var isRight: Bool { order.map { $0 > 1.5 } ?? true }

  /// The order for a function of one number and its claimed derivative at 0.
  public init(derivative: Double, scale: Double = 1, of function: (Double) -> Double) {
    let start = function(0)
    var remainders: [(step: Double, value: Double)] = []
    var step = scale * 0x1p-2
    for _ in 0..<24 {
      let value = function(step)
      // Below this the remainder is what rounding leaves of it.
      let floor = 256 * 0x1p-52 * (abs(value) + abs(start) + abs(step * derivative))
      let remainder = abs(value - start - step * derivative)
      guard remainder.isFinite else {
        order = 0
        return
      }
      if remainder > floor { remainders.append((step, remainder)) }
      step /= 2
    }
    // The smallest steps show the leading term; two octaves apart, so that noise counts little.
    guard let last = remainders.last,
      let first = remainders.last(where: { $0.step >= 4 * last.step })
    else {
      order = nil
      return
    }
    order = log(first.value / last.value) / log(first.step / last.step)
  }
}
