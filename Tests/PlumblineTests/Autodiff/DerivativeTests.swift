import Plumbline
import TestSupport
import Testing

/// A random smooth function of a matrix: a chain of operations drawn from a key.
private struct RandomFunction: TensorFunction {
  let key: Key
  let shape: Shape

  init(_ trial: Trial) {
    key = trial.key["function"]
    shape = trial.key["shape"].shape(rank: 2...2, extents: 1...3)
  }

  func callAsFunction<T: TensorProtocol>(_ input: T) -> T {
    var x = input
    for step in 0..<5 {
      let size = x.shape[-1]
      let weight = key["weight"][step].tensor([size, size])
      switch key["step"][step].integer(in: 0...8) {
      case 0: x = tanh(x)
      case 1: x = sigmoid(x) * x
      case 2: x = matmul(x, x.constant(Tensor(converting: weight)))
      case 3: x = softmax(x) + x
      case 4: x = exp(x.squared() * -0.5)
      case 5: x = x / (x.squared() + 1)
      case 6: x = x - x.logSumExp(alongAxes: [0], keepingAxes: true)
      case 7: x = T.concatenate([x, sqrt(x.squared() + 1)], alongAxis: 0).transposed()
      default: x = x * x.mean(alongAxes: [0], keepingAxes: true)
      }
    }
    return x
  }
}

@Suite("Derivatives of functions")
struct DerivativeTests {
  private struct Draw {
    let function: RandomFunction
    let point: Tensor<Double>
    let tangent: Tensor<Double>

    init(_ trial: Trial) {
      function = RandomFunction(trial)
      point = trial.key["point"].tensor(function.shape)
      tangent = trial.key["tangent"].tensor(function.shape)
    }

    func record(_ x: Variable<Double>) -> Variable<Double> { function(x) }

    /// The function's values added up with a weighting, so that it has a Hessian.
    func number<Scalar>(_ x: Variable<Scalar>) -> Variable<Scalar> {
      let y = function(x)
      let weights = Tensor<Double>.indices(y.shape.elementCount).reshaped(to: y.shape) + 0.5
      return (y * y.constant(Tensor(converting: weights))).sum()
    }
  }

  private func expectClose(
    _ left: Tensor<Double>, _ right: Tensor<Double>, _ tolerance: Double, _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let size = Swift.max(1e-300, abs(right).max().scalar)
    #expect(
      left.isClose(to: right, absoluteTolerance: tolerance * size, relativeTolerance: 0), comment,
      sourceLocation: sourceLocation)
  }

  @Test("⟨u, J v⟩ = ⟨Jᵀ u, v⟩, whichever way J v is computed", arguments: Trial.several(25))
  func innerProducts(trial: Trial) {
    let draw = Draw(trial)
    let (value, pullback) = vjp(at: draw.point, of: draw.record)
    let u = trial.key["u"].tensor(value.shape)
    let pulled = (pullback(u) * draw.tangent).sum().scalar
    let twice = jvp(at: draw.point, along: draw.tangent, of: draw.record)
    let dual = jvp(at: draw.point, along: draw.tangent, evaluating: draw.function)
    #expect(value == draw.function(draw.point), trial.comment)
    #expect(twice.value == value, trial.comment)
    expectClose(dual.value, value, 1e-14, trial.comment)
    expectClose(twice.tangent, dual.tangent, 1e-11, trial.comment)
    let size = (abs(u) * abs(dual.tangent)).sum().scalar
    #expect(abs(pulled - (u * dual.tangent).sum().scalar) <= 1e-11 * size, trial.comment)
    #expect(abs(pulled - (u * twice.tangent).sum().scalar) <= 1e-11 * size, trial.comment)
  }

  @Test("the Jacobian agrees with naive central differences", arguments: Trial.several(8))
  func jacobians(trial: Trial) {
    let draw = Draw(trial)
    let result = jacobian(at: draw.point, of: draw.record)
    let output = draw.function(draw.point)
    #expect(
      result.shape.extents == output.shape.extents + draw.point.shape.extents, trial.comment)
    let step = 1e-5
    let columns = (0..<draw.point.count).map { entry -> Tensor<Double> in
      var shift = Tensor<Double>.zeros([draw.point.count])
      shift[entry] = step
      let moved = shift.reshaped(to: draw.point.shape)
      let difference = draw.function(draw.point + moved) - draw.function(draw.point - moved)
      return (difference / (2 * step)).flattened()
    }
    let naive = Tensor.stack(columns, alongAxis: 1).reshaped(to: result.shape)
    expectClose(result, naive, 1e-6, trial.comment)
  }

  @Test(
    "the Hessian is symmetric, and its products with vectors agree", arguments: Trial.several(8))
  func hessians(trial: Trial) {
    let draw = Draw(trial)
    let count = draw.point.count
    let matrix = hessian(at: draw.point, of: draw.number).reshaped(to: [count, count])
    expectClose(matrix, matrix.transposed(), 1e-10, trial.comment)
    let product = hessianVectorProduct(at: draw.point, along: draw.tangent, of: draw.number)
    let expected = matmul(matrix, draw.tangent.flattened())
    expectClose(product.flattened(), expected, 1e-10, trial.comment)
    // Forward over reverse: the gradient evaluated with dual numbers.
    let tangents: Tensor<Double> = gradient(
      at: draw.point.dual(tangent: draw.tangent), of: draw.number
    ).tangent()
    expectClose(tangents.flattened(), expected, 1e-10, trial.comment)
  }

  @Test("of a quadratic form are known exactly")
  func quadraticForm() {
    let a: Tensor<Double> = [[2, 1], [5, -3]]
    func form(_ x: Variable<Double>) -> Variable<Double> {
      matmul(x, matmul(x.constant(a), x))
    }
    let point: Tensor<Double> = [1, -2]
    let (value, slope) = valueWithGradient(at: point, of: form)
    #expect(value == 2 - 2 - 10 - 12)
    #expect(slope == matmul(a + a.transposed(), point))
    #expect(gradient(at: point, of: form) == slope)
    #expect(hessian(at: point, of: form) == a + a.transposed())
    #expect(hessianVectorProduct(at: point, along: [1, 0], of: form) == [4, 6])
  }

  @Test("of constant and of empty functions are zeros of the right shape")
  func degenerate() {
    let point: Tensor<Double> = [1, 2]
    #expect(jacobian(at: point) { $0.constant([[3, 4, 5]]) }.shape == [1, 3, 2])
    #expect(jacobian(at: point) { $0.constant([[3, 4, 5]]) } == .zeros([1, 3, 2]))
    #expect(jacobian(at: point) { $0.sliced(axis: 0, 0..<0) }.shape == [0, 2])
    #expect(hessian(at: point) { $0.sum() } == .zeros([2, 2]))
    #expect(hessianVectorProduct(at: point, along: [1, 1]) { $0.sum() } == [0, 0])
    #expect(jvp(at: point, along: [1, 1]) { $0.constant([7]) }.tangent == [0])
    #expect(Plumbline.gradient(at: point) { $0.constant(Tensor(3)) } == [0, 0])
  }

  @Test("in Float agree with Double")
  func singlePrecision() {
    let draw = Draw(Trial(number: 3))
    let exact = gradient(at: draw.point, of: draw.number)
    let single = gradient(at: Tensor<Float>(converting: draw.point), of: draw.number)
    expectClose(Tensor(converting: single), exact, 1e-4, Trial(number: 3).comment)
  }
}
