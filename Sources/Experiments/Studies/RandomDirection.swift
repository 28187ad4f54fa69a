import Plumbline

/// A random direction: `[1, width]` with mean square 1.
public func randomDirection<Scalar: TensorScalar>(_ width: Int, _ key: Key) -> Tensor<Scalar> {
  let values = Tensor<Scalar>([1, width], nearestTo: key.normal(width))
  return values / sqrt(values.squared().mean())
}
