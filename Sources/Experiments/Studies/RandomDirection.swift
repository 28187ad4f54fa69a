import Plumbline

/// A random direction, or several: `[rows, width]` with mean square 1.
public func randomDirection<Scalar: TensorScalar>(
  _ width: Int, rows: Int = 1, _ key: Key
) -> Tensor<Scalar> {
  let values = Tensor<Scalar>([rows, width], nearestTo: key.normal(rows * width))
  return values / sqrt(values.squared().mean())
}
