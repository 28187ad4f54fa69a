import Networks
import Plumbline

@testable import Verification

/// One step of a network that is described, with the arrays that a program would save under the network's paths.
struct DescribedStep {
  let network: Network
  let parameters: [Tensor<Double>]
  let cost: DescribedCost
  private let classes: [Double]

  init(_ json: String, seed: Int, examples: Int = 5) throws {
    try self.init(NetworkDescription(json: json), seed: seed, examples: examples)
  }

  init(_ description: NetworkDescription, seed: Int, examples: Int = 5) throws {
    let key = Key(seed: seed)
    network = try description.network()
    let initial = Parameters<Double>(of: network, key: key["parameters"])
    // Off their starting values, so that no scale is 1 and no bias 0.
    parameters = initial.names.enumerated().map { index, name in
      let value = initial[name]
      return value + Tensor(value.shape, key["\(index)"].normal(value.count)) * 0.3
    }
    let shape = Shape([examples] + network.description.input.extents)
    classes = (0..<examples).map { Double($0 % 2) }
    cost = DescribedCost(
      network: network, output: .softmax,
      loss: ProgramLoss(kind: .crossEntropy, scale: 1 / Double(examples)),
      inputs: Tensor(shape, key["x"].normal(shape.elementCount)),
      targets: Tensor<Double>(classes: (0..<examples).map { $0 % 2 }).oneHot(classes: 2))
  }

  var names: [String] { ParameterLayout(of: network).entries.map(\.name) }
  /// The right gradients, in the order of the names.
  var gradients: [Tensor<Double>] { cost.gradients(parameters) }

  /// The arrays of a file with these gradients.
  func arrays(_ gradients: [Tensor<Double>]) -> [String: Tensor<Double>] {
    var arrays = ["X": cost.inputs, "Y": Tensor<Double>([classes.count], classes)]
    for (index, name) in names.enumerated() {
      arrays[name] = parameters[index]
      arrays[name + ".grad"] = gradients[index]
    }
    return arrays
  }

  /// - Parameter described: The network that the audit is told of; `nil` for that of the step.
  func report(
    _ arrays: [String: Tensor<Double>], loss: ProgramLoss.Kind? = nil, described: Network? = nil
  ) throws -> AuditReport {
    try NetworkAudit(
      described ?? network, loss: loss,
      saved: SavedArrays(arrays, cost: cost.value(parameters), keep: nil, tolerance: 1e-5)
    ).report()
  }

  /// Every wrong form of a layer that a rule makes, with the cost that differentiates it so.
  func wrongLayers() throws -> [(layer: Int, wrong: WrongLayers, cost: DescribedCost)] {
    try cost.between(parameters).enumerated().flatMap { index, observed in
      try wrongRules.flatMap { $0.layers(observed.site) }.map { wrong in
        var description = network.description
        description.layers.replaceSubrange(index...index, with: wrong.layers)
        return (
          index, wrong,
          DescribedCost(
            network: try description.network(), output: cost.output, loss: cost.loss,
            inputs: cost.inputs, targets: cost.targets)
        )
      }
    }
  }
}
