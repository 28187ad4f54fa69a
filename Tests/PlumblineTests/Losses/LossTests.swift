import Plumbline
import TestSupport
import Testing
import Verification

@Suite("Losses")
struct LossTests {
  @Test("of large logits keep the digits of their difference, in Float too")
  func largeLogits() {
    let key = Key(seed: 6)
    let logits = key["logits"].tensor([8, 5])
    let labels = (0..<8).map { key["label"][$0].integer(in: 0...4) }
    // A common shift changes no loss. The logits are rounded so that the shifted ones are exact.
    let rounded = Tensor<Double>(logits.shape, logits.scalars.map { ($0 * 16).rounded() / 16 })
    let exact = softmaxCrossEntropy(rounded, labels: Tensor(classes: labels)).scalar
    for shift in [0, 1000, 100_000, 1e6] {
      let loss = softmaxCrossEntropy(rounded + shift, labels: Tensor(classes: labels)).scalar
      #expect(Swift.abs(loss - exact) <= 1e-14 * exact, "shift \(shift)")
    }
    for shift in [0, 1000, 100_000, -65_536.0] {
      let single = Tensor<Float>(converting: rounded + shift)
      let loss = softmaxCrossEntropy(single, labels: Tensor(classes: labels)).scalar
      #expect(Swift.abs(Double(loss) - exact) <= 4e-7 * exact, "shift \(shift)")
    }
  }

  /// A loss as a function of predictions and of targets that are no variables.
  enum Function: String, CaseIterable, DifferentiableFunction {
    case labels, distributions, logits, probabilities, squares

    func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
      func constant(_ tensor: Tensor<Double>) -> T { x[0].constant(Tensor(converting: tensor)) }
      switch self {
      case .labels: return softmaxCrossEntropy(x[0], labels: constant([2, 0, 1]))
      case .distributions:
        return softmaxCrossEntropy(
          x[0], targets: constant([[0.2, 0.5, 0.3], [0, 1, 0], [0.1, 0.1, 0.8]]))
      case .logits: return binaryCrossEntropy(logits: x[0], targets: constant(Self.targets))
      case .probabilities:
        return binaryCrossEntropy(probabilities: sigmoid(x[0]), targets: constant(Self.targets))
      case .squares: return meanSquaredError(x[0], constant(Self.targets))
      }
    }

    private static let targets: Tensor<Double> = [[0, 1, 0.5], [1, 1, 0], [0.25, 0, 1]]
  }

  @Test("have gradients of first and second order", arguments: Function.allCases, [1, 2])
  func gradients(function: Function, order: Int) {
    let trial = Trial(number: 0)
    let report = GradientCheck(key: trial.key["check"]).report(
      on: function, at: [trial.key["x"].tensor([3, 3])], order: order)
    #expect(report.passes, "\(report.failures), \(trial.testDescription)")
  }

  @Test("of the uniform prediction are the logarithm of the number of classes")
  func uniform() {
    let logits = Tensor<Double>(repeating: 3, shape: [4, 10])
    let loss = softmaxCrossEntropy(logits, labels: [0, 3, 9, 9])
    #expect(loss.isClose(to: log(Tensor(10)), absoluteTolerance: 1e-15, relativeTolerance: 0))
    #expect(loss.shape == [])
    let even = binaryCrossEntropy(logits: .zeros([5]), targets: Tensor([0, 1, 0, 1, 0.3]))
    #expect(even.isClose(to: log(Tensor(2)), absoluteTolerance: 1e-15, relativeTolerance: 0))
  }

  @Test("are means over all rows, of stacks too")
  func means() {
    let key = Trial(number: 1).key
    let logits = key.tensor([2, 3, 4])
    let labels = Tensor<Double>(classes: [0, 1, 2, 3, 0, 1])
    let stacked = softmaxCrossEntropy(logits, labels: labels.reshaped(to: [2, 3]))
    let flat = softmaxCrossEntropy(logits.reshaped(to: [6, 4]), labels: labels)
    #expect(stacked == flat)
    #expect(meanSquaredError(Tensor<Double>([1, 2, 3]), [1, 4, 0]).scalar == 13.0 / 3)
  }

  @Test("on logits and on their probabilities are the same number")
  func probabilities() {
    let key = Trial(number: 2).key
    let logits = key["z"].tensor([30])
    let targets = key["t"].tensor([30], from: 0, to: 1)
    #expect(
      binaryCrossEntropy(logits: logits, targets: targets).isClose(
        to: binaryCrossEntropy(probabilities: sigmoid(logits), targets: targets),
        relativeTolerance: 1e-14))
  }

  @Test("of certain and wrong logits are large, finite, and have a finite gradient")
  func certainMistakes() {
    let logits: Tensor<Float> = [[1e30, -1e30], [0, 1e4]]
    let (value, gradient) = valueWithGradient(at: logits) {
      softmaxCrossEntropy($0, labels: $0.constant([1, 0]))
    }
    #expect(value.isFinite && value > 1e29)
    #expect(gradient == [[0.5, -0.5], [-0.5, 0.5]])
  }
}
