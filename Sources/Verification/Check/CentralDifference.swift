/// A derivative by central differences, with a bound on its error.
///
/// The step is not guessed: over a ladder of steps, each halving gives the fourth-order extrapolation (4 D(h/2) - D(h)) / 3 and an
/// estimate of its error: how far it is from the difference and from the extrapolation before it, plus the rounding of two function
/// values over the step. The rung with the smallest estimate wins. A gradient is called wrong only where it differs by more than
/// the estimate explains.
public struct CentralDifference: Sendable, Hashable {
  /// The derivative.
  public let derivative: Double
  /// A bound on its error, from truncation and rounding.
  public let predictedError: Double
  /// The step that was chosen.
  public let step: Double

  /// The derivative at 0 of a function of one number.
  ///
  /// - Parameters:
  ///   - scale: The length over which the function is expected to vary.
  ///   - magnitude: The size of the terms that the function adds up, if they may cancel in its value: its rounding is
  ///     measured by them.
  ///   - function: Called with small numbers of both signs.
  public init(scale: Double = 1, magnitude: Double = 0, of function: (Double) -> Double) {
    let ladder = DifferenceLadder(scale: scale) { step in
      let (above, below) = (function(step), function(-step))
      // A value computed from many terms carries a few units in its last place.
      let rounding = 16 * 0x1p-52 * Swift.max(abs(above), abs(below), magnitude) / step
      return ((above - below) / (2 * step), rounding)
    }
    self.init(derivative: ladder.slope, predictedError: ladder.error, step: ladder.step)
  }

  private init(derivative: Double, predictedError: Double, step: Double) {
    self.derivative = derivative
    self.predictedError = predictedError
    self.step = step
  }
}

/// Differences with steps that halve, of a scheme whose error falls with the square of the step: the
/// extrapolation with the smallest estimate of its error.
struct DifferenceLadder {
  private(set) var slope = Double.nan
  private(set) var error = Double.infinity
  private(set) var step: Double

  /// - Parameter difference: The slope for one step and its rounding error; NaN where the step may not be
  ///   taken.
  init(scale: Double, _ difference: (Double) -> (slope: Double, rounding: Double)) {
    step = scale * 0x1p-3
    var tried = step
    var previous = difference(tried)
    var previousExtrapolated = Double.infinity
    for _ in 0..<20 {
      tried /= 2
      let current = difference(tried)
      let extrapolated = (4 * current.slope - previous.slope) / 3
      // Either change alone vanishes by coincidence at some step, near a zero of the third derivative for
      // example, where the error does not.
      let change = Swift.max(
        abs(extrapolated - current.slope), abs(extrapolated - previousExtrapolated))
      let estimate = change / 4 + 2 * current.rounding + 0x1p-40 * abs(extrapolated)
      if estimate.isFinite, estimate < error {
        (slope, error, step) = (extrapolated, estimate, tried)
      }
      previous = current
      previousExtrapolated = extrapolated.isFinite ? extrapolated : .infinity
    }
    if !error.isFinite { step = tried }
  }
}
