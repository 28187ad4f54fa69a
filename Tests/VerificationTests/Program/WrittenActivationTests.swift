import Plumbline
import Testing

@testable import Verification

@Suite("What people write for the derivative of an activation")
struct WrittenActivationTests {
  @Test("every element-wise activation of the library is in the list once")
  func complete() {
    let listed = WrittenActivation.all.map(\.activation)
    #expect(Set(listed) == Set(Activation.all.filter(\.isElementwise)))
    #expect(Set(listed).count == listed.count)
    #expect(
      Set(Activation.elementwise) == Set(WrittenActivation.all.filter(\.isCommon).map(\.activation))
    )
  }

  @Test(
    "by the output it is the derivative, and what is half written is not",
    arguments: WrittenActivation.all.map(\.activation))
  func derivatives(activation: Activation) throws {
    let written = try #require(WrittenActivation.of(activation))
    let z = Tensor<Double>([40], Key(seed: 6).normal(40))
    let function = Nonlinearity(activation)
    let a = function(z)
    let right = try #require(function.derivative(at: z))
    if let (derivative, _) = written.byOutput {
      #expect(derivative(a).relativeDistance(to: right) < 1e-12)
    }
    for (value, words) in written.halfWritten(z, a) {
      #expect(value.shape == z.shape)
      #expect(value.relativeDistance(to: right) > 1e-3, "\(words)")
    }
  }
}
