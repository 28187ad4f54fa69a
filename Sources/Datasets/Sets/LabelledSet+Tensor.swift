import Plumbline

extension LabelledSet {
  /// All features as a matrix `[examples, features]`, scaled.
  ///
  /// - Complexity: O(number of features).
  public func featureMatrix<Scalar: TensorScalar>() -> Tensor<Scalar> {
    let shape: Shape = [exampleCount, featureCount]
    if Scalar.self == Float.self, let matrix = Tensor(shape, floats()) as? Tensor<Scalar> {
      return matrix
    }
    let values = features.doubles()
    return Tensor(shape, nearestTo: divisor == 1 ? values : values.map { $0 / divisor })
  }

  /// The targets: a vector `[examples]` of classes as whole numbers, or a matrix of values
  /// `[examples, outputs]`.
  ///
  /// - Complexity: O(number of targets).
  public func targetTensor<Scalar: TensorScalar>() -> Tensor<Scalar> {
    switch targets {
    case .classes(let labels, _, _): Tensor(classes: labels)
    case .values(let values):
      values.reshaped(to: [exampleCount, values.count / max(1, exampleCount)]).tensor()
    }
  }
}
