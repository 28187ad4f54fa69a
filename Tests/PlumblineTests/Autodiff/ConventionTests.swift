import Plumbline
import TestSupport
import Testing
import Verification

/// A function that can be evaluated at the kinks of one operation, with every input of the operation as an
/// input of its own.
private struct KinkFunction: DifferentiableFunction {
  let kind: OperationKind

  func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
    switch kind {
    case .powerConstant: pow(x[0], 0.5)
    case .sign: sign(x[0])
    case .compare: compare(x[0], .equal, x[1])
    case .select: select(x[0], x[1], x[2])
    case .elu: elu(x[0], alpha: 0.7)
    case .maximumOverAxes: x[0].max()
    case .gather: x[0].gathered(at: x[1])
    case .logLikelihood: logLikelihood(x[0], of: x[1])
    case .logLikelihoodGradient: logLikelihoodGradient(x[0], logits: x[1], classes: x[2])
    case .scatter: x[0].scattered(at: x[1], classes: 2)
    case .rows: x[0].rows(at: x[1])
    case .scatterRows: x[0].scatteredRows(at: x[1], count: 2)
    case .oneHot: x[0].oneHot(classes: 3)
    case .detach: x[0].detached()
    default: OperationFunction(kind: kind, key: Key(seed: 0))(x)
    }
  }
}

@Suite("What an operation says of its kinks is true")
struct ConventionTests {
  /// A point where the derivative is a matter of convention, and the gradient of the sum there.
  struct Kink: Sendable, CustomTestStringConvertible {
    let kind: OperationKind
    let words: String
    let point: [Tensor<Double>]
    let gradients: [Tensor<Double>]
    var testDescription: String { "\(kind) at \(point): \(words)" }

    init(_ kind: OperationKind, _ words: String, at point: Tensor<Double>..., is: Tensor<Double>...)
    {
      self.kind = kind
      self.words = words
      self.point = point
      gradients = `is`
    }
  }

  private static let infinity = Tensor([Double.infinity])

  static let kinks: [Kink] = [
    Kink(.power, "d/dx = 0 where y = 0", at: [0], [0], is: [0], [0]),
    Kink(.power, "d/dy = 0 where x = 0", at: [0], [2], is: [0], [0]),
    Kink(.minimum, "half of the gradient goes to each", at: [3], [3], is: [0.5], [0.5]),
    Kink(.maximum, "half of the gradient goes to each", at: [3], [3], is: [0.5], [0.5]),
    Kink(.powerConstant, "infinite at 0", at: [0], is: infinity),
    Kink(.absolute, "0 at 0", at: [0], is: [0]),
    Kink(.sign, "0 everywhere, at the step too", at: [0, 1], is: [0, 0]),
    Kink(.clip, "1 at both ends", at: [-1, 1], is: [1, 1]),
    Kink(.log, "infinite at 0", at: [0], is: infinity),
    Kink(.log1p, "infinite at -1", at: [-1], is: infinity),
    Kink(.sqrt, "infinite at 0", at: [0], is: infinity),
    Kink(.relu, "0 at 0", at: [0, -0.0], is: [0, 0]),
    Kink(.gate, "closed at g = 0; no gradient to g", at: [5, 5], [0, 1], is: [0, 1], [0, 0]),
    Kink(.leakyRelu, "the slope of the negative side at 0", at: [0], is: [0.2]),
    Kink(.elu, "alpha at 0", at: [0], is: [0.7]),
    Kink(.compare, "no gradient anywhere", at: [2], [2], is: [0], [0]),
    Kink(
      .select, "no gradient to the mask", at: [1, 0], [2, 3], [4, 5], is: [0, 0], [1, 0], [0, 1]),
    Kink(.maximumOverAxes, "share the gradient evenly", at: [7, 1, 7], is: [0.5, 0, 0.5]),
    Kink(.gather, "no gradient to the indices", at: [[4, 5]], [1], is: [[0, 1]], [0]),
    Kink(.logLikelihood, "no gradient to the classes", at: [[0, 800]], [0], is: [[1, -1]], [0]),
    Kink(
      .logLikelihoodGradient, "no gradient to the classes", at: [2], [[0, 800]], [0], is: [0],
      [[0, 0]], [0]),
    Kink(.scatter, "no gradient to the indices", at: [4], [1], is: [1], [0]),
    Kink(.rows, "no gradient to the indices", at: [[4], [5]], [1], is: [[0], [1]], [0]),
    Kink(
      .scatterRows, "no gradient to the indices", at: [[4], [5]], [1, 1], is: [[1], [1]], [0, 0]),
    Kink(.oneHot, "no gradient to the indices", at: [2, 0], is: [0, 0]),
    Kink(.detach, "no gradient, by intention", at: [2], is: [0]),
  ]

  @Test("the gradient there is the stated one, and the tape prints the statement", arguments: kinks)
  func gradient(kink: Kink) throws {
    let tape = Tape<Double>()
    let inputs = kink.point.map { tape.variable($0) }
    let gradients = tape.gradients(of: KinkFunction(kind: kink.kind)(inputs).sum())
    for (input, expected) in zip(inputs, kink.gradients) {
      #expect(gradients[input] == expected)
    }
    let entry = try #require(tape.entries.first { $0.title == kink.kind.rawValue })
    let convention = try #require(entry.convention)
    #expect(convention.contains(kink.words))
  }

  // `detach` is left out: that its derivative is not the function's is what it is for.
  @Test("dual numbers follow the same convention", arguments: kinks.filter { $0.kind != .detach })
  func dualNumbers(kink: Kink) {
    for (input, expected) in kink.gradients.enumerated() {
      for entry in 0..<expected.count {
        let dual = kink.point.enumerated().map { place, tensor in
          var direction = Tensor<Double>.zeros(tensor.shape).flattened()
          if place == input { direction[entry] = 1 }
          return tensor.dual(tangent: direction.reshaped(to: tensor.shape))
        }
        let tangent: Tensor<Double> = KinkFunction(kind: kink.kind)(dual).sum().tangent()
        #expect(tangent.scalar == expected.scalars[entry], "entry \(entry) of input \(input)")
      }
    }
  }

  @Test("every operation that states a convention is tried", arguments: OperationKind.allCases)
  func completeness(kind: OperationKind) throws {
    let function = OperationFunction(kind: kind, key: Trial(number: 0).key[kind.rawValue])
    let tape = Tape<Double>()
    _ = function(function.point.map { tape.variable($0) })
    let entry = try #require(tape.entries.first { $0.title == kind.rawValue })
    #expect((entry.convention != nil) == Self.kinks.contains { $0.kind == kind })
  }
}
