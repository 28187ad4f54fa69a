import Foundation
import Plumbline
import TestSupport
import Testing
import Verification

/// A loss, targets that it takes for three examples of three outputs, and what an element costs by the mathematics library: a line
/// for each.
struct LossSample: Sendable, CustomTestStringConvertible {
  let form: any LossForm
  let targets: Tensor<Double>
  /// The cost of an element; `nil` where a row costs as a whole.
  let element: (@Sendable (Double, Double) -> Double)?
  var testDescription: String { "\(form)" }

  init(
    _ form: any LossForm, _ targets: Tensor<Double>,
    _ element: (@Sendable (Double, Double) -> Double)? = nil
  ) {
    self.form = form
    self.targets = targets
    self.element = element
  }

  private static let shares: Tensor<Double> = [[0, 1, 0.5], [1, 1, 0], [0.25, 0, 1]]
  private static let reals: Tensor<Double> = [[0.4, -1, 2.5], [0.1, 1.3, 0], [-0.7, 3, 1]]

  static let all = [
    LossSample(CrossEntropyLoss(), [2, 0, 1]),
    LossSample(BinaryCrossEntropyLoss(), shares) { z, t in
      Foundation.log(1 + Foundation.exp(z)) - t * z
    },
    LossSample(MeanSquaredErrorLoss(), reals) { ($0 - $1) * ($0 - $1) },
    LossSample(MeanAbsoluteErrorLoss(), reals) { Swift.abs($0 - $1) },
    LossSample(HuberLoss(), reals) {
      let d = Swift.abs($0 - $1)
      return d <= 1 ? d * d / 2 : d - 0.5
    },
    LossSample(HingeLoss(), [[0, 1, 0], [1, 1, 0], [0, 0, 1]]) {
      Swift.max(0, 1 - (2 * $1 - 1) * $0)
    },
    LossSample(PoissonLoss(), [[0, 1, 3], [2, 0, 1], [5, 0, 1]]) { Foundation.exp($0) - $1 * $0 },
  ]

  /// Further settings and kinds of target.
  static let more = [
    LossSample(CrossEntropyLoss(), [[0.2, 0.5, 0.3], [0, 1, 0], [0.1, 0.1, 0.8]]),
    LossSample(smoothed(0.1, []), [2, 0, 1]), LossSample(smoothed(0, [1, 2, 0.5]), [2, 0, 1]),
    LossSample(smoothed(0.2, [1, 2, 0.5]), [2, 0, 1]),
    LossSample(smoothed(0.2, [1, 2, 0.5]), [[0.2, 0.5, 0.3], [0, 1, 0], [0.1, 0.1, 0.8]]),
    LossSample(binary(0.2, []), [[0.2, 0.5, 0.3], [0, 1, 0], [1, 1, 0]]),
    LossSample(binary(0.1, [0.5, 3]), [[0.2, 0.5, 0.3], [0, 1, 0], [1, 1, 0]]),
    LossSample(huber(0.3), reals) {
      let d = Swift.abs($0 - $1)
      return d <= 0.3 ? d * d / 2 : 0.3 * (d - 0.15)
    },
  ]

  static func smoothed(_ smoothing: Double, _ weights: [Double]) -> CrossEntropyLoss {
    var form = CrossEntropyLoss()
    (form.labelSmoothing, form.classWeights) = (smoothing, weights)
    return form
  }

  static func binary(_ smoothing: Double, _ weights: [Double]) -> BinaryCrossEntropyLoss {
    var form = BinaryCrossEntropyLoss()
    (form.labelSmoothing, form.classWeights) = (smoothing, weights)
    return form
  }

  private static func huber(_ delta: Double) -> HuberLoss {
    var form = HuberLoss()
    form.delta = delta
    return form
  }

  /// The loss as a function of the outputs.
  struct Function: DifferentiableFunction {
    let loss: LossFunction
    let targets: Tensor<Double>

    func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
      loss(x[0], x[0].constant(Tensor(converting: targets)))
    }
  }

  var loss: LossFunction {
    func wrap(_ form: some LossForm) -> LossFunction { LossFunction(form) }
    return wrap(form)
  }
}

@Suite("Every loss of the list")
struct LossFormTests {
  private let outputs = Trial(number: 0).key["outputs"].tensor([3, 3])

  @Test("has a sample")
  func samples() {
    #expect(LossSample.all.map(\.form.title) == LossFunction.forms.map(\.title))
  }

