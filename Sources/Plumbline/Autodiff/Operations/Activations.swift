// Activation functions. Sources: GELU: Hendrycks and Gimpel, arXiv:1606.08415 (the exact form with the
// normal distribution function); ELU: Clevert et al., arXiv:1511.07289; SiLU: Elfwing et al.,
// arXiv:1702.03118.

/// y = tanh x, dx = (1 - y²) dy
struct Tanh: ElementwiseOperation {
  static let kind = OperationKind.tanh
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.tanh) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [activationGradient(.tanh, upstream, output: call.output)]
  }
}

/// y = 1 / (1 + exp(-x)), dx = y (1 - y) dy
struct Sigmoid: ElementwiseOperation {
  static let kind = OperationKind.sigmoid
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.sigmoid) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [activationGradient(.sigmoid, upstream, output: call.output)]
  }
}

/// y = log(1 + exp x), dx = sigmoid(x) dy
struct Softplus: ElementwiseOperation {
  static let kind = OperationKind.softplus
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.softplus) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [activationGradient(.softplus, upstream, input: call.inputs[0])]
  }
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
    inputs[0].activated(.leakyRelu, slope)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [activationGradient(.leakyRelu, upstream, input: call.inputs[0], slope)]
  }
}

/// y = x where x > 0, a (exp x - 1) elsewhere; dx = dy or (y + a) dy
struct Elu: ElementwiseOperation {
  static let kind = OperationKind.elu
  let alpha: Double
  var attributes: String { "alpha \(alpha)" }
  var convention: String? { "alpha at 0" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    inputs[0].activated(.elu, alpha)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [activationGradient(.elu, upstream, input: call.inputs[0], output: call.output, alpha)]
  }
}

/// y = Φ(x), dx = φ(x) dy with φ(x) = exp(-x²/2) / √(2π)
struct NormalCDF: ElementwiseOperation {
  static let kind = OperationKind.normalCDF
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.normalCDF) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [activationGradient(.normalCDF, upstream, input: call.inputs[0])]
  }
}

/// φ(x) = exp(-x²/2) / √(2π)
func normalDensity<T: TensorProtocol>(_ x: T) -> T {
  exp(x.squared() * -0.5) * 0.398_942_280_401_432_677_94
}

/// y = x Φ(x), dx = (Φ(x) + x φ(x)) dy
struct Gelu: ElementwiseOperation {
  static let kind = OperationKind.gelu
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].activated(.gelu) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [activationGradient(.gelu, upstream, input: call.inputs[0])]
  }
}

/// y = x sigmoid(x), dx = s (1 + x (1 - s)) dy with s = sigmoid(x)
struct Silu: ElementwiseOperation {
  static let kind = OperationKind.silu
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].activated(.silu) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [activationGradient(.silu, upstream, input: call.inputs[0])]
  }
}

/// z = d g, where g is an activation function's derivative, written by its input x, its output y or both; these
/// are the inputs after d. dd = dz g, dx = dz d ∂g/∂x, dy = dz d ∂g/∂y.
struct ActivationGradient: BuiltInOperation {
  static let kind = OperationKind.activationGradient
  let function: ActivationFunction
  /// Slope or alpha, where the function has one.
  let setting: Double
  var attributes: String { "of \(function)" }

  func shape(of inputs: [Shape]) -> Shape {
    let count = 1 + (function.gradientReadsInput ? 1 : 0) + (function.gradientReadsOutput ? 1 : 0)
    require(
      inputs.count == count && inputs.allSatisfy { $0 == inputs[0] },
      "the gradient of \(function) takes \(count) values of one shape, not \(inputs)")
    return inputs[0]
  }
  /// Input and output of the activation function among the inputs after the first.
  private func arguments<Value>(_ inputs: [Value]) -> (x: Value?, y: Value?) {
    (
      function.gradientReadsInput ? inputs[1] : nil,
      function.gradientReadsOutput ? inputs.last : nil
    )
  }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    let (x, y) = arguments(inputs)
    return Tensor(inputs[0].shape) { target in
      inputs[0].withValues { d in
        (x ?? inputs[0]).withValues { xValues in
          (y ?? inputs[0]).withValues { yValues in
            S.applyGradient(
              of: function, count: inputs[0].count, setting, d, input: xValues, output: yValues,
              into: target)
          }
        }
      }
    }
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let d = call.inputs[0]
    let (x, y) = arguments(call.inputs)
    let own = T.apply(self, to: [upstream] + call.inputs.dropFirst())
    let weight = upstream * d
    switch function {
    // A derivative that is constant beside its jump.
    case .leakyRelu: return [own, nil]
    case .clip: return [own, nil, nil]
    case .elu:
      let isPositive = compare(x!, .greater, d.constant(Tensor(0)))
      return [own, nil, select(isPositive, d.constant(.zeros(d.shape)), weight)]
    case .gelu: return [own, weight * normalDensity(x!) * (2 - x!.squared())]
    case .silu:
      let s = sigmoid(x!)
      return [own, weight * s * (1 - s) * (x! * (1 - 2 * s) + 2)]
    case .tanh: return [own, weight * y! * -2]
    case .sigmoid: return [own, weight * (1 - 2 * y!)]
    case .softplus:
      return [
        own,
        T.apply(ActivationGradient(function: .sigmoid, setting: 0), to: [weight, sigmoid(x!)]),
      ]
    case .normalCDF: return [own, -(weight * x! * normalDensity(x!))]
    }
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 3 * output.elementCount }
}

/// The upstream gradient through an activation function, by what its derivative is written in.
package func activationGradient<T: TensorProtocol>(
  _ function: ActivationFunction, _ upstream: T, input: T? = nil, output: T? = nil,
  _ setting: Double = 0
) -> T {
  T.apply(
    ActivationGradient(function: function, setting: setting),
    to: [upstream, input, output].compactMap { $0 })
}

extension Tensor {
  /// An activation function of each value.
  func activated(_ function: ActivationFunction, _ a: Double = 0, _ b: Double = 0) -> Tensor {
    Tensor(shape) { target in
      withValues { Scalar.apply(function, count: count, a, b, $0, into: target) }
    }
  }
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
