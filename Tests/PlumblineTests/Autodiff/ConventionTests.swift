import Plumbline
import TestSupport
import Testing
import Verification

@Suite("What an operation says of its kinks is true")
struct ConventionTests {
  static let kinks = OperationSample.all.flatMap(\.kinks)

  @Test("the gradient there is the stated one, and the tape prints the statement", arguments: kinks)
  func gradient(kink: OperationSample.Kink) throws {
    let tape = Tape<Double>()
    let inputs = kink.point.map { tape.variable($0) }
    let gradients = tape.gradients(of: kink.function(inputs).sum())
    for (input, expected) in zip(inputs, kink.gradients) {
      #expect(gradients[input] == expected)
    }
    let entry = try #require(tape.entries.first { $0.title == kink.operation })
    let convention = try #require(entry.convention)
    #expect(convention.contains(kink.words))
  }

  // `detach` is left out: that its derivative is not the function's is what it is for.
  @Test(
    "dual numbers follow the same convention", arguments: kinks.filter { $0.operation != "detach" })
  func dualNumbers(kink: OperationSample.Kink) {
    for (input, expected) in kink.gradients.enumerated() {
      for entry in 0..<expected.count {
        let dual = kink.point.enumerated().map { position, tensor in
          var direction = Tensor<Double>.zeros(tensor.shape).flattened()
          if position == input { direction[entry] = 1 }
          return tensor.dual(tangent: direction.reshaped(to: tensor.shape))
        }
        let tangent: Tensor<Double> = kink.function(dual).sum().tangent()
        #expect(tangent.scalar == expected.scalars[entry], "entry \(entry) of input \(input)")
      }
    }
  }

  @Test("every operation that states a convention is tried", arguments: OperationSample.all)
  func completeness(sample: OperationSample) throws {
    let function = sample.function(Trial(number: 0).key)
    let tape = Tape<Double>()
    _ = function(function.point.map { tape.variable($0) })
    let entry = try #require(tape.entries.first { $0.title == sample.name })
    #expect((entry.convention != nil) == !sample.kinks.isEmpty)
  }
}
