import Foundation
import Testing
import Verification

@Suite("One-sided differences know their error")
struct OneSidedDifferenceTests {
  @Test("on smooth functions, from both sides", arguments: 0..<200)
  func smooth(number: Int) {
    let x = Double(number) / 50 - 2
    let samples: [(value: (Double) -> Double, slope: Double)] = [
      ({ exp($0) }, exp(x)), ({ sin(5 * $0) }, 5 * cos(5 * x)), ({ tanh($0) }, 1 - pow(tanh(x), 2)),
      ({ 1e6 + $0 * $0 }, 2 * x),
    ]
    for (value, slope) in samples {
      for side in [OneSidedDifference.Side.left, .right] {
        let found = OneSidedDifference(side) { value(x + $0) }
        #expect(abs(found.derivative - slope) <= 4 * found.predictedError, "at \(x), \(side)")
      }
    }
  }

  @Test("at a kink and at a step each side has its own slope")
  func kink() {
    func bend(_ x: Double) -> Double { (x > 0 ? 3 * x + 7 : -2 * x) + exp(x) }
    let left = OneSidedDifference(.left, of: bend)
    let right = OneSidedDifference(.right, of: bend)
    #expect(abs(left.derivative + 1) <= 4 * left.predictedError && left.predictedError < 1e-6)
    #expect(abs(right.derivative - 4) <= 4 * right.predictedError && right.predictedError < 1e-6)
  }

  @Test("a function without values has none")
  func nonNumbers() {
    #expect(OneSidedDifference(.right) { _ in .nan }.predictedError == .infinity)
  }
}
