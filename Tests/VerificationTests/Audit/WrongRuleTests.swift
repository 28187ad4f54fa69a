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

  @Test(
    "compute the same cost with the same parameters, and another gradient", arguments: descriptions)
  func values(json: String) throws {
    let run = try DescribedStep(json, seed: 11, examples: 6)
    let right = run.gradients
    let value = run.cost.value(run.parameters)
    let all = try run.wrongLayers()
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
    let run = try DescribedStep(json, seed: 11, examples: 6)
    let right = run.gradients
    #expect(try run.report(run.arrays(right)).verdict == .pass)
    var seen: Set<CauseID> = []
    for (_, wrong, cost) in try run.wrongLayers() where seen.insert(wrong.id).inserted {
      let gradients = cost.gradients(run.parameters)
      guard zip(gradients, right).contains(where: { $0.relativeDistance(to: $1) > 1e-4 }) else {
        continue
      }
      let report = try run.report(run.arrays(gradients))
      #expect(report.verdict == .fail)
      #expect(report.firstDivergence?.cause?.id == wrong.id, "\(wrong.words): \(report.paragraph)")
    }
  }
}
