import Plumbline
import Testing

@testable import Verification

@Suite("The audit of normalizations that a file shows by its values")
struct NormalizationAuditTests {
  /// One step through a normalization and tanh, under a squared error; the values between the layers are in the file or not.
  private func report(
    isOverUnits: Bool, hasValues: Bool, change: (inout [String: Tensor<Double>]) -> Void = { _ in }
  ) throws -> AuditReport {
    let key = Key(seed: 4)
    let inputs = Tensor<Double>([9, 3], key["x"].normal(27))
    let targets = Tensor<Double>([9, 2], key["y"].normal(18))
    let parameters = ProgramParameters(
      weights: [Tensor([3, 5], key["w"].normal(15)), Tensor([5, 2], key["v"].normal(10))],
      biases: [Tensor([5], key["b"].normal(5)), .zeros([2])],
      scales: [1: Tensor([5], key["g"].normal(5)) + 2], shifts: [1: Tensor([5], key["s"].normal(5))]
    )
    let network = ProgramNetwork(
      layers: [
        .init(
          inputs: 3, outputs: 5, function: .elementwise(.tanh),
          normalization: .init(epsilon: 1e-5, isOverUnits: isOverUnits), hasScale: true),
        .init(inputs: 5, outputs: 2, function: .linear),
      ], loss: ProgramLoss(kind: .squaredError, scale: 1.0 / 18))
    let truth = ProgramPass(network: network, inputs: inputs, targets: targets)
      .derivatives(at: parameters)
    var arrays = ["X": inputs, "Y": targets]
    if hasValues { arrays.merge(["Z1": truth.z[0], "A1": truth.a[0]]) { $1 } }
    for layer in 1...2 {
      arrays["W\(layer)"] = parameters.weights[layer - 1]
      arrays["b\(layer)"] = parameters.biases[layer - 1]
      arrays["dW\(layer)"] = truth.dw[layer - 1]
      arrays["db\(layer)"] = truth.db[layer - 1]
    }
    arrays["gamma1"] = parameters.scales[1]
    arrays["beta1"] = parameters.shifts[1]
    arrays["dgamma1"] = truth.dscale[1]
    arrays["dbeta1"] = truth.dshift[1]
    change(&arrays)
    return try Audit.report(on: SavedArrays(arrays, cost: truth.cost, keep: nil, tolerance: 1e-5))
  }

  @Test(
    "over the batch and over the units of an example are told apart, by values and by the cost",
    arguments: [false, true], [false, true])
  func kinds(isOverUnits: Bool, hasValues: Bool) throws {
    let right = try report(isOverUnits: isOverUnits, hasValues: hasValues)
    #expect(right.verdict == .pass, "\(right.paragraph)")
    #expect(
      right.reading.network.contains(isOverUnits ? "layer normalization" : "batch normalization"))
    let wrong = try report(isOverUnits: isOverUnits, hasValues: hasValues) {
      $0["dgamma1"] = $0["dgamma1"]! * 9
    }
    #expect(wrong.firstDivergence?.quantity == Quantity(.scaleGradient, 1))
  }
}
