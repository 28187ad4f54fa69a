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

  /// The values of a tensor: `float32` for Float, `float64` for every other scalar.
  ///
  /// - Complexity: O(number of values).
  public init<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) {
    if let tensor = tensor as? Tensor<Float> {
      self.init(tensor.shape.extents, tensor.scalars)
    } else {
      self.init(tensor.shape.extents, Tensor<Double>(converting: tensor).scalars)
    }
  }
}
