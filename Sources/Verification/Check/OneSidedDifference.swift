/// A derivative from values on one side of a point only, with a bound on its error.
///
/// The point itself is not used: where a function has a kink or a step there, this is the slope of the piece that
/// begins at the point. Three values at h, 2h and 3h give the slope at 0 to O(h²); the step is chosen as in
/// ``CentralDifference``.
public struct OneSidedDifference: Sendable, Hashable {
  /// The side of the point that the values come from.
  public enum Side: Double, Sendable {
    /// Smaller arguments.
    case left = -1
    /// Larger arguments.
    case right = 1
  }

  /// The derivative.
  public let derivative: Double
  /// A bound on its error, from truncation and rounding.
  public let predictedError: Double
  /// The step that was chosen.
  public let step: Double

  /// The slope at 0 of a function's piece on one side.
  ///
  /// - Parameters:
  ///   - side: The side that the values are taken from.
  ///   - scale: The length over which the function is expected to vary.
  ///   - magnitude: The size of the terms that the function adds up, if they may cancel in its value.
  ///   - function: Called only with numbers on that side.
  public init(
    _ side: Side, scale: Double = 1, magnitude: Double = 0, of function: (Double) -> Double
  ) {
    let ladder = DifferenceLadder(scale: scale / 4) { step in
      let step = step * side.rawValue
      let (near, middle, far) = (function(step), function(2 * step), function(3 * step))
      let rounding =
        128 * 0x1p-52 * Swift.max(abs(near), abs(middle), abs(far), magnitude) / abs(step)
      return ((8 * middle - 5 * near - 3 * far) / (2 * step), rounding)
    }
    derivative = ladder.slope
    predictedError = ladder.error
    step = ladder.step
  }
}
