import Findings
import Networks
import Plumbline
import Testing

@testable import Verification

@Suite("Wrong rules of layers that are described")
struct WrongRuleTests {
  private static let descriptions = [
    """
    {"input": [2, 5, 5], "output": "softmax", "layers": [
      {"layer": "convolution", "outputs": 3, "kernel": 2}, {"layer": "sigmoid"},
      {"layer": "max-pool", "kernel": 2}, {"layer": "batch-norm"}, {"layer": "relu"},
      {"layer": "flatten"}, {"layer": "dense", "outputs": 2}]}
    """,
    """
    {"input": [4, 3], "output": "softmax", "layers": [
      {"layer": "lstm", "units": 4, "output": "sequence"}, {"layer": "recurrent", "units": 4},
      {"layer": "layer-norm"}, {"layer": "dense", "outputs": 4}, {"layer": "tanh"},
      {"layer": "dense", "outputs": 2}]}
    """,
    """
    {"input": [4, 3], "output": "softmax", "layers": [
      {"layer": "gru", "units": 5},
      {"layer": "residual", "scale": 0.5, "after": "relu", "branch": [{"layer": "tanh"}, {"layer": "dense", "outputs": 5}]},
      {"layer": "dense", "outputs": 2}]}
    """,
  ]

  private struct Run {
    let network: Network
    let parameters: [Tensor<Double>]
    let cost: DescribedCost

    init(_ json: String) throws {
      let key = Key(seed: 11)
      network = try NetworkDescription(json: json).network()
      let initial = Parameters<Double>(of: network, key: key["parameters"])
      // Off their starting values, so that no scale is 1 and no bias 0.
      parameters = initial.names.enumerated().map { index, name in
        let value = initial[name]
        return value + Tensor(value.shape, key["\(index)"].normal(value.count)) * 0.2
      }
      let shape = Shape([6] + network.description.input.extents)
      cost = DescribedCost(
        network: network, output: .softmax, loss: ProgramLoss(kind: .crossEntropy, scale: 1.0 / 6),
        inputs: Tensor(shape, key["x"].normal(shape.elementCount)),
        targets: Tensor<Double>(classes: [0, 1, 1, 0, 1, 0]).oneHot(classes: 2))
    }

    /// Every wrong network, with the layer and what is wrong there.
    func wrong() throws -> [(layer: Int, wrong: WrongLayers, cost: DescribedCost)] {
      let between = try cost.between(parameters)
      return try between.indices.flatMap { index in
        let site = between[index].site
        return try wrongRules.flatMap { $0.layers(site) }.map { wrong in
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

  @Test(
    "compute the same cost with the same parameters, and another gradient", arguments: descriptions)
  func values(json: String) throws {
    let run = try Run(json)
    let right = run.cost.gradients(run.parameters)
    let value = run.cost.value(run.parameters)
    let all = try run.wrong()
    #expect(all.count > 15)
    for (layer, wrong, cost) in all {
      #expect(abs(cost.value(run.parameters) - value) < 1e-12, "layer \(layer) \(wrong.words)")
      let gradients = cost.gradients(run.parameters)
      #expect(gradients.map(\.shape) == right.map(\.shape))
      #expect(
        zip(gradients, right).contains { $0.relativeDistance(to: $1) > 1e-6 },
        "layer \(layer) \(wrong.words): changes nothing")
    }
  }

  @Test(
    "are found again by the gradients that they give, and the right ones pass",
    arguments: descriptions)
  func found(json: String) throws {
    let run = try Run(json)
    func report(_ gradients: [Tensor<Double>]) throws -> AuditReport {
      var arrays = ["X": run.cost.inputs, "Y": Tensor<Double>([6], [0, 1, 1, 0, 1, 0])]
      for (index, entry) in ParameterLayout(of: run.network).entries.enumerated() {
        arrays[entry.name] = run.parameters[index]
        arrays[entry.name + ".grad"] = gradients[index]
      }
      return try NetworkAudit(
        run.network,
        saved: SavedArrays(
          arrays, cost: run.cost.value(run.parameters), keep: nil, tolerance: 1e-5)
      ).report()
    }
    let right = run.cost.gradients(run.parameters)
    #expect(try report(right).verdict == .pass)
    var seen: Set<CauseID> = []
    for (_, wrong, cost) in try run.wrong() where seen.insert(wrong.id).inserted {
      let gradients = cost.gradients(run.parameters)
      guard zip(gradients, right).contains(where: { $0.relativeDistance(to: $1) > 1e-4 }) else {
        continue
      }
      let report = try report(gradients)
      #expect(report.verdict == .fail)
      #expect(report.firstDivergence?.cause?.id == wrong.id, "\(wrong.words): \(report.paragraph)")
    }
  }
}
