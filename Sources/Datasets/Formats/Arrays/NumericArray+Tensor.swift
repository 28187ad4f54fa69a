import Plumbline

extension NumericArray {
  /// The array as a tensor of the same shape, each element the nearest to its value.
  ///
  /// - Complexity: O(``count``).
  public func tensor<Scalar: TensorScalar>() -> Tensor<Scalar> {
    let shape = Shape(self.shape)
    if Scalar.self == Float.self,
      let tensor = Tensor<Float>(shape, floats()) as? Tensor<Scalar>
    {
      return tensor
    }
    return Tensor(shape, nearestTo: doubles())
  }
}
