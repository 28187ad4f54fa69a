import Foundation
import Testing
import Verification

@Suite("The order of the Taylor remainder tells a right derivative from a wrong one")
struct TaylorSlopeTests {
  /// A function of one number and its derivative at 0.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let derivative: Double
    let function: @Sendable (Double) -> Double
    var testDescription: String { name }
  }

  static let samples: [Sample] = [
    Sample(name: "exp x", derivative: 1) { exp($0) },
    Sample(name: "sin(1 + x)", derivative: cos(1)) { sin(1 + $0) },
    Sample(name: "1 / (2 - x)", derivative: 0.25) { 1 / (2 - $0) },
    Sample(name: "tanh(0.3 + x)", derivative: 1 - tanh(0.3) * tanh(0.3)) { tanh(0.3 + $0) },
    Sample(name: "1000 + x + x²", derivative: 1) { 1000 + $0 + $0 * $0 },
    Sample(name: "log(2 + x) / 10⁶", derivative: 0.5e-6) { 1e-6 * log(2 + $0) },
    Sample(name: "cosh x", derivative: 0) { cosh($0) },
  ]

  @Test("it is 2 where the derivative is right", arguments: samples)
  func right(sample: Sample) throws {
    let slope = TaylorSlope(derivative: sample.derivative, of: sample.function)
    #expect(slope.isRight)
    let order = try #require(slope.order)
    #expect(order > 1.9 && order < 2.1)
  }

  @Test("it is 1 where the derivative is 0.1 % off", arguments: samples)
  func wrong(sample: Sample) throws {
    let wrong = sample.derivative == 0 ? 0.001 : 1.001 * sample.derivative
    let slope = TaylorSlope(derivative: wrong, of: sample.function)
    #expect(!slope.isRight)
    let order = try #require(slope.order)
    #expect(order > 0.9 && order < 1.3)
  }

  @Test("it is 1 where the sign is wrong", arguments: samples.filter { $0.derivative != 0 })
  func wrongSign(sample: Sample) {
    #expect(!TaylorSlope(derivative: -sample.derivative, of: sample.function).isRight)
  }

  @Test("it is 3 where the second derivative vanishes too")
  func cubic() throws {
    let order = try #require(TaylorSlope(derivative: 1) { $0 + $0 * $0 * $0 }.order)
    #expect(order > 2.9 && order < 3.1)
  }

  @Test("a linear function has none with the right derivative and 1 with a wrong one")
  func linear() throws {
    let right = TaylorSlope(derivative: 3) { 3 * $0 + 7 }
    #expect(right.order == nil)
    #expect(right.isRight)
    let order = try #require(TaylorSlope(derivative: 3.003) { 3 * $0 + 7 }.order)
    #expect(order > 0.99 && order < 1.01)
  }

  @Test("terms that cancel in the value leave rounding, which is not a mistake", arguments: 1...200)
  func cancellation(position: Int) {
    let term = Double(position) / 7
    let rest = term - 1e-4
    #expect(TaylorSlope(derivative: 4.1) { (term + 3.1 * $0) - (rest - $0) }.isRight)
    #expect(!TaylorSlope(derivative: 4.104) { (term + 3.1 * $0) - (rest - $0) }.isRight)
  }

  @Test("a kink at some distance is not a mistake of the derivative", arguments: 1...200)
  func kinkNearby(position: Int) {
    // Beyond the kink the remainder grows linearly, and before it there is none.
    let distance = Double(position) * 0.001
    let line = TaylorSlope(derivative: 0) { max($0 - distance, 0) }
    #expect(line.isRight, "distance \(distance)")
    let step = TaylorSlope(derivative: 0) { $0 > distance ? 1 : 0 }
    #expect(step.isRight, "distance \(distance)")
    let curve = TaylorSlope(derivative: 1) { exp($0) + max($0 - distance, 0) }
    #expect(curve.isRight, "distance \(distance)")
    let wrong = TaylorSlope(derivative: 1.001) { exp($0) + max($0 - distance, 0) }
    #expect(!wrong.isRight, "distance \(distance)")
  }

  @Test("the large steps may leave the domain", arguments: [0.2, 0.01, 1e-4])
  func domain(margin: Double) {
    #expect(TaylorSlope(derivative: -1 / margin) { log(margin - $0) }.isRight)
    #expect(!TaylorSlope(derivative: -1.001 / margin) { log(margin - $0) }.isRight)
  }

  @Test("a function or a derivative that is not a number is wrong")
  func nonNumbers() {
    #expect(!TaylorSlope(derivative: 1) { _ in .nan }.isRight)
    #expect(!TaylorSlope(derivative: .nan) { $0 }.isRight)
    #expect(!TaylorSlope(derivative: .infinity) { $0 }.isRight)
    #expect(!TaylorSlope(derivative: 1) { $0 == 0 ? .infinity : $0 }.isRight)
  }
}
