import Foundation

/// Rates to try one after the other.
public enum LearningRates {
  /// `count` rates from `first` on, each a third of the one before (or three times it, with `factor` 3), to two digits as
  /// people write them: 0.54, 0.18, 0.06, 0.02, 0.0067.
  public static func ladder(from first: Double, count: Int, factor: Double = 1.0 / 3) -> [Double] {
    (0..<count).map { position in
      let rate = first * pow(factor, Double(position))
      return position == 0 ? first : Double(String(format: "%.1e", rate)) ?? rate
    }
  }
}
