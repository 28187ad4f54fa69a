import Foundation

/// Mean-field theory of plain tanh nets: the energy of the layers' values before tanh, and the scale ξ over which two inputs become alike,
/// at weights of variance σ²/n and biases of variance ``biasVariance``.
///
/// Source: Schoenholz et al. 2017 (arXiv:1611.01232).
enum TanhMeanField {
  /// The variance of the biases.
  static let biasVariance = 0.05

  /// The mean of a function of a standard Gaussian value, by rectangles, which converge faster than any power for it.
  private static func mean(_ function: (Double) -> Double) -> Double {
    let step = 1.0 / 16
    return stride(from: -8.0, through: 8, by: step).reduce(0) {
      $0 + function($1) * exp(-$1 * $1 / 2)
    } * step / (2 * Double.pi).squareRoot()
  }

  /// The energy that the layers' values tend to.
  static func fixedEnergy(_ variance: Double) -> Double {
    (0..<400).reduce(1.0) { energy, _ in
      variance * mean { pow(Foundation.tanh(energy.squareRoot() * $0), 2) } + biasVariance
    }
  }

  /// 1/ξ at the fixed point 1; negative if that is unstable.
  static func rate(_ variance: Double) -> Double {
    let root = fixedEnergy(variance).squareRoot()
    return -Foundation.log(variance * mean { pow(cosh(root * $0), -4) })
  }

  /// ln(1 - c) after each layer by the recursion, from values of the fixed energy with correlation 0.6.
  static func logDistances(variance: Double) -> [Double] {
    let energy = fixedEnergy(variance)
    let root = energy.squareRoot()
    var correlation = 0.6
    return [Foundation.log(0.4)]
      + (0..<60).map { _ in
        let rest = max(0, 1 - correlation * correlation).squareRoot()
        let product = mean { first in
          Foundation.tanh(root * first)
            * mean { Foundation.tanh(root * (correlation * first + rest * $0)) }
        }
        correlation = (variance * product + biasVariance) / energy
        return Foundation.log(max(1 - correlation, 1e-300))
      }
  }
}
