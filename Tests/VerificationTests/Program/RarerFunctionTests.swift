import Plumbline
import Testing

@testable import Verification

@Suite("Functions that the library has no activation for")
struct RarerFunctionTests {
  private let x = Tensor<Double>([60], Key(seed: 3).normal(60)) * 2
  private let comparison = Comparison(tolerance: 1e-5, examples: 60)

  @Test(
    "are told by their values, with their numbers",
    arguments: [
      RarerFunction.softsign, .mish, .square, .gaussian, .hardSigmoid(slope: 0.2),
      .clipped(low: 0, high: 1), .scaledElu(factor: 1.0507, alpha: 1.6733),
      .scaled(.tanh, factor: 1.7159, inner: 2.0 / 3),
      .scaled(.silu, factor: 1 / 1.702, inner: 1.702),
    ])
  func fitted(function: RarerFunction) throws {
    let found = try #require(RarerFunction.fitted(function(x), x, comparison))
    #expect(comparison.agree(found(x), function(x)))
    #expect(found.title == function.title)
  }

  @Test("values of any smooth function look like one, and others do not")
  func elementwise() {
    let other = x * x * x * 0.1 - x
    #expect(RarerFunction.fitted(other, x, comparison) == nil)
    #expect(RarerFunction.isElementwise(other, x))
    #expect(!RarerFunction.isElementwise(Tensor([60], Key(seed: 4).normal(60)), x))
    let rows = x.reshaped(to: [10, 6])
    #expect(!RarerFunction.isElementwise(softmax(rows.transposed()).transposed(), rows))
  }

  /// One step of a network of two layers under a loss, right, or with a gradient changed.
  private func report(
    _ loss: ProgramLoss, _ function: RarerFunction, targets: Tensor<Double>,
    change: (inout [String: Tensor<Double>]) -> Void = { _ in }
  ) throws -> AuditReport {
    let key = Key(seed: 8)
    let outputs = targets.shape[1]
    let inputs = Tensor<Double>([20, 3], key["x"].normal(60))
    let parameters = ProgramParameters(
      weights: [
        Tensor([3, 5], key["w"].normal(15)), Tensor([5, outputs], key["v"].normal(5 * outputs)),
      ], biases: [Tensor([5], key["b"].normal(5)), .zeros([outputs])])
    let network = ProgramNetwork(
      layers: [
        .init(inputs: 3, outputs: 5, function: .rarer(function)),
        .init(inputs: 5, outputs: outputs, function: .linear),
      ], loss: loss)
    let truth = ProgramPass(network: network, inputs: inputs, targets: targets)
      .derivatives(at: parameters)
    var arrays = ["X": inputs, "Y": targets, "Z1": truth.z[0], "A1": truth.a[0], "Z2": truth.z[1]]
    for layer in 1...2 {
      arrays["W\(layer)"] = parameters.weights[layer - 1]
      arrays["b\(layer)"] = parameters.biases[layer - 1]
      arrays["dW\(layer)"] = truth.dw[layer - 1]
      arrays["db\(layer)"] = truth.db[layer - 1]
    }
    change(&arrays)
    return try Audit.report(
      on: SavedArrays(arrays, cost: truth.cost, keep: nil, tolerance: 1e-5))
  }

  @Test("a pass through them, under the losses of scores and the one of Huber, is judged")
  func judged() throws {
    let key = Key(seed: 9)
    let classes = Tensor<Double>(classes: (0..<20).map { $0 % 3 }).oneHot(classes: 3)
    let counts = Tensor<Double>([20, 1], (0..<20).map { Double($0 % 4) })
    let values = Tensor<Double>([20, 1], key.normal(20))
    let mean = 1.0 / 20
    for (loss, targets) in [
      (ProgramLoss(kind: .hinge, scale: mean), classes),
      (.init(kind: .poisson, scale: mean), counts),
      (.init(kind: .huber, scale: mean), values),
    ] {
      let right = try report(loss, .softsign, targets: targets)
      #expect(right.verdict == .pass, "\(right.paragraph)")
      #expect(right.reading.loss == loss.kind.rawValue)
      let wrong = try report(loss, .softsign, targets: targets) { $0["dW1"] = $0["dW1"]! * 20 }
      #expect(wrong.firstDivergence?.quantity == Quantity(.weightGradient, 1))
    }
  }

  @Test("a function that is none of them decides nothing, and a right pass is not called wrong")
  func unknown() throws {
    let loss = ProgramLoss(kind: .squaredError, scale: 0.05)
    let targets = Tensor<Double>([20, 1], Key(seed: 9).normal(20))
    let report = try report(loss, .softsign, targets: targets) {
      let z = $0["Z1"]!
      $0["A1"] = z * z * z * 0.1 - z
      $0["Z2"] = matmul($0["A1"]!, $0["W2"]!)
    }
    #expect(report.verdict == .undecided)
  }
}
