import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// Which rate should be read from a learning-rate range test: several rules against the best rung of a ladder.
struct LearningRateRules: ClaimStudy {
  static let name = "learning-rate-range"
  static let claim =
    "a third of the rate at which a range test's loss is lowest is near the best rate of a ladder, for plain and "
    + "residual networks and three optimizers, and no other rule does better"
  static let source = "the test: Smith 2017 (arXiv:1506.01186); the rule: measured here"
  static let derivation = """
    Which rate to read from a learning-rate range test: several rules against the best rung of a ladder. A third of the \
    minimum's rate was found on depths, widths and seeds other than these, and `not above` is all that these tests support: a \
    tenth of the diverging rate does as well where it gives an answer, which is not everywhere, and the steepest descent is worse in the \
    median by a few percent and far off in some tests.
    """
  static let control = "every reading a hundred times too large"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "6 s", full: "under 1 min")

  /// A network and an optimizer.
  private struct Setting: Sendable {
    let arm: Arm, depth: Int, optimizer: OptimizerChoice
    var label: String { "\(arm.rawValue) \(depth), \(optimizer.rawValue)" }
  }

  /// The results of one range test and of the corresponding ladder.
  private struct Trial: Codable, Sendable {
    /// The rate that a rule reads, and the loss of a training with it.
    struct Reading: Codable { let rule: String, rate: Double, loss: Double }

    let bestRate: Double, bestLoss: Double
    let readings: [Reading]

    /// The reading of a rule; `nil` if it has no answer.
    func reading(_ rule: LearningRateRange.Rule) -> Reading? {
      readings.first { $0.rule == rule.rawValue }
    }

    /// How far a rule's loss is above the ladder's best, as a logarithm; `nil` if the rule has no answer.
    func regret(_ rule: LearningRateRange.Rule) -> Double? {
      reading(rule).map { log(min($0.loss, 1e3) / bestLoss) }
    }
  }

  private static let ladderTop = 3.0
  private static let rungs = 10

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let data = try Examples.glyphs(train: 3000, test: 1, key: key["pictures"]).train
    let arms: [(Arm, Int)] = [
      (.plain, 4), (.plain, 12), (.residual, 4), (.residual, 12), (.residual, 32),
    ]
    let settings = [OptimizerChoice.sgd, .momentum, .adam].flatMap { optimizer in
      arms.map { Setting(arm: $0.0, depth: $0.1, optimizer: optimizer) }
    }
    let seeds = effort.choose(quick: 1, full: 3)
    let steps = effort.choose(quick: 200, full: 400)
    let first = 2000 + conditions.seed * seeds
    let trials = settings.flatMap { setting in (first..<first + seeds).map { (setting, $0) } }
    let factor = isControl ? 100.0 : 1
    let outcomes = try session.values(
      trials.map { "\($0.label), seed \($1)" }, stage: "range tests"
    ) { index in
      try Self.trial(
        trials[index].0, data, seed: trials[index].1, steps: steps, readingFactor: factor)
    }
    return CheckedClaim(
      of: self, checks: Self.checks(outcomes), figure: Self.figure(outcomes))
  }

  private static func trial(
    _ setting: Setting, _ data: Examples<Float>, seed: Int, steps: Int, readingFactor: Double
  ) throws -> Trial {
    let network = DepthNetwork(
      arm: setting.arm, inputs: data.features.shape[1], width: 24, classes: 10,
      depth: setting.depth)
    func run(_ rate: Double) -> TrainingRun<Float> {
      TrainingRun(
        network, on: data,
        .short(setting.optimizer, rate: rate, steps: steps, batch: 64, seed: seed),
        evaluationInterval: 0)
    }
    func loss(_ rate: Double) throws -> Double {
      let result = try run(rate).result()
      guard case .finished = result.ending, result.train.isFinite else { return .infinity }
      return result.train.loss
    }
    let rates = LearningRateLadder(run(ladderTop), rungs: rungs).rates
    let losses = try rates.map(loss)
    let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    let range = try LearningRateRangeTest().range(network, on: data, run(ladderTop).settings)
    var readings: [Trial.Reading] = []
    for rule in LearningRateRange.Rule.allCases {
      guard let rate = range.rate(by: rule).map({ $0 * readingFactor }) else { continue }
      readings.append(Trial.Reading(rule: rule.rawValue, rate: rate, loss: try loss(rate)))
    }
    return Trial(bestRate: rates[best], bestLoss: losses[best], readings: readings)
  }

  private static func checks(_ trials: [Trial]) -> [Check] {
    let answered = trials.compactMap { trial in
      trial.reading(.thirdOfMinimum).map { $0.rate / trial.bestRate }
    }
    func share(_ count: Int) -> Double { Double(count) / Double(trials.count) }
    let near = answered.count { (0.2...5).contains($0) }
    let others = LearningRateRange.Rule.allCases.filter { $0 != .thirdOfMinimum }
    return [
      Check(
        "third-of-minimum: share of tests that answer", predicted: 1,
        exactly: share(answered.count), tolerance: 0),
      Check(
        "third-of-minimum: share within a factor of 5 of the best rung", predicted: 1,
        exactly: share(near), tolerance: 0.2),
    ]
      + others.map { rule in
        let differences = trials.compactMap { trial in
          trial.regret(rule).flatMap { other in
            trial.regret(.thirdOfMinimum).map { $0 - other }
          }
        }
        return Check(
          "third-of-minimum: ln of loss above \(rule.rawValue)'s, where that answers",
          .notAbove, 0, medianOf: differences.isEmpty ? [.infinity] : differences)
      }
  }

  private static func figure(_ trials: [Trial]) -> FigureGrid {
    let panels = LearningRateRange.Rule.allCases.map { rule in
      let points = trials.compactMap { trial in
        trial.reading(rule).map { Series.Point(trial.bestRate, $0.rate) }
      }
      let ends = [3e-4, 1]
      return Chart(
        title: "\(rule.rawValue): answers in \(points.count) of \(trials.count)",
        x: Axis("best rung", scale: .log10), y: Axis("rate read", scale: .log10, range: 1e-5...10),
        series: [
          Series("", x: ends, y: ends, style: .reference), Series("", points, style: .points),
        ])
    }
    return Self.figure(
      panels, columns: 2, title: "Rates read from a range test against the best of a ladder",
      note: "One point per test; the line is where both agree.")
  }
}
