import Plumbline
import Testing

@testable import Verification

/// Mistakes in the gradient of the output, or of a function, carried through the rest of a right backward pass.
@Suite("Mistakes as people write them")
struct WrittenMistakeTests {
  private static let examples = 12

  private func step(
    _ hidden: Activation, _ output: Nonlinearity, _ kind: ProgramLoss.Kind, smoothing: Double = 0,
    seed: Int
  ) -> DenseStep {
    let classes = Tensor<Double>(classes: (0..<Self.examples).map { ($0 * 5 + seed) % 3 })
      .oneHot(classes: 3)
    return DenseStep(
      [4, 6, 3], [.elementwise(hidden), output],
      ProgramLoss(kind: kind, scale: 1 / Double(Self.examples)),
      targets: classes * (1 - smoothing) + smoothing / 3, seed: seed)
  }

  /// The step with the gradients that follow from a wrong dZ2, or a wrong dZ1.
  private func wrong(
    _ step: DenseStep, dz2: Tensor<Double>? = nil, dz1: Tensor<Double>? = nil,
    slope: (Tensor<Double>) -> Tensor<Double>
  ) -> DenseStep {
    var step = step
    let second = dz2 ?? step.truth.dz[1]
    let first =
      dz1 ?? matmul(second, step.parameters.weights[1], transposingSecond: true)
      * slope(step.truth.z[0])
    for (layer, dz, input) in [
      (2, second, step.truth.a[0]), (1, first, step.arrays["X"]!),
    ] {
      step.arrays["dW\(layer)"] = matmul(input, dz, transposingFirst: true)
      step.arrays["db\(layer)"] = dz.sum(alongAxes: [0])
    }
    return step
  }

  /// ReLU's slope.
  private func isOn(_ z: Tensor<Double>) -> Tensor<Double> { compare(z, .greater, Tensor(0)) }

  @Test("ReLU's derivative by the sign of the gradient")
  func signOfTheGradient() throws {
    for seed in 0..<3 {
      let right = step(.relu, .softmax, .crossEntropy, seed: seed)
      let mistaken = wrong(right, dz1: right.truth.da[0] * isOn(right.truth.da[0]), slope: isOn)
      let report = try mistaken.report(cost: right.cost)
      #expect(
        report.firstDivergence?.cause?.id == DerivativeTakenAtActivation.id, "\(report.paragraph)")
      #expect(report.firstDivergence?.quantity.layer == 1)
    }
  }

  @Test("the classes themselves in place of smoothed targets")
  func hardLabels() throws {
    for seed in 0..<3 {
      let right = step(.tanh, .softmax, .crossEntropy, smoothing: 0.1, seed: seed)
      let targets = right.arrays["Y"]!
      let hard = compare(targets, .greater, Tensor(0.5))
      let mistaken = wrong(
        right, dz2: (right.truth.a[1] - hard) * (1 / Double(Self.examples))
      ) { 1 - tanh($0).squared() }
      let report = try mistaken.report(cost: right.cost)
      #expect(report.firstDivergence?.cause?.id == GradientOfAnotherLoss.id, "\(report.paragraph)")
      #expect(report.firstDivergence?.cause?.explanation.contains("smoothed targets") == true)
    }
  }

  @Test("the right class's column of a hinge loss over classes", arguments: [0, 1, 2])
  func hinge(way: Int) throws {
    for seed in 0..<3 {
      let right = step(.relu, .linear, .hinge, seed: seed)
      let (scores, targets) = (right.truth.a[1], right.arrays["Y"]!)
      let own = (scores * targets).sum(alongAxes: [1], keepingAxes: true)
      let within = compare(scores - own + 1, .greater, Tensor(0)) * (1 - targets)
      let isAny = within.max(alongAxes: [1], keepingAxes: true)
      let mistaken = wrong(
        right,
        dz2: [within, within - targets * isAny, within - targets][way]
          * (1 / Double(Self.examples)), slope: isOn)
      let report = try mistaken.report(cost: right.cost)
      guard report.verdict == .fail else { continue }
      #expect(report.firstDivergence?.cause?.id == GradientOfAnotherLoss.id, "\(report.paragraph)")
    }
  }
}
