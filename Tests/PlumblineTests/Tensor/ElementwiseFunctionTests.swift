import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Element-wise functions")
struct ElementwiseFunctionTests {
  /// A function, its reference in the C library, and where the two are compared.
  enum Function: String, CaseIterable {
    case exp, expm1, log, log1p, sqrt, tanh, sigmoid, softplus, normalCDF, sin, cos, relu, square
    case reciprocal, absolute, power

    func callAsFunction<T: TensorProtocol>(_ x: T) -> T {
      switch self {
      case .exp: Plumbline.exp(x)
      case .expm1: Plumbline.expm1(x)
      case .log: Plumbline.log(x)
      case .log1p: Plumbline.log1p(x)
      case .sqrt: Plumbline.sqrt(x)
      case .tanh: Plumbline.tanh(x)
      case .sigmoid: Plumbline.sigmoid(x)
      case .softplus: Plumbline.softplus(x)
      case .normalCDF: Plumbline.normalCDF(x)
      case .sin: Plumbline.sin(x)
      case .cos: Plumbline.cos(x)
      case .relu: Plumbline.relu(x)
      case .square: x.squared()
      case .reciprocal: Plumbline.pow(x, -1)
      case .absolute: Plumbline.abs(x)
      case .power: Plumbline.pow(x, 2.5)
      }
    }

    func reference(_ x: Double) -> Double {
      switch self {
      case .exp: Foundation.exp(x)
      case .expm1: Foundation.expm1(x)
      case .log: Foundation.log(x)
      case .log1p: Foundation.log1p(x)
      case .sqrt: x.squareRoot()
      case .tanh: Foundation.tanh(x)
      case .sigmoid: 1 / (1 + Foundation.exp(-x))
      case .softplus: Swift.max(x, 0) + Foundation.log1p(Foundation.exp(-x.magnitude))
      case .normalCDF: 0.5 * Foundation.erfc(-x / 2.0.squareRoot())
      case .sin: Foundation.sin(x)
      case .cos: Foundation.cos(x)
      case .relu: Swift.max(x, 0)
      case .square: x * x
      case .reciprocal: 1 / x
      case .absolute: x.magnitude
      case .power: Foundation.pow(x, 2.5)
      }
    }

    private var range: ClosedRange<Double> {
      switch self {
      case .exp, .sigmoid, .softplus: -80...80
      case .expm1: -20...20
      case .log: 1e-6...1e6
      case .log1p: -0.99...1e3
      case .sqrt: 0...1e6
      case .tanh: -12...12
      case .normalCDF: -12...8
      case .sin, .cos: -100...100
      case .relu, .square, .absolute: -3...3
      case .reciprocal: 0.01...100
      case .power: 0...100
      }
    }

    func arguments(_ trial: Trial) -> Tensor<Double> {
      trial.key[rawValue].tensor([2000], from: range.lowerBound, to: range.upperBound)
    }
  }

  @Test("agree with the C library to 16 units in the last place", arguments: Function.allCases)
  func agreement(function: Function) {
    let trial = Trial(number: 0)
    let x = function.arguments(trial)
    for (argument, result) in zip(x.scalars, function(x).scalars) {
      let expected = function.reference(argument)
      // The references themselves lose a few units, in 1 + exp(-x) for example; x / √2 in the tail of the
      // normal distribution loses x² times as many.
      let units = function == .normalCDF ? 16 * Swift.max(1, argument * argument) : 16
      #expect(
        Swift.abs(result - expected) <= units * expected.ulp,
        "\(function)(\(argument)), \(trial.testDescription)")
    }
  }

  @Test(
    "in Float are those of Double, rounded, to 4 units in the last place",
    arguments: Function.allCases)
  func singlePrecision(function: Function) {
    let trial = Trial(number: 1)
    let x = Tensor<Float>(converting: function.arguments(trial))
    let exact = function(Tensor<Double>(converting: x)).scalars
    for (argument, (result, expected)) in zip(x.scalars, zip(function(x).scalars, exact)) {
      let rounded = Float(expected)
      #expect(
        Swift.abs(result - rounded) <= 4 * rounded.ulp,
        "\(function)(\(argument)) in Float, \(trial.testDescription)")
    }
  }

  @Test("NaN stays NaN in every function")
  func nonNumbers() {
    let x = Tensor<Double>([Double.nan, 1])
    let named: [(String, Tensor<Double>)] = [
      ("tanh", tanh(x)), ("sigmoid", sigmoid(x)), ("softplus", softplus(x)), ("relu", relu(x)),
      ("leakyRelu", leakyRelu(x)), ("elu", elu(x)), ("gelu", gelu(x)), ("silu", silu(x)),
      ("normalCDF", normalCDF(x)), ("exp", exp(x)), ("expm1", expm1(x)), ("log", log(x)),
      ("log1p", log1p(x)), ("sqrt", sqrt(x)), ("abs", abs(x)), ("sign", sign(x)),
      ("clip", clip(x, to: -1...1)), ("maximum", maximum(x, x - 1)),
      ("minimum", minimum(x - 1, x)), ("squared", x.squared()), ("pow", pow(x, 1.5)),
      ("softmax", softmax(x)), ("logSoftmax", logSoftmax(x)), ("logSumExp", x.logSumExp()),
    ]
    for (name, result) in named { #expect(result.scalars[0].isNaN, "\(name)") }
    for (name, result) in named.dropLast(3) { #expect(result.scalars[1].isFinite, "\(name)") }
  }

  @Test("edges of the domain")
  func edges() {
    #expect(log(Tensor<Double>([0, -1]))[0] == -.infinity)
    #expect(log(Tensor<Double>([0, -1]))[1].isNaN)
    #expect(sqrt(Tensor<Double>([-1]))[0].isNaN)
    #expect(sign(Tensor<Double>([-2, 0, 5])) == [-1, 0, 1])
    #expect(clip(Tensor<Double>([-3, 0.5, 9]), to: -1...2) == [-1, 0.5, 2])
    #expect(relu(Tensor<Double>([-1, 0, 2])) == [0, 0, 2])
    #expect(leakyRelu(Tensor<Double>([-2, 3]), slope: 0.1) == [-0.2, 3])
    #expect(gate(Tensor<Double>([1, 2, 3]), by: [-1, 0, 1]) == [0, 0, 3])
  }
}
