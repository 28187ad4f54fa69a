import Plumbline
import TestSupport
import Testing
import Verification

/// Functions that the check has to pass.
private enum RightFunction: String, CaseIterable, DifferentiableFunction {
  case product, network, distance, logarithm, kinks, constant, unused, cancelling

  func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
    switch self {
    case .product: matmul(x[0], x[1])
    case .network: softmax(tanh(matmul(x[0], x[1])))
    case .distance: sqrt((x[0] - 0.5).squared().sum() + 1)
    case .logarithm: log(x[0].squared() + 1e-4)
    case .kinks: relu(x[0]) + abs(x[0] - 0.3) * 2 + clip(x[0], to: -0.7...0.9)
    case .constant: x[0].constant(.ones([2]))
    case .unused: exp(x[1])
    case .cancelling: (x[0] + 10) - (x[0] * 0.5 + 10)
    }
  }
}

/// y = x², with a pullback that can be wrong.
private struct Square: TensorOperation {
  enum Flaw: String, CaseIterable, Sendable { case factor, sign, zero, notANumber, infinite }
  let flaw: Flaw
  let name = "square"
  func shape(of inputs: [Shape]) -> Shape { inputs[0] }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0] * inputs[0] }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let right = upstream * call.inputs[0] * 2
    switch flaw {
    case .factor: return [right * 0.999]
    case .sign: return [-right]
    case .zero: return [nil]
    case .notANumber: return [right * .nan]
    case .infinite: return [right / 0]
    }
  }
}

private struct WrongFunction: DifferentiableFunction {
  let flaw: Square.Flaw
  func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
    T.apply(Square(flaw: flaw), to: [x[0]]) + x[1].sum()
  }
}

@Suite("The gradient check")
struct GradientCheckTests {
  private func point(_ number: Int) -> [Tensor<Double>] {
    let key = Key(seed: TestSeed.value)["point"][number]
    return [Tensor([2, 3], key["x"].normal(6)), Tensor([3, 2], key["w"].normal(6))]
  }

  #if DEBUG
    private static let draws = 3
  #else
    private static let draws = 30
  #endif

  @Test("passes right gradients, to third order", arguments: RightFunction.allCases, 1...3)
  fileprivate func right(function: RightFunction, order: Int) {
    for number in 0..<(order == 3 ? 1 : Self.draws) {
      let key = Key(seed: TestSeed.value)["check"][number]
      let report = GradientCheck(key: key).report(on: function, at: point(number), order: order)
      #expect(
        report.passes,
        "\(function), draw \(number) of seed \(TestSeed.value): \(report.failures)")
    }
  }

  @Test("fails wrong gradients, by every oracle", arguments: Square.Flaw.allCases)
  fileprivate func wrong(flaw: Square.Flaw) {
    for number in 0..<Self.draws {
      let report = GradientCheck().report(on: WrongFunction(flaw: flaw), at: point(number))
      for oracle in GradientCheck.Oracle.allCases {
        #expect(
          report.failures.contains { $0.oracle == oracle },
          "\(flaw) by \(oracle), draw \(number) of seed \(TestSeed.value)")
      }
      // The second input's gradient is right, and nothing is said against it.
      #expect(report.failures.allSatisfy { $0.position?.input != 1 })
      let indices = report.failures.compactMap(\.position?.entry)
      #expect(indices.sorted() == [0, 1, 2, 3, 4, 5])
    }
  }

  @Test("reports how well the gradient agrees")
  func report() throws {
    let report = GradientCheck().report(on: RightFunction.network, at: point(0))
    #expect(report.largestRelativeError < 1e-9)
    let order = try #require(report.slope)
    #expect(order > 1.9 && order < 2.1)
    let wrong = GradientCheck().report(on: WrongFunction(flaw: .factor), at: point(0))
    // A thousandth of the largest entry of the first gradient, relative to the largest of both.
    #expect(wrong.largestRelativeError > 0.0001 && wrong.largestRelativeError <= 0.0011)
    #expect((try #require(wrong.slope)) < 1.5)
    let broken = GradientCheck().report(on: WrongFunction(flaw: .notANumber), at: point(0))
    #expect(broken.largestRelativeError == .infinity)
  }

  @Test("prints its verdict, what was compared, and what is wrong")
  func printed() {
    let right = "\(GradientCheck().report(on: RightFunction.network, at: point(0)))"
    #expect(right.hasPrefix("PASS: "))
    #expect(right.contains(" entries in ") && !right.contains("\n"))
    let wrong = "\(GradientCheck().report(on: WrongFunction(flaw: .sign), at: point(0)))"
    #expect(wrong.hasPrefix("FAIL: "))
    #expect(wrong.contains("the gradient differs from what dual numbers give"))
  }

  @Test("gives the same report for the same key")
  func determinism() {
    let wrong = WrongFunction(flaw: .factor)
    let first = GradientCheck(key: Key(seed: 3)).report(on: wrong, at: point(0))
    let second = GradientCheck(key: Key(seed: 3)).report(on: wrong, at: point(0))
    let third = GradientCheck(key: Key(seed: 4)).report(on: wrong, at: point(0))
    #expect(first.failures == second.failures)
    #expect(first.failures != third.failures)
  }

  @Test("says in a sentence what is wrong where")
  func description() throws {
    let failures = GradientCheck().report(on: WrongFunction(flaw: .sign), at: point(0)).failures
    let texts = failures.map(\.description)
    #expect(texts.contains { $0.hasPrefix("dual numbers, along a random direction: claimed") })
    #expect(texts.contains { $0.hasPrefix("Taylor slope, along a random direction: claimed 2.0") })
    #expect(texts.contains { $0.hasPrefix("central difference, entry 5 of input 0: claimed") })
  }

  @Test("does not mind inputs without values")
  func emptyInput() {
    let report = GradientCheck().report(
      on: RightFunction.product, at: [.zeros([2, 0]), .zeros([0, 3])])
    #expect(report.passes)
  }
}
