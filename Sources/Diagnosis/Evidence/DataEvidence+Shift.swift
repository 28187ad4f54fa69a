import Foundation
import Plumbline

extension DataEvidence.Shift {
  /// The largest shift of each set, where it is beyond chance and large: by half a standard deviation, or a spread half as
  /// large again, or two thirds as large.
  ///
  /// Features that vary less than the middle one are left out: the rim of pictures is other in every sample. At most 1024
  /// examples of a set are looked at, and fewer of large ones. Complexity: O(values).
  static func largest<Scalar: TrainableScalar>(
    _ train: Tensor<Scalar>, _ others: [Tensor<Scalar>]
  ) -> [DataEvidence.Shift] {
    let own = Moments(train)
    guard let widest = own.deviations.max(), widest > 0, widest.isFinite else { return [] }
    let varying = own.deviations.filter { $0 > 1e-6 * widest }.sorted()
    let middle = varying[(varying.count - 1) / 2]
    return others.enumerated().compactMap { set, features in
      let other = Moments(features)
      var worst: (size: Double, feature: Int)?
      for feature in own.means.indices where own.deviations[feature] >= middle {
        let size = size(own, other, feature)
        if size > worst?.size ?? 1 { worst = (size, feature) }
      }
      return worst.map {
        DataEvidence.Shift(
          set: set, feature: $0.feature, mean: own.means[$0.feature],
          deviation: own.deviations[$0.feature], otherMean: other.means[$0.feature],
          otherDeviation: other.deviations[$0.feature])
      }
    }
  }

  /// How many times a shift is as large as one that is told; 0 for what chance explains.
  private static func size(_ own: Moments, _ other: Moments, _ feature: Int) -> Double {
    let (a, b) = (own.deviations[feature], other.deviations[feature])
    let distance = abs(own.means[feature] - other.means[feature])
    let chance = (a * a / own.count + b * b / other.count).squareRoot()
    let mean = distance > 6 * chance ? distance / (0.5 * a) : 0
    guard b > 0 else { return other.count >= 30 ? .infinity : mean }
    // The logarithm of a normal sample's deviation varies by 1/√(2n); heavy tails by a few times as much.
    let ratio = abs(log(a / b))
    let noise = (0.5 / own.count + 0.5 / other.count).squareRoot()
    return max(mean, ratio > 12 * noise ? ratio / log(1.5) : 0)
  }

  /// Means and standard deviations of features.
  private struct Moments {
    let means: [Double]
    let deviations: [Double]
    let count: Double

    init<Scalar: TrainableScalar>(_ features: Tensor<Scalar>) {
      let all = features.shape[0]
      let width = features.count / all
      let number = min(all, 1024, max(64, (1 << 22) / max(width, 1)))
      let rows = (0..<number).map { $0 * all / number }
      let chosen = features.selectingRows(rows).reshaped(to: [number, width])
      let mean = chosen.mean(alongAxes: [0], keepingAxes: true)
      means = mean.scalars.map(\.real)
      deviations = (chosen - mean).squared().mean(alongAxes: [0]).scalars.map {
        $0.real.squareRoot()
      }
      count = Double(number)
    }
  }
}
