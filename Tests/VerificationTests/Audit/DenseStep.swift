import Plumbline

@testable import Verification

/// One step of dense layers, with the arrays that a program would save.
struct DenseStep {
  var arrays: [String: Tensor<Double>]
  let truth: Derivatives
  let parameters: ProgramParameters
  let cost: Double

  init(
    _ widths: [Int], _ functions: [Nonlinearity], _ loss: ProgramLoss, targets: Tensor<Double>,
    inputs: Tensor<Double>? = nil, penalty: Penalty = Penalty(), bias: Double? = nil, seed: Int = 4
  ) {
    let key = Key(seed: seed)
    let m = targets.shape[0]
    let x = inputs ?? Tensor([m, widths[0]], key["x"].normal(m * widths[0]))
    parameters = ProgramParameters(
      weights: zip(widths, widths.dropFirst()).enumerated().map { index, pair in
        Tensor([pair.0, pair.1], key["w\(index)"].normal(pair.0 * pair.1)) * 0.6
      },
      biases: widths.dropFirst().enumerated().map { index, units in
        bias.map { .ones([units]) * $0 } ?? Tensor([units], key["b\(index)"].normal(units)) * 0.1
      }
    )
    let network = ProgramNetwork(
      layers: functions.enumerated().map {
        .init(inputs: widths[$0], outputs: widths[$0 + 1], function: $1)
      }, loss: loss)
    truth = ProgramPass(network: network, inputs: x, targets: targets).derivatives(at: parameters)
    cost = truth.cost + penalty.value(weights: parameters.weights, biases: [])
    arrays = ["X": x, "Y": targets]
    for layer in functions.indices {
      let weight = parameters.weights[layer]
      arrays["W\(layer + 1)"] = weight
      arrays["b\(layer + 1)"] = parameters.biases[layer]
      arrays["dW\(layer + 1)"] = truth.dw[layer] + penalty.gradient(of: weight)
      arrays["db\(layer + 1)"] = truth.db[layer]
    }
  }

  func report(cost: Double?, named name: String = "cost") throws -> AuditReport {
    var all = arrays
    if let cost { all[name] = Tensor(cost) }
    return try Audit.report(on: SavedArrays(all, cost: nil, keep: nil, tolerance: 1e-5))
  }
}
