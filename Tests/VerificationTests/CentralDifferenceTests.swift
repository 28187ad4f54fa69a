import Foundation
import Testing
import Verification

@Suite("Central differences know their error")
struct CentralDifferenceTests {
  @Test("the derivative of x² at 0 is 0")
  func square() {
    let result = CentralDifference { $0 * $0 }
    #expect(abs(result.derivative) <= result.predictedError)
  }
}
