import Networks
import Plumbline
import Testing

@testable import Verification

/// What is wrong everywhere in one way, or next to something else, is told from what is wrong by itself.
@Suite("Mistakes next to others, and arrays with short names")
struct SeveralMistakesTests {
  private func step(seed: Int) -> DenseStep {
    let targets = Tensor<Double>(classes: (0..<9).map { ($0 * 5 + seed) % 3 }).oneHot(classes: 3)
    return DenseStep(
      [4, 6, 3], [.elementwise(.tanh), .softmax], ProgramLoss(kind: .crossEntropy, scale: 1.0 / 9),
      targets: targets, seed: seed)
  }

  @Test("gradients that were scaled together are not a mistake at the output", arguments: 0..<3)
  func scaledTogether(seed: Int) throws {
    var step = step(seed: seed)
    for name in ["dW1", "db1", "dW2", "db2"] { step.arrays[name] = step.arrays[name]! * 0.0678 }
    let report = try step.report(cost: step.cost)
    #expect(report.verdict == .fail)
    let causes = report.items.compactMap(\.cause)
    #expect(causes.count == 4 && causes.allSatisfy { $0.id == .constantFactor })
    #expect(causes.allSatisfy { $0.explanation.contains("every other gradient") })
    // One of them alone is its own mistake.
    var alone = self.step(seed: seed)
    alone.arrays["dW2"] = alone.arrays["dW2"]! * 0.0678
    let own = try alone.report(cost: alone.cost)
    #expect(own.items.compactMap(\.cause).count == 1, "\(own.paragraph)")
  }

