import Plumbline
import TestSupport
import Testing
import Verification

/// z = x y for x `[rows, columns]` and y `[columns]`, with a pullback that can be wrong in one way.
private struct FlawedProduct: TensorOperation {
  enum Flaw: String, CaseIterable, Sendable {
    case none, scale, sign, onlyFirstRow, oneEntry, swappedOperands, missingSecond
  }

  let flaw: Flaw
  var name: String { "product with flaw \(flaw)" }

  func shape(of inputs: [Shape]) -> Shape { inputs[0] }

  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0] * inputs[1] }

  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    let (first, second) = (upstream * y, upstream * x)
    let summed = second.sum(alongAxes: [0])
    switch flaw {
    case .none: return [first, summed]
    case .scale: return [first * 1.001, summed]
    case .sign: return [first, -summed]
    case .onlyFirstRow: return [first, second.sliced(axis: 0, 0..<1).reshaped(to: y.shape)]
    case .oneEntry:
      var mask = Tensor<T.Scalar>.ones(x.shape)
      mask[1, 2] = 1.01
      return [first * first.constant(mask), summed]
    case .swappedOperands: return [upstream * x, summed]
    case .missingSecond: return [first, nil]
    }
  }
}

private struct FlawedFunction: DifferentiableFunction {
  let flaw: FlawedProduct.Flaw

  func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
    T.apply(FlawedProduct(flaw: flaw), to: [tanh(x[0]), x[1]])
  }
}

/// y = x³ whose pullback has the right value and forgets that it depends on x.
private struct ForgetfulCube: TensorOperation {
  let name = "forgetful cube"
  func shape(of inputs: [Shape]) -> Shape { inputs[0] }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0] * inputs[0] * inputs[0] }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream * (3 * call.inputs[0].squared()).detached()]
  }
}

private struct ForgetfulFunction: DifferentiableFunction {
  func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T { T.apply(ForgetfulCube(), to: [x[0]]) }
}

@Suite("The gradient check catches wrong pullbacks")
struct FlawedOperationTests {
  private func report(_ flaw: FlawedProduct.Flaw, _ trial: Trial) -> GradientCheck.Report {
    let point = [trial.key["x"].tensor([20, 5]), trial.key["y"].tensor([5], awayFromZeroBy: 0.3)]
    return GradientCheck(key: trial.key["check"]).report(on: FlawedFunction(flaw: flaw), at: point)
  }

  @Test("and passes the same operation without a flaw", arguments: Trial.several(3))
  func flawless(trial: Trial) {
    #expect(report(.none, trial).passes, trial.comment)
  }

  @Test(
    "each oracle by itself: 0.1 % too large, the wrong sign, a missing sum, one entry among a hundred",
    arguments: [.scale, .sign, .onlyFirstRow, .oneEntry, .swappedOperands, .missingSecond]
      as [FlawedProduct.Flaw], Trial.several(2))
  fileprivate func flaws(flaw: FlawedProduct.Flaw, trial: Trial) {
    let report = report(flaw, trial)
    #expect(!report.passes, trial.comment)
    for oracle in GradientCheck.Oracle.allCases {
      #expect(
        report.failures.contains { $0.oracle == oracle },
        "\(flaw) by \(oracle), \(trial.testDescription)")
    }
  }

  @Test("and central differences name the entry that is wrong, and no other")
  func location() throws {
    let failures = report(.oneEntry, Trial(number: 0)).failures.filter { $0.oracle == .difference }
    let failure = try #require(failures.first)
    #expect(failures.count == 1)
    #expect(failure.position?.input == 0)
    #expect(failure.position?.entry == 7)
    #expect(Swift.abs(failure.claimed / failure.found - 1.01) < 1e-9)
    #expect(failure.description.contains("central difference, entry 7 of input 0"))
  }

  @Test("and a second derivative that is lost, at order 2 only")
  func secondOrder() {
    let point = [Trial(number: 0).key["x"].tensor([4], awayFromZeroBy: 0.3)]
    let check = GradientCheck()
    #expect(check.report(on: ForgetfulFunction(), at: point).passes)
    let report = check.report(on: ForgetfulFunction(), at: point, order: 2)
    for oracle in GradientCheck.Oracle.allCases {
      #expect(report.failures.contains { $0.oracle == oracle }, "\(oracle)")
    }
  }
}
