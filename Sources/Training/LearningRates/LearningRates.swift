import Foundation
import Plumbline

/// Rates to try one after another.
public enum LearningRates {
  /// `count` different rates between two, ascending: drawn at random, evenly in their logarithms, to two digits or as many as
  /// needed to distinguish them, and the same at every call.
  public static func drawn(_ count: Int, from low: Double, to high: Double) -> [Double] {
    let key = Key(seed: 1)["rates"]
    for digits in 1..<15 {
      var rates: Set<Double> = []
      for draw in 0..<100 * count where rates.count < count {
        let rate = low * pow(high / low, key.uniform(at: draw))
        rates.insert(Double(String(format: "%.\(digits)e", rate)) ?? rate)
      }
      if rates.count == count { return rates.sorted() }
    }
    // There is nothing between two adjacent numbers.
    return low < high ? [low, high] : [low]
  }

  /// `count` rates from `first` on, each a third of the one before (or three times it, with `factor` 3), rounded to two digits as
  /// people write them: 0.54, 0.18, 0.06, 0.02, 0.0067.
  public static func ladder(from first: Double, count: Int, factor: Double = 1.0 / 3) -> [Double] {
    (0..<count).map { position in
      let rate = first * pow(factor, Double(position))
      return position == 0 ? first : Double(String(format: "%.1e", rate)) ?? rate
    }
  }
}
