// Activation functions. Sources: GELU: Hendrycks and Gimpel, arXiv:1606.08415 (the exact form with the
// normal distribution function); ELU: Clevert et al., arXiv:1511.07289; SiLU: Elfwing et al.,
// arXiv:1702.03118.

/// y = tanh x, dx = (1 - y²) dy
struct Tanh: ElementwiseOperation {
  static let kind = OperationKind.tanh
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.tanh) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream * (1 - call.output.squared())]
  }
}

/// y = 1 / (1 + exp(-x)), dx = y (1 - y) dy
struct Sigmoid: ElementwiseOperation {
  static let kind = OperationKind.sigmoid
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.sigmoid) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream * call.output * (1 - call.output)]
  }
}

/// y = log(1 + exp x), dx = sigmoid(x) dy
struct Softplus: ElementwiseOperation {
  static let kind = OperationKind.softplus
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.softplus) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * sigmoid(call.inputs[0])] }
}

/// y = max(x, 0), dx = dy where x > 0, else 0
struct Relu: ElementwiseOperation {
  static let kind = OperationKind.relu
  var convention: String? { "0 at 0" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.relu) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [gate(upstream, by: call.output)] }
}

/// z = x where g > 0, else 0; dx = dz where g > 0, no gradient to g
struct Gate: BuiltInOperation {
  static let kind = OperationKind.gate
  var convention: String? { "closed at g = 0; no gradient to g" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 2 && inputs[0] == inputs[1],
      "gate takes a value and a gate of one shape, not \(inputs)")
    return inputs[0]
  }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { .combined(.gate, inputs[0], inputs[1]) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [gate(upstream, by: call.inputs[1]), nil]
  }
}

/// y = x where x > 0, slope x elsewhere; dx = dy or slope dy
struct LeakyRelu: ElementwiseOperation {
  static let kind = OperationKind.leakyRelu
  let slope: Double
  var attributes: String { "slope \(slope)" }
  var convention: String? { "the slope of the negative side at 0" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    // Selected, not added up from two halves, so that dual numbers too take the negative side at 0.
    .selected(inputs[0].combined(.greater, 0), inputs[0], inputs[0] * slope)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let isPositive = compare(call.inputs[0], .greater, upstream.constant(Tensor(0)))
    return [select(isPositive, upstream, upstream * slope)]
  }
}

/// y = x where x > 0, a (exp x - 1) elsewhere; dx = dy or (y + a) dy
struct Elu: ElementwiseOperation {
  static let kind = OperationKind.elu
  let alpha: Double
  var attributes: String { "alpha \(alpha)" }
  var convention: String? { "alpha at 0" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    .selected(inputs[0].combined(.greater, 0), inputs[0], inputs[0].mapped(.expm1) * alpha)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let isPositive = compare(call.inputs[0], .greater, upstream.constant(Tensor(0)))
    return [select(isPositive, upstream, upstream * (call.output + alpha))]
  }
}

/// y = Φ(x), dx = φ(x) dy with φ(x) = exp(-x²/2) / √(2π)
struct NormalCDF: ElementwiseOperation {
  static let kind = OperationKind.normalCDF
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.normalCDF) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream * normalDensity(call.inputs[0])]
  }
}

/// φ(x) = exp(-x²/2) / √(2π)
func normalDensity<T: TensorProtocol>(_ x: T) -> T {
  exp(x.squared() * -0.5) * 0.398_942_280_401_432_677_94
}

/// y = x Φ(x), dx = (Φ(x) + x φ(x)) dy
struct Gelu: ElementwiseOperation {
  static let kind = OperationKind.gelu
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { productWithTails(inputs[0], .normalCDF) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let x = call.inputs[0]
    return [upstream * (normalCDF(x) + x * normalDensity(x))]
  }
}

/// y = x sigmoid(x), dx = s (1 + x (1 - s)) dy with s = sigmoid(x)
struct Silu: ElementwiseOperation {
  static let kind = OperationKind.silu
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { productWithTails(inputs[0], .sigmoid) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let x = call.inputs[0]
    let s = sigmoid(x)
    return [upstream * s * (x * (1 - s) + 1)]
  }
}

/// x f(x) for a distribution function f, with the limit 0 at -infinity in place of infinity times 0.
private func productWithTails<S>(_ x: Tensor<S>, _ function: UnaryFunction) -> Tensor<S> {
  let lowest = -0x1p1000
  return x.combined(.maximum, S(lowest).isFinite ? lowest : -0x1p120) * x.mapped(function)
}

// MARK: - Notation

/// The hyperbolic tangent of each element.
public func tanh<T: TensorProtocol>(_ x: T) -> T { T.apply(Tanh(), to: [x]) }

/// 1 / (1 + exp(-x)) of each element, accurate in both tails.
public func sigmoid<T: TensorProtocol>(_ x: T) -> T { T.apply(Sigmoid(), to: [x]) }

/// log(1 + exp x) of each element, accurate in both tails.
public func softplus<T: TensorProtocol>(_ x: T) -> T { T.apply(Softplus(), to: [x]) }

/// max(x, 0) of each element; derivative 0 at 0, NaN stays NaN.
public func relu<T: TensorProtocol>(_ x: T) -> T { T.apply(Relu(), to: [x]) }

/// Elements of `x` where `control` is above 0, zeros elsewhere; shapes must be equal.
public func gate<T: TensorProtocol>(_ x: T, by control: T) -> T {
  T.apply(Gate(), to: [x, control])
}

/// x where x > 0, `slope` x elsewhere.
public func leakyRelu<T: TensorProtocol>(_ x: T, slope: Double = 0.01) -> T {
  T.apply(LeakyRelu(slope: slope), to: [x])
}

/// x where x > 0, `alpha` (exp x - 1) elsewhere.
public func elu<T: TensorProtocol>(_ x: T, alpha: Double = 1) -> T {
  T.apply(Elu(alpha: alpha), to: [x])
}

/// x Φ(x), the exact form.
public func gelu<T: TensorProtocol>(_ x: T) -> T { T.apply(Gelu(), to: [x]) }

/// x sigmoid(x).
public func silu<T: TensorProtocol>(_ x: T) -> T { T.apply(Silu(), to: [x]) }

/// The standard normal distribution function, accurate in the left tail.
public func normalCDF<T: TensorProtocol>(_ x: T) -> T { T.apply(NormalCDF(), to: [x]) }
