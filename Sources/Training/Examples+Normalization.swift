import Datasets
import Plumbline

extension Normalization {
  /// The statistics of training examples, `[examples]` and the shape of one; computed in Double.
  ///
  /// - Complexity: O(number of features).
  public init<Scalar>(fitting examples: Examples<Scalar>, scope: Scope) {
    let rows = Tensor<Double>(converting: examples.features)
      .reshaped(
        to: scope == .global
          ? [examples.features.count, 1]
          : [examples.count, examples.features.count / examples.count])
    let mean = rows.mean(alongAxes: [0])
    let variance = (rows - mean).squared().mean(alongAxes: [0])
    self.init(
      scope: scope, mean: mean.scalars,
      standardDeviation: variance.scalars.map { $0 > 0 ? $0.squareRoot() : 1 })
  }
}

extension Examples {
  /// The examples with every feature shifted and scaled by statistics, which were fitted on the training set.
  ///
  /// - Complexity: O(number of features).
  public func normalized(by normalization: Normalization) -> Examples {
    let width = normalization.mean.count
    let rows = Tensor<Double>(converting: features)
      .reshaped(to: normalization.scope == .global ? [features.count, 1] : [count, width])
    let shifted = rows - Tensor([1, width], normalization.mean)
    let scaled = shifted / Tensor([1, width], normalization.standardDeviation)
    return Examples(
      features: Tensor(converting: scaled.reshaped(to: features.shape)), targets: targets,
      pictures: pictures)
  }
}
