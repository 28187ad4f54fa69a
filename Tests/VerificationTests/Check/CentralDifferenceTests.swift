import Foundation
import Plumbline
import TestSupport
import Testing
import Verification

@Suite("Central differences know their error")
struct CentralDifferenceTests {
  /// A family of functions of one number with the derivative of each at a point.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let range: ClosedRange<Double>
    let function: @Sendable (Double) -> Double
    let derivative: @Sendable (Double) -> Double
    var testDescription: String { name }

    init(
      _ name: String, _ range: ClosedRange<Double>,
      _ function: @escaping @Sendable (Double) -> Double,
      derivative: @escaping @Sendable (Double) -> Double
    ) {
      self.name = name
      self.range = range
      self.function = function
      self.derivative = derivative
    }
  }

  static let samples: [Sample] = [
    Sample("3 x", -9...9, { 3 * $0 }, derivative: { _ in 3 }),
    Sample("x²", -9...9, { $0 * $0 }, derivative: { 2 * $0 }),
    Sample("x⁷", -2...2, { pow($0, 7) }, derivative: { 7 * pow($0, 6) }),
    Sample("exp x", -20...20, { exp($0) }, derivative: { exp($0) }),
    Sample("exp(-x²)", -5...5, { exp(-$0 * $0) }, derivative: { -2 * $0 * exp(-$0 * $0) }),
    Sample("sin x", -9...9, { sin($0) }, derivative: { cos($0) }),
    Sample("sin(40 x)", -9...9, { sin(40 * $0) }, derivative: { 40 * cos(40 * $0) }),
    Sample("10⁶ + sin x", -9...9, { 1e6 + sin($0) }, derivative: { cos($0) }),
    Sample("sin x / 10⁸", -9...9, { 1e-8 * sin($0) }, derivative: { 1e-8 * cos($0) }),
    Sample(
      "tanh(50 x)", -0.1...0.1, { tanh(50 * $0) },
      derivative: { 50 / pow(cosh(50 * $0), 2) }),
    Sample("log x", 0.001...9, { log($0) }, derivative: { 1 / $0 }),
    Sample("1 / x", 0.01...9, { 1 / $0 }, derivative: { -1 / ($0 * $0) }),
    Sample("√x", 0.001...9, { $0.squareRoot() }, derivative: { 0.5 / $0.squareRoot() }),
    Sample("max(x, 0)", -1...1, { max($0, 0) }, derivative: { $0 > 0 ? 1 : 0 }),
    Sample(
      "|x|³ + |x|", -1...1, { abs(pow($0, 3)) + abs($0) },
      derivative: { ($0 > 0 ? 1 : -1) * (3 * $0 * $0 + 1) }),
  ]

  #if DEBUG
    private static let points = 10_000
  #else
    private static let points = 50_000
  #endif

  @Test(
    "and it is no larger than predicted, on random points of known functions", arguments: samples)
  func coverage(sample: Sample) {
    let key = Key(seed: TestSeed.value)[sample.name]
    let points = key.uniform(
      Self.points, from: sample.range.lowerBound, to: sample.range.upperBound)
    for (number, x) in points.enumerated() {
      let result = CentralDifference { sample.function(x + $0) }
      // The point itself is rounded in x + step, which is an error of the question.
      let allowance = result.predictedError + 4 * abs(sample.derivative(x)) * 0x1p-52
      #expect(
        abs(result.derivative - sample.derivative(x)) <= allowance,
        "\(sample.name) at \(x), number \(number) of seed \(TestSeed.value): \(result)")
    }
  }

  @Test("and it is small enough to see a mistake of one in ten thousand", arguments: samples)
  func sharpness(sample: Sample) {
    let key = Key(seed: TestSeed.value)[sample.name]
    let points = key.uniform(100, from: sample.range.lowerBound, to: sample.range.upperBound)
    let sharp = points.count { x in
      let result = CentralDifference { sample.function(x + $0) }
      return 4 * result.predictedError <= 1e-4 * abs(sample.derivative(x)) + 1e-12
    }
    // Where the derivative is nearly 0 next to a large value, the values have no digits left for it.
    #expect(sharp >= 95, "\(sample.name): \(sharp) of 100")
  }

  @Test("and it is no larger where the third derivative changes its sign", arguments: 0..<50)
  func inflection(part: Int) {
    // There the change by extrapolation is 0 at some step, by coincidence of two orders, and the error is
    // not. tanh has such a position where its square is one third.
    let centre = atanh((1.0 / 3).squareRoot())
    for number in 0..<400 {
      let x = centre + (Double(part * 400 + number) - 10_000) * 2e-6
      let result = CentralDifference { tanh(x + $0) }
      let derivative = 1 - tanh(x) * tanh(x)
      #expect(abs(result.derivative - derivative) <= result.predictedError, "at \(x): \(result)")
    }
  }

  @Test("and it counts the rounding of terms that cancel", arguments: 0..<200)
  func cancellation(number: Int) {
    let key = Key(seed: TestSeed.value)["cancellation"][number]
    let term = 100 * key.uniform(at: 0) + 1
    let slope = key.uniform(at: 1) / 1000
    let result = CentralDifference(magnitude: 2 * term) { step in
      (term * 1.1 + slope * step) - term * 1.1
    }
    #expect(
      abs(result.derivative - slope) <= result.predictedError,
      "number \(number) of seed \(TestSeed.value): \(result), not \(slope)")
  }

  @Test("and it is infinite where the function has no values")
  func nonNumbers() {
    let result = CentralDifference { _ in .nan }
    #expect(result.derivative.isNaN)
    #expect(result.predictedError == .infinity)
    let overflow = CentralDifference { $0 == 0 ? 0 : .infinity }
    #expect(overflow.predictedError == .infinity)
  }

  @Test("the scale is the length over which the function varies")
  func scale() {
    let result = CentralDifference(scale: 1e-9) { sin(1e9 * $0 + 1) }
    #expect(abs(result.derivative - 1e9 * cos(1)) <= result.predictedError)
    #expect(result.predictedError <= 1e-9 * 1e9)
    #expect(result.step <= 1e-9)
  }
}
