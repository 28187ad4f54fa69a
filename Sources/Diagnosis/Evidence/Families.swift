import Findings

// The kinds of trouble that a training can have, next to `data`, which other modules know too.
extension Finding.Family {
  /// The network gives every example the same answer.
  public static let baseRate: Self = "base-rate"
  /// The signal grows or shrinks along the depth.
  public static let signal: Self = "signal"
  /// Units are dead or saturated.
  public static let units: Self = "units"
  /// The learning rate is too large or too small.
  public static let learningRate: Self = "learning-rate"
  /// Bias, variance, and when to stop.
  public static let fit: Self = "fit"
  /// Values that are infinite or NaN.
  public static let numbers: Self = "numbers"
}
