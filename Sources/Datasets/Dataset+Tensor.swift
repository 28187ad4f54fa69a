import Plumbline

extension Dataset {
  /// All features as a matrix `[examples, features]`.
  ///
  /// - Complexity: O(number of features), a copy.
  public func featureMatrix<Scalar: TensorScalar>() -> Tensor<Scalar> {
    let matrix = Tensor<Float>([exampleCount, featureCount], features)
    return matrix as? Tensor<Scalar> ?? Tensor(converting: matrix)
  }

  /// The classes as a vector of whole numbers, as the losses take them.
  public func labelVector<Scalar: TensorScalar>() -> Tensor<Scalar> { Tensor(classes: labels) }
}
