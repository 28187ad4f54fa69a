import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// Where the loss of a network with a dead signal stops.
struct DeadNetwork: ClaimStudy {
  static let name = "dead-network"
  static let claim =
    "a network whose signal has died ends at the entropy of the labels, and its error at the share of all but the commonest "
    + "class"
  static let source =
    "Lu et al. 2019 (arXiv:1903.06733): a dead network is a constant; the loss of the best constant derived here"
  static let derivation = """
    Where the loss of a network with a dead signal stops: it outputs only its last bias, the same for every example, and the \
    best such answer has the entropy of the labels as its loss and the share of all but the most frequent class as its error. A cost stuck \
    at 0.6439737380528058 means that 72 of 209 labels are 1 and that nothing of the input arrives.
    """
  static let control = "zero biases, so that the signal survives"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "1 s", full: "10 s")

  private static let tolerance = 1e-4
  /// How many examples there are of each class.
  private static let counts = [
    [137, 72], [50, 50], [40, 30, 20, 10], Array(repeating: 20, count: 10),
  ]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let steps = effort.choose(quick: 600, full: 2000)
    var checks: [Check] = []
    var series: [Series] = []
    for counts in Self.counts {
      let total = Double(counts.reduce(0, +))
      let entropy = counts.reduce(0) {
        $0 - Double($1) / total * Foundation.log(Double($1) / total)
      }
      let name = counts.map(String.init).joined(separator: ", ")
      let run = try session.value(name) { [self] in
        try Self.training(counts, steps: steps, isAlive: isControl, key[name])
      }
      checks += [
        Check(
          "\(name): loss", predicted: entropy, exactly: run.loss, tolerance: Self.tolerance),
        Check(
          "\(name): error", predicted: 1 - Double(counts.max() ?? 0) / total,
          exactly: run.error, tolerance: 1e-12),
      ]
      let x = run.curve.indices.map { Double($0 + 1) }
      series += [.law(x) { _ in entropy }, Series(name, x: x, y: run.curve, style: .line)]
    }
    let chart = Chart(
      title: "A dead network ends at the entropy of its labels",
      subtitle: "labels of each class; dashed: the entropy", x: Axis("step", scale: .log10),
      y: Axis("training loss"), series: series)
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  private struct Run: Codable, Sendable {
    let loss: Double, error: Double
    let curve: [Double]
  }

  private static func training(
    _ counts: [Int], steps: Int, isAlive: Bool, _ key: Key
  ) throws -> Run {
    let labels = counts.enumerated().flatMap { Array(repeating: $0, count: $1) }
    let features: Tensor<Double> = key["features"].normalTensor([labels.count, 20])
    let data = Examples(features: features, targets: Tensor<Double>(classes: labels))
    // So far below zero that no unit is on for any example.
    let bias = Initializer.constant(isAlive ? 0 : -100)
    let network = Sequential(
      Dense(20, 16, bias: bias), Activation.relu, Dense(16, 16, bias: bias), Activation.relu,
      Dense(16, counts.count))
    let result = try TrainingResult.after(
      .short(.sgd, rate: 1, steps: steps, batch: nil, seed: 1), of: network, on: data)
    return Run(
      loss: result.train.loss, error: result.train.error ?? .nan, curve: result.losses)
  }
}
