import Foundation
import Plumbline
import TestSupport
import Testing
import Verification

@Suite("Dual numbers carry exact derivatives")
struct DualTests {
  /// A function, where it is tried, and its derivative from a table of derivatives.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let range: ClosedRange<Double>
    let function: @Sendable (Tensor<Dual<Double>>) -> Tensor<Dual<Double>>
    let derivative: @Sendable (Double) -> Double
    var testDescription: String { name }

    init(
      _ name: String, _ range: ClosedRange<Double>,
      _ function: @escaping @Sendable (Tensor<Dual<Double>>) -> Tensor<Dual<Double>>,
      derivative: @escaping @Sendable (Double) -> Double
    ) {
      self.name = name
      self.range = range
      self.function = function
      self.derivative = derivative
    }
  }

  static let samples: [Sample] = [
    Sample("-x", -3...3, { -$0 }, derivative: { _ in -1 }),
    Sample("|x|", -3...3, { abs($0) }, derivative: { $0 > 0 ? 1 : -1 }),
    Sample("sign x", -3...3, { sign($0) }, derivative: { _ in 0 }),
    Sample("x²", -3...3, { $0.squared() }, derivative: { 2 * $0 }),
    Sample("1 / x", 0.2...5, { pow($0, -1) }, derivative: { -1 / ($0 * $0) }),
    Sample("3 / x", -5 ... -0.2, { 3 / $0 }, derivative: { -3 / ($0 * $0) }),
    Sample("√x", 0.1...9, { sqrt($0) }, derivative: { 0.5 / $0.squareRoot() }),
    Sample("exp x", -5...5, { exp($0) }, derivative: { Foundation.exp($0) }),
    Sample("expm1 x", -5...5, { expm1($0) }, derivative: { Foundation.exp($0) }),
    Sample("log x", 0.1...9, { log($0) }, derivative: { 1 / $0 }),
    Sample("log1p x", -0.9...9, { log1p($0) }, derivative: { 1 / (1 + $0) }),
    Sample(
      "tanh x", -5...5, { tanh($0) }, derivative: { 1 / Foundation.pow(Foundation.cosh($0), 2) }),
    Sample(
      "sigmoid x", -5...5, { sigmoid($0) },
      derivative: { Foundation.exp(-$0) / Foundation.pow(1 + Foundation.exp(-$0), 2) }),
    Sample(
      "softplus x", -5...5, { softplus($0) }, derivative: { 1 / (1 + Foundation.exp(-$0)) }),
    Sample(
      "Φ(x)", -5...5, { normalCDF($0) },
      derivative: { Foundation.exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() }),
    Sample("relu x", -3...3, { relu($0) }, derivative: { $0 > 0 ? 1 : 0 }),
    Sample("x^2.5", 0.1...5, { pow($0, 2.5) }, derivative: { 2.5 * Foundation.pow($0, 1.5) }),
    Sample(
      "2^x", -3...3, { pow($0.constant(Tensor(2)), $0) },
      derivative: { Foundation.pow(2, $0) * Foundation.log(2) }),
    Sample(
      "x^x", 0.2...3, { pow($0, $0) },
      derivative: { Foundation.pow($0, $0) * (Foundation.log($0) + 1) }),
    Sample("x / (1 + x)", 0...5, { $0 / ($0 + 1) }, derivative: { 1 / (($0 + 1) * ($0 + 1)) }),
    Sample("x² - x", -3...3, { $0 * $0 - $0 }, derivative: { 2 * $0 - 1 }),
    Sample(
      "max(x, 1)", -3...3, { maximum($0, $0.constant(.ones([]))) }, derivative: { $0 > 1 ? 1 : 0 }),
    Sample(
      "min(x, 1)", -3...3, { minimum($0, $0.constant(.ones([]))) }, derivative: { $0 < 1 ? 1 : 0 }),
  ]

  @Test("of elementary functions, times the tangent", arguments: samples)
  func elementary(sample: Sample) {
    let key = Trial(number: 0).key[sample.name]
    let x = key["x"].tensor([50], from: sample.range.lowerBound, to: sample.range.upperBound)
    let tangent = key["tangent"].tensor([50])
    let result = sample.function(x.dual(tangent: tangent))
    let expected = Tensor([50], zip(x.scalars, tangent.scalars).map { sample.derivative($0) * $1 })
    #expect(
      result.tangent().isClose(to: expected, absoluteTolerance: 1e-13, relativeTolerance: 1e-12),
      "\(Trial(number: 0).testDescription)")
  }

  @Test(
    "the value next to the tangent is the one of plain numbers, bit for bit", arguments: samples)
  func values(sample: Sample) {
    let x = Trial(number: 1).key[sample.name].tensor(
      [50], from: sample.range.lowerBound, to: sample.range.upperBound)
    let one = sample.function(x.dual(tangent: .zeros([50])))
    let other = sample.function(x.dual(tangent: .ones([50])))
    #expect(one.value() == other.value())
    #expect(one.tangent().scalars.allSatisfy { $0 == 0 })
  }

  @Test("of products, sums and maxima over axes")
  func structured() {
    let key = Key(seed: 5)
    let (a, da) = (key["a"].tensor([3, 4]), key["da"].tensor([3, 4]))
    let (b, db) = (key["b"].tensor([4, 2]), key["db"].tensor([4, 2]))
    let (bias, dBias) = (key["c"].tensor([2]), key["dc"].tensor([2]))
    let result = linear(a.dual(tangent: da), b.dual(tangent: db), bias.dual(tangent: dBias))
    #expect(result.value().isClose(to: linear(a, b, bias), relativeTolerance: 1e-15))
    #expect(
      result.tangent().isClose(
        to: matmul(da, b) + matmul(a, db) + dBias, absoluteTolerance: 1e-14, relativeTolerance: 0))
    #expect(a.dual(tangent: da).sum(alongAxes: [1]).tangent() == da.sum(alongAxes: [1]))
    #expect(a.dual(tangent: da).sum(alongAxes: [0]).tangent() == da.sum(alongAxes: [0]))
    let table: Tensor<Double> = [[1, 5, 2], [7, 3, 7]]
    let largest = table.dual(tangent: [[1, 2, 3], [4, 5, 8]]).max(alongAxes: [1])
    #expect(largest.value() == [5, 7])
    // The tangent of a tie is the mean of the winners'.
    #expect(largest.tangent() == [2, 6])
  }

  @Test("of duals of duals are second derivatives")
  func secondDerivatives() {
    let x: Tensor<Double> = [0.5, -1.5, 2]
    let ones = Tensor<Double>.ones([3])
    let inner = x.dual(tangent: ones)
    let outer = inner.dual(tangent: Tensor(converting: ones))
    let cube = outer * outer * outer
    #expect(cube.tangent().tangent() == 6 * x)
    let second: Tensor<Double> = tanh(outer).tangent().tangent()
    let t = tanh(x)
    #expect(
      second.isClose(
        to: -2 * t * (1 - t * t), absoluteTolerance: 1e-15, relativeTolerance: 1e-13))
  }

  @Test("at a tie or a kink follow the conventions of the operations")
  func kinks() {
    let zero = Tensor<Double>([0]).dual(tangent: [1])
    #expect(relu(zero).tangent() == [0])
    #expect(abs(zero).tangent() == [0])
    #expect(leakyRelu(zero, slope: 0.25).tangent() == [0.25])
    #expect(elu(zero, alpha: 0.5).tangent() == [0.5])
    #expect(clip(zero, to: 0...1).tangent() == [1])
    #expect(clip(zero, to: -1...0).tangent() == [1])
    let other = Tensor<Double>([0]).dual(tangent: [5])
    #expect(maximum(zero, other).tangent() == [3])
    #expect(minimum(zero, other).tangent() == [3])
  }

  @Test("print as a value and a multiple of ε, and are made of literals with tangent 0")
  func form() {
    let three: Dual<Double> = 3
    #expect(three == Dual(3, tangent: 0))
    #expect("\(Dual<Double>(1.5, tangent: -2))" == "1.5 + -2.0ε")
    #expect(Dual<Double>(2.5).real == 2.5)
    #expect(!Dual<Double>(1, tangent: .nan).isFinite)
    #expect(!Dual<Double>(.infinity, tangent: 0).isFinite)
    #expect(Dual<Double>(1, tangent: 2).isFinite)
  }
}
