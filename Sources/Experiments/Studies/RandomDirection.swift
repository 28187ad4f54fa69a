import Plumbline

/// A random direction, or several: `[rows, width]` with mean square 1.
public func randomDirection<Scalar: TensorScalar>(
  _ width: Int, rows: Int = 1, _ key: Key
) -> Tensor<Scalar> {
  let values: Tensor<Scalar> = key.normalTensor([rows, width])
  return values / sqrt(values.squared().mean())
}

extension Key {
  /// A tensor of independent values of N(0, 1), those of `normal(_:)` in the order of the elements.
  public func normalTensor<Scalar: TensorScalar>(_ shape: Shape) -> Tensor<Scalar> {
    Tensor(shape, nearestTo: normal(shape.elementCount))
  }
}
