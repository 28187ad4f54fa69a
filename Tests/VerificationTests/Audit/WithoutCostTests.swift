import Findings
import Plumbline
import Testing

@testable import Verification

/// Files without a cost: right gradients are never called wrong for what only the cost could tell.
@Suite("What a file without a cost leaves open")
struct WithoutCostTests {
  private static let examples = 14

  private func step(
    _ loss: ProgramLoss.Kind, _ output: Nonlinearity, targets: Tensor<Double>, seed: Int,
    penalty: Penalty = Penalty()
  ) -> DenseStep {
    DenseStep(
      [4, 5, targets.shape[1]], [.elementwise(.tanh), output],
      ProgramLoss(kind: loss, scale: 1 / Double(Self.examples)), targets: targets,
      penalty: penalty, seed: seed)
  }

  private func classes(_ count: Int, seed: Int) -> Tensor<Double> {
    Tensor<Double>(classes: (0..<Self.examples).map { ($0 * 5 + seed) % count }).oneHot(
      classes: count)
  }

  private func signs(seed: Int) -> Tensor<Double> {
    Tensor([Self.examples, 1], (0..<Self.examples).map { ($0 * 3 + seed) % 2 == 0 ? 1 : -1 })
  }

  @Test(
    "a penalty that only the gradients tell is asked for, and the option that is named settles it",
    arguments: [
      (Penalty(squares: 0.03), "l2"), (Penalty(squares: 0.2), "l2"),
      (Penalty(absolutes: 0.01), "l1"),
    ])
  func penaltyOfGradients(penalty: Penalty, option: String) throws {
    for seed in 0..<3 {
      let step = step(
        .crossEntropy, .softmax, targets: classes(3, seed: seed), seed: seed, penalty: penalty)
      let report = try step.report(cost: nil)
      #expect(report.verdict == .undecided, "seed \(seed): \(report.paragraph)")
      #expect(report.paragraph.contains("--\(option) "), "\(report.paragraph)")
      #expect(try step.report(cost: step.cost).verdict == .pass)
      // A penalty in one of the gradients alone is a mistake, whatever the cost.
      var wrong = self.step(.crossEntropy, .softmax, targets: classes(3, seed: seed), seed: seed)
      wrong.arrays["dW1"] = wrong.truth.dw[0] + penalty.gradient(of: wrong.parameters.weights[0])
      let found = try wrong.report(cost: nil)
      #expect(found.firstDivergence?.cause?.id == .extraRegularization, "\(found.paragraph)")
    }
  }

  @Test("a strength that is in the file is tried with every loss", arguments: 0..<3)
  func penaltyOfOtherLoss(seed: Int) throws {
    let strength = 0.08
    var step = step(
      .hinge, .linear, targets: signs(seed: seed), seed: seed,
      penalty: Penalty(squares: strength / 2))
    step.arrays["reg"] = Tensor(strength)
    let report = try step.report(cost: nil)
    #expect(report.verdict == .undecided, "\(report.paragraph)")
    #expect(report.paragraph.contains("hinge"), "\(report.paragraph)")
  }

  @Test("weights of the usual loss that are in the file are used", arguments: 0..<3)
  func weights(seed: Int) throws {
    let targets = Tensor<Double>(
      [Self.examples, 1], (0..<Self.examples).map { ($0 * 3 + seed) % 4 == 0 ? 1 : 0 })
    let weighted = ProgramLoss.Kind(
      WeightedTerms(base: .binaryCrossEntropy, weights: 1 + targets * 3))
    var step = step(weighted, .elementwise(.sigmoid), targets: targets, seed: seed)
    step.arrays["pos_weight"] = Tensor(4)
    let report = try step.report(cost: nil)
    #expect(report.verdict == .pass && report.paragraph.contains("weighted"), "\(report.paragraph)")
    step.arrays["dW2"] = step.truth.dw[1] * 2
    #expect(try step.report(cost: nil).verdict == .fail)
  }
}
