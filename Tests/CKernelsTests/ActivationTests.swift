import CKernels
import Testing

extension KernelSuite {
  @Suite struct Activations {}
}

/// The activations of one precision.
protocol ActivationScalar: KernelScalar {
  static var activation: (plumb_activation, Int, Self, Self, Input, Output) -> Void { get }
  static var activationPullback:
    (plumb_activation, Int, Self, Input, Input?, Input?, Output) -> Void
  { get }
  /// Below it x is replaced in x sigmoid(x) and its kin.
  static var lowestFactor: Self { get }
}

extension Float: ActivationScalar {
  static var activation: (plumb_activation, Int, Float, Float, Input, Output) -> Void {
    { plumb_activation_f32($0, $1, $2, $3, $4, $5) }
  }
  static var activationPullback:
    (plumb_activation, Int, Float, Input, Input?, Input?, Output) -> Void
  {
    { plumb_activation_pullback_f32($0, $1, $2, $3, $4, $5, $6) }
  }
  static var lowestFactor: Float { -0x1p120 }
}

extension Double: ActivationScalar {
  static var activation: (plumb_activation, Int, Double, Double, Input, Output) -> Void {
    { plumb_activation_f64($0, $1, $2, $3, $4, $5) }
  }
  static var activationPullback:
    (plumb_activation, Int, Double, Input, Input?, Input?, Output) -> Void
  {
    { plumb_activation_pullback_f64($0, $1, $2, $3, $4, $5, $6) }
  }
  static var lowestFactor: Double { -0x1p1000 }
}

/// Vectors with the kernels as operators, so that a formula reads as the tensors' does.
private struct Values<Scalar: ActivationScalar> {
  let values: [Scalar]

  static func constant(_ value: Scalar) -> Values { Values(values: [value]) }
  func mapped(_ function: plumb_unary) -> Values {
    Values(values: Scalar.applying(function, to: values))
  }
  func combined(_ function: plumb_binary, _ other: Values) -> Values {
    // No values and a constant are no values.
    if values.isEmpty || other.values.isEmpty { return Values(values: []) }
    return Values(values: Scalar.combining(function, values, other.values))
  }
  static func * (left: Values, right: Values) -> Values { left.combined(PLUMB_MULTIPLY, right) }
  static func + (left: Values, right: Values) -> Values { left.combined(PLUMB_ADD, right) }
  /// 1 - x, as tensors compute it.
  var complement: Values { mapped(PLUMB_NEGATE) + .constant(1) }
  var isPositive: Values { combined(PLUMB_GREATER, .constant(0)) }
  /// exp(-x²/2) / √(2π)
  var normalDensity: Values {
    (mapped(PLUMB_SQUARE) * .constant(-0.5)).mapped(PLUMB_EXP)
      * .constant(Scalar(0.398_942_280_401_432_677_94))
  }
  static func select(_ mask: Values, _ first: Values, _ second: Values) -> Values {
    let (m, x, y) = (mask.values, first.values, second.values)
    return Values(values: Scalar.output(m.count) { Scalar.select(m.count, m, x, 1, y, 1, $0) })
  }
}

private struct ActivationCase<Scalar: ActivationScalar> {
  typealias V = Values<Scalar>
  let function: plumb_activation
  let name: String
  var a: Scalar = 0, b: Scalar = 0
  /// nil where the kernels have only the backward pass; the output then comes from `unary`.
  var forward: ((V) -> V)?
  var unary: plumb_unary = PLUMB_NEGATE
  var usesInput = true, usesOutput = false
  let pullback: (_ d: V, _ x: V, _ y: V) -> V

