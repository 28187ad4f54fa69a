import CKernels
import Testing

extension KernelSuite {
  @Suite struct Activations {}
}

/// Vectors with the kernels as operators, so that a formula reads as the tensors' does.
private struct Values<Scalar: KernelScalar> {
  let values: [Scalar]

  static func constant(_ value: Scalar) -> Values { Values(values: [value]) }
  func mapped(_ function: UnaryFunction) -> Values {
    Values(values: Scalar.applying(function, to: values))
  }
  func combined(_ function: BinaryFunction, _ other: Values) -> Values {
    // No values and a constant are no values.
    if values.isEmpty || other.values.isEmpty { return Values(values: []) }
    return Values(values: Scalar.combining(function, values, other.values))
  }
  static func * (left: Values, right: Values) -> Values { left.combined(.multiply, right) }
  static func + (left: Values, right: Values) -> Values { left.combined(.add, right) }
  /// 1 - x, as tensors compute it.
  var complement: Values { mapped(.negate) + .constant(1) }
  var isPositive: Values { combined(.greater, .constant(0)) }
  /// exp(-x²/2) / √(2π)
  var normalDensity: Values {
    (mapped(.square) * .constant(-0.5)).mapped(.exp)
      * .constant(Scalar(0.398_942_280_401_432_677_94))
  }
  static func select(_ mask: Values, _ first: Values, _ second: Values) -> Values {
    let (m, x, y) = (mask.values, first.values, second.values)
    return Values(values: Scalar.output(m.count) { Scalar.select(m.count, m, x, 1, y, 1, $0) })
  }
}

private struct ActivationCase<Scalar: KernelScalar> {
  typealias V = Values<Scalar>
  let function: PullbackFunction
  let name: String
  var a: Scalar = 0, b: Scalar = 0
  /// The kernel of the function, and what it is in separate ones; nil where it is one of those.
  let unary: UnaryFunction
  var forward: ((V) -> V)?
  var usesInput = true, usesOutput = false
  let pullback: (_ d: V, _ x: V, _ y: V) -> V

  static var all: [ActivationCase] {
    let slope: Scalar = 0.07
    let alpha: Scalar = 1.3
    let low: Scalar = -0.6
    let high: Scalar = 0.9
    func bounded(_ x: V) -> V { x.combined(.maximum, .constant(Scalar.lowestFactor)) }
    return [
      ActivationCase(
        function: .leakyRelu, name: "leaky relu", a: slope, unary: .leakyRelu,
        forward: { .select($0.isPositive, $0, $0 * .constant(slope)) },
        pullback: { d, x, _ in .select(x.isPositive, d, d * .constant(slope)) }),
      ActivationCase(
        function: .elu, name: "elu", a: alpha, unary: .elu,
        forward: { .select($0.isPositive, $0, $0.mapped(.expm1) * .constant(alpha)) },
        usesOutput: true,
        pullback: { d, x, y in .select(x.isPositive, d, d * (y + .constant(alpha))) }),
      ActivationCase(
        function: .gelu, name: "gelu", unary: .gelu,
        forward: { bounded($0) * $0.mapped(.normalCDF) },
        pullback: { d, x, _ in d * (x.mapped(.normalCDF) + x * x.normalDensity) }),
      ActivationCase(
        function: .silu, name: "silu", unary: .silu, forward: { bounded($0) * $0.mapped(.sigmoid) },
        pullback: { d, x, _ in
          let s = x.mapped(.sigmoid)
          return d * s * (x * s.complement + .constant(1))
        }),
      ActivationCase(
        function: .clip, name: "clip", a: low, b: high, unary: .clip,
        forward: { x in
          let limited = x.combined(.maximum, .constant(low))
            .combined(.minimum, .constant(high))
          return .select(x.combined(.equal, limited), x, limited)
        },
        usesOutput: true, pullback: { d, x, y in d * x.combined(.equal, y) }),
      ActivationCase(
        function: .tanh, name: "tanh", unary: .tanh, usesInput: false,
        usesOutput: true, pullback: { d, _, y in d * y.mapped(.square).complement }),
      ActivationCase(
        function: .sigmoid, name: "sigmoid", unary: .sigmoid,
        usesInput: false, usesOutput: true, pullback: { d, _, y in d * y * y.complement }),
      ActivationCase(
        function: .softplus, name: "softplus", unary: .softplus,
        pullback: { d, x, _ in d * x.mapped(.sigmoid) }),
      ActivationCase(
        function: .normalCDF, name: "normal cdf", unary: .normalCDF,
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
          Scalar.output(x.count) { Scalar.unary(unary, x.count, x, $0, a, b) }, output,
          "forward")
        let inPlace = Scalar.output(x.count) { y in
          for i in x.indices { y[i] = x[i] }
          Scalar.unary(unary, x.count, y, y, a, b)
        }
        expect(inPlace, output, "forward in place")
      }
      x.withUnsafeBufferPointer { x in
        output.withUnsafeBufferPointer { y in
          let inPlace = Scalar.output(x.count) { dx in
            for i in d.indices { dx[i] = d[i] }
            Scalar.pullback(
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
  private func checkAll<Scalar: KernelScalar>(_: Scalar.Type) {
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
