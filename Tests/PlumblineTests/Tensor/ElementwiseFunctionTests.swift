import Foundation
import Plumbline
import Testing

@Suite("Element-wise functions")
struct ElementwiseFunctionTests {
  /// A function, its reference, and where it is compared.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let range: ClosedRange<Double>
    let reference: @Sendable (Double) -> Double
    let inDouble: @Sendable (Tensor<Double>) -> Tensor<Double>
    let inFloat: @Sendable (Tensor<Float>) -> Tensor<Float>
    var testDescription: String { name }
  }

  static let samples: [Sample] = [
    Sample(name: "exp", range: -80...80, reference: { Foundation.exp($0) }) {
      exp($0)
    } inFloat: {
      exp($0)
    },
    Sample(name: "expm1", range: -20...20, reference: { Foundation.expm1($0) }) {
      expm1($0)
    } inFloat: {
      expm1($0)
    },
    Sample(name: "log", range: 1e-6...1e6, reference: { Foundation.log($0) }) {
      log($0)
    } inFloat: {
      log($0)
    },
    Sample(name: "log1p", range: -0.99...1e3, reference: { Foundation.log1p($0) }) {
      log1p($0)
    } inFloat: {
      log1p($0)
    },
    Sample(name: "sqrt", range: 0...1e6, reference: { $0.squareRoot() }) {
      sqrt($0)
    } inFloat: {
      sqrt($0)
    },
    Sample(name: "tanh", range: -12...12, reference: { Foundation.tanh($0) }) {
      tanh($0)
    } inFloat: {
      tanh($0)
    },
    Sample(name: "sigmoid", range: -80...80, reference: { 1 / (1 + Foundation.exp(-$0)) }) {
      sigmoid($0)
    } inFloat: {
      sigmoid($0)
    },
    Sample(
      name: "softplus", range: -80...80,
      reference: { Swift.max($0, 0) + Foundation.log1p(Foundation.exp(-Swift.abs($0))) }
    ) {
      softplus($0)
    } inFloat: {
      softplus($0)
    },
    Sample(
      name: "normalCDF", range: -12...8,
      reference: { 0.5 * Foundation.erfc(-$0 / 2.0.squareRoot()) }
    ) {
      normalCDF($0)
    } inFloat: {
      normalCDF($0)
    },
    Sample(name: "relu", range: -3...3, reference: { Swift.max($0, 0) }) {
      relu($0)
    } inFloat: {
      relu($0)
    },
    Sample(name: "square", range: -3...3, reference: { $0 * $0 }) {
      $0.squared()
    } inFloat: {
      $0.squared()
    },
    Sample(name: "reciprocal", range: 0.01...100, reference: { 1 / $0 }) {
      pow($0, -1)
    } inFloat: {
      pow($0, -1)
    },
    Sample(name: "abs", range: -3...3, reference: { Swift.abs($0) }) {
      abs($0)
    } inFloat: {
      abs($0)
    },
    Sample(name: "power 2.5", range: 0...100, reference: { Foundation.pow($0, 2.5) }) {
      pow($0, 2.5)
    } inFloat: {
      pow($0, 2.5)
    },
  ]

  @Test(
    "agree with the C library on random arguments to 16 units in the last place", arguments: samples
  )
  func agreement(sample: Sample) {
    let x = Trial(number: 0).key[sample.name].tensor(
      [2000], from: sample.range.lowerBound, to: sample.range.upperBound)
    for (argument, result) in zip(x.scalars, sample.inDouble(x).scalars) {
      let expected = sample.reference(argument)
      // The references themselves lose a few units, in 1 + exp(-x) and x / √2 for example.
      let allowance =
        16 * expected.ulp * Swift.max(1, sample.name == "normalCDF" ? argument * argument : 1)
      #expect(Swift.abs(result - expected) <= allowance, "\(sample.name)(\(argument))")
    }
  }

  @Test("in Float are those of Double, rounded, to 4 units in the last place", arguments: samples)
  func singlePrecision(sample: Sample) {
    let x = Tensor<Float>(
      converting: Trial(number: 1).key[sample.name].tensor(
        [2000], from: sample.range.lowerBound, to: sample.range.upperBound))
    let exact = sample.inDouble(Tensor<Double>(converting: x))
    for (argument, (result, expected)) in zip(
      x.scalars, zip(sample.inFloat(x).scalars, exact.scalars))
    {
      let rounded = Float(expected)
      #expect(
        Swift.abs(result - rounded) <= 4 * rounded.ulp, "\(sample.name)(\(argument)) in Float")
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
