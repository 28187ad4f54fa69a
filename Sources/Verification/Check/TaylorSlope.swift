import Foundation

/// The order with which the remainder |f(h) - f(0) - h f'(0)| goes to 0: 2 (or more) where the
/// derivative is right, 1 where it is wrong.
public struct TaylorSlope: Sendable, Hashable {
  /// The order; `nil` if the remainder is rounding from the first steps on, as for a linear function.
  /// Where the function is linear next to a kink, a lower bound from the last decrease.
  public let order: Double?

  /// Whether the derivative is right.
  public var isRight: Bool { order.map { $0 > 1.5 } ?? true }

  /// The order for a function of one number and its claimed derivative at 0.
  ///
  /// - Parameters:
  ///   - derivative: The claimed derivative at 0.
  ///   - scale: The length over which the function is expected to vary.
  ///   - magnitude: The size of the terms that the function adds up, if they may cancel in its value: its rounding is
  ///     measured by them.
  ///   - function: Called with small numbers of both signs.
  public init(
    derivative: Double, scale: Double = 1, magnitude: Double = 0, of function: (Double) -> Double
  ) {
    let start = function(0)
    var remainders: [(step: Double, value: Double)] = []
    // How fast, at least, the remainder falls from the last value above rounding to the next below.
    var fall = 0.0
    var roundingInSuccession = 0
    var sawFiniteValue = false
    var step = scale * 0x1p-2
    for _ in 0..<24 {
      defer { step /= 2 }
      let value = function(step)
      let remainder = abs(value - start - step * derivative)
      // A large step may leave the domain of the function.
      guard remainder.isFinite else { continue }
      sawFiniteValue = true
      // Below this, the remainder is mostly rounding.
      let floor =
        256 * 0x1p-52 * (abs(value) + abs(start) + abs(step * derivative) + magnitude)
      if remainder > floor {
        remainders.append((step, remainder))
        roundingInSuccession = 0
        continue
      }
      roundingInSuccession += 1
      if roundingInSuccession == 1, let last = remainders.last {
        fall = log(last.value / floor) / log(last.step / step)
      }
      // Twice is not a coincidence. Still smaller steps show rounding only, which can exceed what the value's own size suggests if
      // terms cancel in it.
      if roundingInSuccession == 2 { break }
    }
    guard sawFiniteValue else {
      order = 0
      return
    }
    // The smallest steps show the leading term; two octaves apart, so that noise counts little.
    guard let last = remainders.last,
      let first = remainders.last(where: { $0.step >= 4 * last.step })
    else {
      order = nil
      return
    }
    // A wrong derivative's remainder halves with the step and so nears rounding slowly. One that falls
    // from far above it within a step belongs to a kink that the larger steps had crossed.
    let order = log(first.value / last.value) / log(first.step / last.step)
    self.order = roundingInSuccession > 0 ? max(order, fall) : order
  }
}