  @Test("a penalty that the cost lacks stands behind the mistake next to it", arguments: 0..<3)
  func penaltyAndMistake(seed: Int) throws {
    var step = step(seed: seed)
    for layer in 1...2 {
      step.arrays["dW\(layer)"] =
        step.arrays["dW\(layer)"]! + step.parameters.weights[layer - 1] * 0.05
    }
    step.arrays["db1"] = step.arrays["db1"]! * (1.0 / 9)
    let report = try step.report(cost: step.cost)
    #expect(report.verdict == .fail)
    #expect(report.firstDivergence?.quantity == Quantity(.biasGradient, 1), "\(report.paragraph)")
    #expect(report.remarks.contains { $0.contains("0.05 W") }, "\(report.remarks)")
    // A penalty in one gradient is a mistake there.
    var one = self.step(seed: seed)
    one.arrays["dW2"] = one.arrays["dW2"]! + one.parameters.weights[1] * 0.05
    one.arrays["db1"] = one.arrays["db1"]! * (1.0 / 9)
    #expect(
      try one.report(cost: one.cost).firstDivergence?.cause?.id == .extraRegularization)
  }

  @Test(
    "new weights next to the old ones are found in what was computed with them", arguments: 0..<3)
  func weightsAfterUpdate(seed: Int) throws {
    var step = step(seed: seed)
    let updated = step.parameters.weights[1] * 1.02 + 0.01
    let da = matmul(step.truth.dz[1], updated, transposingSecond: true)
    let dz = da * (1 - step.truth.a[0].squared())
    step.arrays["W2_new"] = updated
    step.arrays["dA1"] = da
    step.arrays["dW1"] = matmul(step.arrays["X"]!, dz, transposingFirst: true)
    step.arrays["db1"] = dz.sum(alongAxes: [0])
    let cause = try #require(try step.report(cost: step.cost).firstDivergence?.cause)
    #expect(cause.id == .updatedWeights && cause.explanation.contains("W2_new"), "\(cause)")
  }

  @Test("d2 and d3 are the errors of z2 and of what follows, however they are counted")
  func numberedErrors() throws {
    let step = step(seed: 1)
    var arrays = ["X": step.arrays["X"]!, "y": step.arrays["Y"]!]
    for layer in 1...2 {
      arrays["Theta\(layer)"] = step.parameters.weights[layer - 1]
      arrays["b\(layer)"] = step.parameters.biases[layer - 1]
      arrays["Theta\(layer)_grad"] = step.arrays["dW\(layer)"]!
      arrays["b\(layer)_grad"] = step.arrays["db\(layer)"]!
      arrays["d\(layer + 1)"] = step.truth.dz[layer - 1]
    }
    arrays["z2"] = step.truth.z[0]
    func report(_ arrays: [String: Tensor<Double>]) throws -> AuditReport {
      try Audit.report(
        on: SavedArrays(arrays, cost: step.cost, keep: nil, tolerance: 1e-5))
    }
    let right = try report(arrays)
    #expect(right.verdict == .pass, "\(right.paragraph)")
    #expect(right.reading.names["d2"] == "dZ1" && right.reading.names["d3"] == "dZ2")
    arrays["d2"] = arrays["d2"]! * 2
    #expect(try report(arrays).verdict == .fail)
  }

  @Test(
    "parameters of a described network with names that say nothing are known by their gradients")
  func plainNames() throws {
    let step = try DescribedStep(
      """
      {"input": [3], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 4, "bias": false}, {"layer": "batch-norm"}, {"layer": "tanh"},
        {"layer": "dense", "outputs": 2}]}
      """, seed: 2, examples: 8)
    let names = [
      "0.weight": "m0", "1.scale": "g1", "1.shift": "s1", "3.weight": "m1", "3.bias": "c",
    ]
    for mark in ["d", "g"] {
      var arrays = ["X": step.cost.inputs, "Y": step.arrays(step.gradients)["Y"]!]
      arrays["mse"] = Tensor(step.cost.value(step.parameters))
      for (index, name) in step.names.enumerated() {
        let own = try #require(names[name])
        arrays[own] = step.parameters[index]
        arrays[mark + own] = step.gradients[index]
      }
      let report = try NetworkAudit(
        step.network, saved: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 1e-5)
      ).report()
      #expect(report.verdict == .pass, "\(mark): \(report.paragraph)")
      #expect(report.reading.notJudged.isEmpty)
    }
  }

  @Test("a mistake in one gate is shown by that gate's arrays")
  func gate() throws {
    let step = try DescribedStep(
      """
      {"input": [4, 3], "output": "softmax", "layers": [
        {"layer": "lstm", "units": 3}, {"layer": "dense", "outputs": 2}]}
      """, seed: 3)
    let wrong = try #require(
      try step.wrongLayers().first {
        $0.wrong.gate == 2 && $0.wrong.id == .missingActivationDerivative
      })
    let gradients = wrong.cost.gradients(step.parameters)
    var arrays = ["X": step.cost.inputs, "Y": step.arrays(gradients)["Y"]!]
    for (index, name) in step.names.enumerated() {
      guard name.hasPrefix("0.") else {
        (arrays[name], arrays[name + ".grad"]) = (step.parameters[index], gradients[index])
        continue
      }
      // One array for each gate, and one bias.
      guard !name.hasSuffix("stateBias") else { continue }
      let letter = name.hasSuffix("inputBias") ? "b" : name.hasSuffix("input") ? "W" : "U"
      for (gate, own) in ["i", "f", "c", "o"].enumerated() {
        func part(_ value: Tensor<Double>) -> Tensor<Double> {
          value.sliced(axis: -1, 3 * gate..<3 * gate + 3)
        }
        let state = step.names.firstIndex { $0.hasSuffix("stateBias") }!
        let whole =
          letter == "b" ? step.parameters[index] + step.parameters[state] : step.parameters[index]
        arrays[letter + own] = part(whole)
        arrays["d" + letter + own] = part(gradients[index])
      }
    }
    let report = try step.report(arrays)
    #expect(report.verdict == .fail)
    let first = try #require(report.firstDivergence)
    #expect(first.cause?.id == .missingActivationDerivative, "\(report.paragraph)")
    #expect(report.paragraph.contains("Start with dbc"), "\(report.paragraph)")
  }
}
