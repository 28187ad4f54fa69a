// Derivatives of functions: each records its own tape, queries it and releases it.

/// The value of `function` at `point` and its gradient there. The value must be a single number.
public func valueWithGradient<Scalar>(
  at point: Tensor<Scalar>, of function: (Variable<Scalar>) -> Variable<Scalar>
) -> (value: Scalar, gradient: Tensor<Scalar>) {
  let tape = Tape<Scalar>()
  let x = tape.variable(point)
  let y = function(x)
  return (y.scalar, tape.gradients(of: y)[x])
}

/// The gradient of `function` at `point`. The value must be a single number.
public func gradient<Scalar>(
  at point: Tensor<Scalar>, of function: (Variable<Scalar>) -> Variable<Scalar>
) -> Tensor<Scalar> {
  valueWithGradient(at: point, of: function).gradient
}

/// The vector-Jacobian product: the value of `function`, and the linear map that takes a weighting of its
/// output (of the output's shape) to the gradient (of the input's).
public func vjp<Scalar>(
  at point: Tensor<Scalar>, of function: (Variable<Scalar>) -> Variable<Scalar>
) -> (value: Tensor<Scalar>, pullback: (Tensor<Scalar>) -> Tensor<Scalar>) {
  let tape = Tape<Scalar>()
  let x = tape.variable(point)
  let y = function(x)
  return (y.value, { tape.gradients(of: y, seed: $0)[x] })
}

/// The Jacobian-vector product: the value of `function` and its derivative along `tangent`, both of the
/// output's shape.
///
/// The pullback is linear in its argument u, and the gradient of ⟨Jᵀu, v⟩ with respect to u is J v: two
/// reverse passes yield a forward one (J. Townsend, "A new trick for calculating Jacobian vector
/// products", 2017). For a function written over ``TensorProtocol``, ``jvp(at:along:evaluating:)`` needs one evaluation
/// with dual numbers and is independent of the pullbacks.
public func jvp<Scalar>(
  at point: Tensor<Scalar>, along tangent: Tensor<Scalar>,
  of function: (Variable<Scalar>) -> Variable<Scalar>
) -> (value: Tensor<Scalar>, tangent: Tensor<Scalar>) {
  require(
    point.shape == tangent.shape,
    "a tangent of shape \(tangent.shape) at a point of shape \(point.shape)")
  let tape = Tape<Scalar>()
  let x = tape.variable(point)
  let y = function(x)
  let u = tape.variable(.zeros(y.shape), name: "weighting")
  let pulledBack = tape.gradients(of: y, withRespectTo: [x], seed: u)[0]
  let product = (pulledBack * tape.constant(tangent)).sum()
  return (y.value, tape.gradients(of: product)[u])
}

/// A function that can be evaluated on any kind of tensor: plain, recorded or of dual numbers.
public protocol TensorFunction: Sendable {
  /// The value.
  func callAsFunction<T: TensorProtocol>(_ input: T) -> T
}

/// The value of `function` and its exact derivative along `tangent`, by one evaluation with dual numbers.
public func jvp<Scalar>(
  at point: Tensor<Scalar>, along tangent: Tensor<Scalar>, evaluating function: some TensorFunction
) -> (value: Tensor<Scalar>, tangent: Tensor<Scalar>) {
  let result = function(point.dual(tangent: tangent))
  return (result.value(), result.tangent())
}

/// The second derivative of `function` (a single number) at `point`, times `vector`.
public func hessianVectorProduct<Scalar>(
  at point: Tensor<Scalar>, along vector: Tensor<Scalar>,
  of function: (Variable<Scalar>) -> Variable<Scalar>
) -> Tensor<Scalar> {
  require(
    point.shape == vector.shape, "a vector of shape \(vector.shape) at a point of \(point.shape)")
  let tape = Tape<Scalar>()
  let x = tape.variable(point)
  let gradient = tape.gradients(of: function(x), withRespectTo: [x])[0]
  return tape.gradients(of: (gradient * tape.constant(vector)).sum())[x]
}

/// All first derivatives of `function` at `point`, of shape output shape + input shape. One reverse pass
/// for each output element: for small functions.
public func jacobian<Scalar>(
  at point: Tensor<Scalar>, of function: (Variable<Scalar>) -> Variable<Scalar>
) -> Tensor<Scalar> {
  let (value, pullback) = vjp(at: point, of: function)
  let shape = Shape(value.shape.extents + point.shape.extents)
  let rows = unitTensors(value.shape).map { pullback($0) as Tensor<Scalar> }
  return rows.isEmpty
    ? .zeros(shape) : Tensor.concatenate(rows.map { $0.flattened() }).reshaped(to: shape)
}

/// All second derivatives of `function` (a single number) at `point`, of shape input shape + input shape.
/// For small functions.
public func hessian<Scalar>(
  at point: Tensor<Scalar>, of function: (Variable<Scalar>) -> Variable<Scalar>
) -> Tensor<Scalar> {
  jacobian(at: point) { x in
    x.tape.gradients(of: function(x), withRespectTo: [x])[0]
  }
}

private func unitTensors<Scalar>(_ shape: Shape) -> [Tensor<Scalar>] {
  (0..<shape.elementCount).map { position in
    Tensor(shape) { target in
      target.update(repeating: Scalar(0), count: shape.elementCount)
      target[position] = Scalar(1)
    }
  }
}

extension TensorProtocol {
  /// The same values as a vector.
  public func flattened() -> Self { reshaped(to: [shape.elementCount]) }
}
