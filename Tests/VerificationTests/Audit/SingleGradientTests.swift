import Networks
import Plumbline
import Testing

@testable import Verification

@Suite("A mistake in one gradient alone")
struct SingleGradientTests {
  private static let recurrent = ["lstm", "gru"]

  private func step(_ seed: Int, examples: Int = 12) -> DenseStep {
    let targets = Tensor<Double>(classes: (0..<examples).map { ($0 * 7 + seed) % 3 })
      .oneHot(classes: 3)
    var step = DenseStep(
      [4, 6, 5, 3], [.elementwise(.tanh), .elementwise(.tanh), .softmax],
      ProgramLoss(kind: .crossEntropy, scale: 1 / Double(examples)), targets: targets, seed: seed)
    // Values tell the functions, so that no others are tried.
    for layer in 1...3 { step.arrays["A\(layer)"] = step.truth.a[layer - 1] }
    return step
  }

  /// What a gradient over some of the examples alone would be.
  private func part(
    _ name: String, of step: DenseStep, _ examples: Range<Int>
  ) -> Tensor<Double> {
    let layer = Int(String(name.last!))!
    let dz = step.truth.dz[layer - 1].sliced(axis: 0, examples)
    let input = layer == 1 ? step.arrays["X"]! : step.truth.a[layer - 2]
    return name.hasPrefix("dW")
      ? matmul(input.sliced(axis: 0, examples), dz, transposingFirst: true)
      : dz.sum(alongAxes: [0])
  }

  @Test("is that of some of the examples", arguments: ["dW1", "dW2", "dW3", "db1", "db2"])
  func examples(name: String) throws {
    for seed in 0..<3 {
      let whole = step(seed)
      #expect(try whole.report(cost: whole.cost).verdict == .pass)
      for range in [0..<6, 3..<12, 8..<12] {
        for factor in [1, 12 / Double(range.count)] {
          var wrong = whole
          wrong.arrays[name] = part(name, of: whole, range) * factor
          let report = try wrong.report(cost: whole.cost)
          #expect(report.firstDivergence?.quantity.description == name, "seed \(seed)")
          #expect(
            report.firstDivergence?.cause?.id == .examplesMissing,
            "seed \(seed): \(report.paragraph)")
          #expect(report.items.count { $0.verdict == .fail } == 1, "seed \(seed)")
          let words = "examples \(range.lowerBound) to \(range.upperBound - 1)"
          #expect(report.paragraph.contains(words), "seed \(seed): \(report.paragraph)")
        }
      }
    }
  }

  @Test("numbers that are those of no part are not taken for one")
  func noPart() throws {
    for seed in 0..<8 {
      var wrong = step(seed)
      let right = wrong.arrays["db2"]!
      wrong.arrays["db2"] = Tensor(right.shape, Key(seed: seed)["other"].normal(right.count))
      let report = try wrong.report(cost: wrong.cost)
      #expect(report.firstDivergence?.cause?.id == .unknown, "seed \(seed): \(report.paragraph)")
    }
  }

  @Test("of a described layer, by a factor or over some of the examples", arguments: recurrent)
  func described(layer: String) throws {
    let json = """
      {"input": [3, 2], "output": "softmax", "layers": [
        {"layer": "\(layer)", "units": 3}, {"layer": "dense", "outputs": 2}]}
      """
    for seed in 0..<4 {
      let step = try DescribedStep(json, seed: seed, examples: 6)
      let gradients = step.gradients
      var cost = step.cost
      #expect(try step.report(step.arrays(gradients)).verdict == .pass)
      cost = DescribedCost(
        network: cost.network, output: cost.output, loss: cost.loss,
        inputs: cost.inputs.sliced(axis: 0, 0..<4), targets: cost.targets.sliced(axis: 0, 0..<4))
      let part = cost.gradients(step.parameters)
      for index in 0..<2 {
        for (value, id) in [
          (gradients[index] * 0.37, CauseID.constantFactor), (part[index], .examplesMissing),
        ] {
          var wrong = gradients
          wrong[index] = value
          let report = try step.report(step.arrays(wrong))
          #expect(report.firstDivergence?.cause?.id == id, "seed \(seed): \(report.paragraph)")
          #expect(
            report.firstDivergence?.quantity.description == "d\(step.names[index])", "seed \(seed)")
        }
      }
    }
  }

  @Test("of a recurrence is assigned in the loop over its steps", arguments: recurrent)
  func assigned(layer: String) throws {
    let json = """
      {"input": [3, 2], "output": "softmax", "layers": [
        {"layer": "\(layer)", "units": 3}, {"layer": "dense", "outputs": 2}]}
      """
    for seed in 0..<3 {
      let step = try DescribedStep(json, seed: seed)
      for (_, wrong, cost) in try step.wrongLayers() where wrong.words.contains("(+=)") {
        let gradients = cost.gradients(step.parameters)
        let report = try step.report(step.arrays(gradients))
        // The first step starts from a state of zeros: what is left of the state's weights is a gradient of zero, and is called that.
        let isZero = gradients.contains { $0.scalars.allSatisfy { $0 == 0 } }
        #expect(
          report.firstDivergence?.cause?.id == (isZero ? .zeroGradient : wrong.id),
          "seed \(seed): \(wrong.words) \(report.paragraph)")
        #expect(report.items.count { $0.verdict == .fail } == 1, "seed \(seed): \(wrong.words)")
      }
    }
  }

  @Test(
    "the derivative of a function with two slopes is applied twice",
    arguments: [0.01, 0.1, 0.3])
  func leakyTwice(slope: Double) throws {
    for seed in 0..<4 {
      let examples = 10
      let leaky = Nonlinearity.leaky(slope: slope)
      var step = DenseStep(
        [4, 6, 5, 2], [leaky, leaky, .linear],
        ProgramLoss(kind: .squaredError, scale: 1 / Double(examples)),
        targets: Tensor([examples, 2], Key(seed: seed)["y"].normal(2 * examples)), seed: seed)
      for layer in 1...2 {
        step.arrays["Z\(layer)"] = step.truth.z[layer - 1]
        step.arrays["A\(layer)"] = step.truth.a[layer - 1]
      }
      #expect(try step.report(cost: step.cost).verdict == .pass, "seed \(seed)")
      let slopes = (1...2).map { leaky.derivative(at: step.truth.z[$0 - 1])! }
      let second = step.truth.dz[1] * slopes[1]
      let first = matmul(second, step.parameters.weights[1], transposingSecond: true) * slopes[0]
      step.arrays["dW2"] = matmul(step.truth.a[0], second, transposingFirst: true)
      step.arrays["db2"] = second.sum(alongAxes: [0])
      step.arrays["dW1"] = matmul(step.arrays["X"]!, first, transposingFirst: true)
      step.arrays["db1"] = first.sum(alongAxes: [0])
      let report = try step.report(cost: step.cost)
      #expect(
        report.firstDivergence?.cause?.id == .extraActivationDerivative,
        "seed \(seed): \(report.paragraph)")
    }
  }
}