  static var all: [ActivationCase] {
    let slope: Scalar = 0.07
    let alpha: Scalar = 1.3
    let low: Scalar = -0.6
    let high: Scalar = 0.9
    func bounded(_ x: V) -> V { x.combined(PLUMB_MAXIMUM, .constant(Scalar.lowestFactor)) }
    return [
      ActivationCase(
        function: PLUMB_LEAKY_RELU, name: "leaky relu", a: slope,
        forward: { .select($0.isPositive, $0, $0 * .constant(slope)) },
        pullback: { d, x, _ in .select(x.isPositive, d, d * .constant(slope)) }),
      ActivationCase(
        function: PLUMB_ELU, name: "elu", a: alpha,
        forward: { .select($0.isPositive, $0, $0.mapped(PLUMB_EXPM1) * .constant(alpha)) },
        usesOutput: true,
        pullback: { d, x, y in .select(x.isPositive, d, d * (y + .constant(alpha))) }),
      ActivationCase(
        function: PLUMB_GELU, name: "gelu",
        forward: { bounded($0) * $0.mapped(PLUMB_NORMAL_CDF) },
        pullback: { d, x, _ in d * (x.mapped(PLUMB_NORMAL_CDF) + x * x.normalDensity) }),
      ActivationCase(
        function: PLUMB_SILU, name: "silu", forward: { bounded($0) * $0.mapped(PLUMB_SIGMOID) },
        pullback: { d, x, _ in
          let s = x.mapped(PLUMB_SIGMOID)
          return d * s * (x * s.complement + .constant(1))
        }),
      ActivationCase(
        function: PLUMB_CLIP, name: "clip", a: low, b: high,
        forward: { x in
          let limited = x.combined(PLUMB_MAXIMUM, .constant(low))
            .combined(PLUMB_MINIMUM, .constant(high))
          return .select(x.combined(PLUMB_EQUAL, limited), x, limited)
        },
        usesOutput: true, pullback: { d, x, y in d * x.combined(PLUMB_EQUAL, y) }),
      ActivationCase(
        function: PLUMB_TANH_PULLBACK, name: "tanh", unary: PLUMB_TANH, usesInput: false,
        usesOutput: true, pullback: { d, _, y in d * y.mapped(PLUMB_SQUARE).complement }),
      ActivationCase(
        function: PLUMB_SIGMOID_PULLBACK, name: "sigmoid", unary: PLUMB_SIGMOID,
        usesInput: false, usesOutput: true, pullback: { d, _, y in d * y * y.complement }),
      ActivationCase(
        function: PLUMB_SOFTPLUS_PULLBACK, name: "softplus", unary: PLUMB_SOFTPLUS,
        pullback: { d, x, _ in d * x.mapped(PLUMB_SIGMOID) }),
      ActivationCase(
        function: PLUMB_NORMAL_CDF_PULLBACK, name: "normal cdf", unary: PLUMB_NORMAL_CDF,
        pullback: { d, x, _ in d * x.normalDensity }),
    ]
  }

  func check(_ x: [Scalar], _ d: [Scalar], _ comment: String) {
    let (output, gradient) = KernelSuite.portable { () -> ([Scalar], [Scalar]) in
      let input = V(values: x)
      let output = forward?(input) ?? input.mapped(unary)
      return (output.values, pullback(V(values: d), input, output).values)
    }
    KernelSuite.onEveryInstructionSet { set in
      func expect(_ actual: [Scalar], _ expected: [Scalar], _ pass: String) {
        let difference = firstDifference(actual, expected)
        #expect(
          difference == nil,
          "\(set): \(Scalar.self) \(name), \(x.count) values, \(comment): \(pass): \(difference ?? "")"
        )
      }
      if forward != nil {
        expect(
          Scalar.output(x.count) { Scalar.activation(function, x.count, a, b, x, $0) }, output,
          "forward")
        let inPlace = Scalar.output(x.count) { y in
          for i in x.indices { y[i] = x[i] }
          Scalar.activation(function, x.count, a, b, y, y)
        }
        expect(inPlace, output, "forward in place")
      }
      x.withUnsafeBufferPointer { x in
        output.withUnsafeBufferPointer { y in
          let inPlace = Scalar.output(x.count) { dx in
            for i in d.indices { dx[i] = d[i] }
            Scalar.activationPullback(
              function, x.count, a, dx, usesInput ? x.baseAddress : nil,
              usesOutput ? y.baseAddress : nil, dx)
          }
          expect(inPlace, gradient, "backward")
        }
      }
    }
  }
}

extension KernelSuite.Activations {
  private func checkAll<Scalar: ActivationScalar>(_: Scalar.Type) {
    var random = RandomCases()
    let special: [Scalar] = [
      .nan, .infinity, -.infinity, 0, -0.0, 1, -1, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      Scalar.lowestFactor, -0.6, 0.9,
    ]
    for activation in ActivationCase<Scalar>.all {
      for count in [0, 1, 7, 10, 48, 100] {
        activation.check(
          random.values(count, within: 4), random.values(count), "seed \(random.seed)")
      }
      activation.check(
        random.anyValues(1000), random.anyValues(1000), "any bits, seed \(random.seed)")
      for d in [1, 0, -0.0, .infinity, .nan] as [Scalar] {
        activation.check(
          special, [Scalar](repeating: d, count: special.count), "special values, upstream \(d)")
      }
    }
  }

  @Test func activationsEqualTheSeparateKernels() {
    checkAll(Float.self)
    checkAll(Double.self)
  }
}