  @Test(
    "has gradients of first and second order", arguments: LossSample.all + LossSample.more, [1, 2])
  func gradients(sample: LossSample, order: Int) {
    let function = LossSample.Function(loss: sample.loss, targets: sample.targets)
    let report = GradientCheck(key: Trial(number: 0).key["check"]).report(
      on: function, at: [outputs], order: order)
    #expect(report.passes, "\(report.failures)")
  }

  @Test(
    "is the mean of what its elements or examples cost", arguments: LossSample.all + LossSample.more
  )
  func values(sample: LossSample) {
    let value = sample.loss(outputs, sample.targets).scalar
    let examples = sample.loss.examples(outputs, sample.targets)
    #expect(examples.shape == [3])
    let isWeighted =
      (sample.form as? CrossEntropyLoss)?.classWeights.isEmpty == false
      || (sample.form as? BinaryCrossEntropyLoss)?.classWeights.isEmpty == false
    if !isWeighted { #expect(Swift.abs(examples.mean().scalar - value) < 1e-14) }
    guard let element = sample.element else { return }
    let costs = zip(outputs.scalars, sample.targets.scalars).map { element($0, $1) }
    #expect(Swift.abs(costs.reduce(0, +) / 9 - value) < 1e-14)
  }

  @Test("smooths and weights yes and no as the cross-entropy of two classes does")
  func binary() {
    let labels: Tensor<Double> = [0, 1, 1]
    let logits = outputs.sliced(axis: 1, 0..<1)
    let both = Tensor<Double>.concatenate([Tensor<Double>.zeros([3, 1]), logits], alongAxis: 1)
    for (smoothing, weights) in [(0.2, []), (0, [0.5, 3]), (0.1, [2, 0.25])] {
      let yesOrNo = LossFunction(LossSample.binary(smoothing, weights))
      let classes = LossFunction(LossSample.smoothed(smoothing, weights))
      let column = labels.reshaped(to: [3, 1])
      #expect(
        Swift.abs(yesOrNo(logits, column).scalar - classes(both, labels).scalar) < 1e-14)
      let (one, two) = (yesOrNo.judged, classes.judged)
      #expect(Swift.abs(one(logits, column).scalar - two(both, labels).scalar) < 1e-14)
      #expect(one.exampleWeights(column) == two.exampleWeights(labels))
      let base = (one.baseRate(column, outputs: 1).loss, two.baseRate(labels, outputs: 2).loss)
      #expect(Swift.abs(base.0 - base.1) < 1e-12)
    }
  }

  @Test("smooths labels and weights classes as PyTorch does")
  func weights() {
    let (weights, labels) = ([1, 2, 0.5], [2, 0, 1])
    let logs = logSoftmax(outputs).scalars
    let smoothing = 0.2
    var (sum, divisor) = (0.0, 0.0)
    for (row, label) in labels.enumerated() {
      let own = logs[3 * row..<3 * row + 3]
      let all = zip(own, weights).reduce(0) { $0 - $1.0 * $1.1 }
      sum += -(1 - smoothing) * weights[label] * own[own.startIndex + label] + smoothing / 3 * all
      divisor += weights[label]
    }
    let loss = LossFunction(LossSample.smoothed(smoothing, weights))
    #expect(Swift.abs(loss(outputs, [2, 0, 1]).scalar - sum / divisor) < 1e-14)
  }

  @Test(
    "costs least at its constant, of all outputs that do not depend on the input",
    arguments: LossSample.all + LossSample.more)
  func constants(sample: LossSample) {
    let (least, constant) = sample.loss.baseRate(sample.targets, outputs: 3)
    #expect(constant.count == 3)
    for index in 0..<3 {
      for step in [-0.01, 0.01] {
        var other = constant
        other[index] += step
        let rows = Tensor<Double>([1, 3], other).broadcast(to: [3, 3])
        #expect(sample.loss(rows, sample.targets).scalar >= least - 1e-12)
      }
    }
  }

  @Test("survives a file, by its name alone or with its settings")
  func coding() throws {
    for sample in LossSample.all + LossSample.more {
      let data = try JSONEncoder().encode(["loss": sample.loss])
      #expect(
        try JSONDecoder().decode([String: LossFunction].self, from: data)["loss"] == sample.loss)
    }
    #expect(
      String(decoding: try JSONEncoder().encode([LossFunction.crossEntropy]), as: UTF8.self)
        == #"["cross-entropy"]"#)
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(
        [LossFunction].self, from: Data(#"[{"loss": "huber", "delta": 0}]"#.utf8))
    }
    #expect(LossFunction.customary(for: .softmax) == .crossEntropy)
    #expect(LossFunction.customary(for: .linear) == .meanSquaredError)
    #expect(LossFunction.customary(for: .sigmoid) == .binaryCrossEntropy)
  }
}
