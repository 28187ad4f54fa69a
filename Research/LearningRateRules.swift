import Datasets
import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// Which rate should be read from a learning-rate range test: several rules against the best rung of a ladder.
///
/// A third of the minimum's rate was found on other depths, widths and seeds than those here, and `not above` is all that
/// these tests support: a tenth of the diverging rate does as well where it answers, which is not everywhere, and the
/// steepest descent is worse in the median by a few percent and misled altogether in some tests.
struct LearningRateRules: Study {
  static let name = "learning-rate-range"
  static let claim =
    "a third of the rate at which a range test's loss is lowest is near the best rate of a ladder, for plain and "
    + "residual networks and three optimizers, and no other reading does better"
  static let source = "the test: Smith 2017 (arXiv:1506.01186); the rule: measured here"
  static let cost = (quick: "under 1 min", full: "under 1 min")

  /// A network and an optimizer.
  private struct Setting {
    let arm: DepthArm, depth: Int, optimizer: OptimizerChoice
    var label: String { "\(arm.rawValue) \(depth), \(optimizer.rawValue)" }
  }

  /// What one range test and the ladder beside it came to.
  private struct Trial {
    let setting: Setting
    let bestRate: Double, bestLoss: Double
    /// The rules' rates, and the losses of trainings with them.
    let read: [LearningRateRange.Rule: (rate: Double, loss: Double)]

    /// How far a rule's loss is above the ladder's best, as a logarithm; `nil` where the rule has no answer.
    func regret(_ rule: LearningRateRange.Rule) -> Double? {
      read[rule].map { log(min($0.loss, 1e3) / bestLoss) }
    }
  }

  private static let ladderTop = 3.0
  private static let rungs = 10

  static func findings(_ effort: Effort) throws -> Findings {
    let pictures = try Glyphs(key: Key(seed: 7)).dataset(count: 3000)
    let data = Examples<Float>(
      try Normalization(fitting: pictures, scope: .global).applied(to: pictures))
    let arms: [(DepthArm, Int)] = [
      (.plain, 4), (.plain, 12), (.residual, 4), (.residual, 12), (.residual, 32),
    ]
    let settings = [OptimizerChoice.sgd, .momentum, .adam].flatMap { optimizer in
      arms.map { Setting(arm: $0.0, depth: $0.1, optimizer: optimizer) }
    }
    let seeds = effort.choose(quick: 1, full: 3)
    let steps = effort.choose(quick: 200, full: 400)
    let trials = try draws(settings.count * seeds) { draw in
      Result {
        try trial(settings[draw / seeds], data, seed: 2001 + draw % seeds, steps: steps)
      }
    }.map { try $0.get() }
    return Findings(checks: checks(trials), figure: figure(trials))
  }

  private static func trial(
    _ setting: Setting, _ data: Examples<Float>, seed: Int, steps: Int
  ) throws -> Trial {
    let network = DepthNetwork(
      arm: setting.arm, inputs: data.features.shape[1], width: 24, classes: 10,
      depth: setting.depth)
    var training = TrainingSettings(loss: .crossEntropy)
    training.optimizer = setting.optimizer
    training.batchSize = 64
    training.length = .steps(steps)
    training.seed = seed
    func loss(_ rate: Double) throws -> Double {
      training.learningRate = rate
      let result = try TrainingRun(network, on: data, training, evaluationInterval: 0).result()
      guard case .finished = result.ending, result.train.isFinite else { return .infinity }
      return result.train.loss
    }
    training.learningRate = ladderTop
    let ladder = LearningRateLadder(TrainingRun(network, on: data, training), rungs: rungs)
    let losses = try ladder.rates.map(loss)
    let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    let range = try LearningRateRangeTest().range(network, on: data, training)
    var read: [LearningRateRange.Rule: (rate: Double, loss: Double)] = [:]
    for rule in LearningRateRange.Rule.allCases {
      read[rule] = try range.rate(by: rule).map { ($0, try loss($0)) }
    }
    return Trial(setting: setting, bestRate: ladder.rates[best], bestLoss: losses[best], read: read)
  }

  private static func checks(_ trials: [Trial]) -> [Check] {
    let answered = trials.compactMap { trial in
      trial.read[.thirdOfMinimum].map { $0.rate / trial.bestRate }
    }
    func share(_ count: Int) -> Double { Double(count) / Double(trials.count) }
    let near = answered.count { (0.2...5).contains($0) }
    let others = LearningRateRange.Rule.allCases.filter { $0 != .thirdOfMinimum }
    return [
      Check(
        "third-of-minimum: share of tests that answer", predicted: 1,
        measured: share(answered.count), standardError: 0, tolerance: 0),
      Check(
        "third-of-minimum: share within a factor of 5 of the best rung", predicted: 1,
        measured: share(near), standardError: 0, tolerance: 0.2),
    ]
      + others.map { rule in
        let differences = trials.compactMap { trial in
          trial.regret(rule).flatMap { other in
            trial.regret(.thirdOfMinimum).map { $0 - other }
          }
        }
        return Check(
          "third-of-minimum: ln of loss above \(rule.rawValue)'s, where that answers",
          .notAbove, 0, median: MedianInterval(of: differences.isEmpty ? [.infinity] : differences))
      }
  }

  private static func figure(_ trials: [Trial]) -> FigureGrid {
    let panels = LearningRateRange.Rule.allCases.map { rule in
      let points = trials.compactMap { trial in
        trial.read[rule].map { Series.Point(trial.bestRate, $0.rate) }
      }
      let ends = [3e-4, 1]
      return Chart(
        title: "\(rule.rawValue): answers in \(points.count) of \(trials.count)",
        x: Axis("best rung", scale: .log10), y: Axis("rate read", scale: .log10, range: 1e-5...10),
        series: [
          Series("", x: ends, y: ends, style: .reference), Series("", points, style: .points),
        ])
    }
    return FigureGrid(
      panels, columns: 2, title: "Rates read from a range test against the best of a ladder",
      caption: Caption("One point a test; the line is where both agree.", source: source))
  }
}
