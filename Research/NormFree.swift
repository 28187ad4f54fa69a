import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// What elementwise functions in place of a norm do to the training loss.
struct NormFree: ClaimStudy {
  static let name = "norm-free"
  static let claim =
    "in a residual net of 32 layers tanh(αx) and erf(αx) in place of a norm come within half of LayerNorm's training loss if α starts near one over the "
    + "stream's size, and a higher one if it starts at the customary 0.5; a shift of 2 slows training but does not stop it"
  static let source =
    "tanh: Zhu et al. 2025 (arXiv:2503.10622); erf: Chen et al. 2025 (arXiv:2512.10938); regimes: arXiv:2604.23434"
  static let derivation = """
    A norm divides by the size of the stream, which after l blocks of energy 1 is √(1 + l): 4.1 after the last of 16, and 2.9 in the middle. \
    tanh(αx) and erf(αx) take that place if α is about one over it, 0.2 to 0.35: a smaller one makes a branch weaker, a larger one is saturated where \
    the stream has grown, so that little of the signal and of its gradient passes. α is trained, but by about the rate with each step, so that its \
    start matters. The published losses are equal for nets with a suitable α; those of short runs spread by a third from seed to seed, so that what is \
    claimed here is only that none is half as high again as LayerNorm's. A shift of 2 starts erf where its slope is 2 % of what it is at 0; it was expected to diverge, but it trains, if slowly. Whether tanh \
    does better than a norm with few examples and worse with many (arXiv:2604.23434) is drawn in the full form, and not claimed.
    """
  static let control = "no norm in place of tanh and erf"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "8 s", full: "2 min")

  private static let width = 32, blocks = 16
  private static let few = 200

  /// What stands where a pre-norm block has its norm.
  private enum Norm: String, CaseIterable, Sendable {
    case layer = "LayerNorm"
    case rms = "RMSNorm"
    case tanh = "tanh, α = 0.2"
    case erf = "erf, α = 0.2"
    case steepTanh = "tanh, α = 0.5"
    case steepErf = "erf, α = 0.5"
    case shifted = "erf, shifted by 2"
    case none = "no norm"

    var layer: any Layer {
      switch self {
      case .layer: LayerNorm(width)
      case .rms: RMSNorm(width)
      case .tanh: DynamicTanh(width, alpha: 0.2)
      case .erf: DynamicErf(width, alpha: 0.2)
      case .steepTanh: DynamicTanh(width)
      case .steepErf: DynamicErf(width)
      case .shifted: DynamicErf(width, alpha: 0.2, offset: 2)
      case .none: LayerScale(width, initial: 1)
      }
    }
  }

  let conditions: ClaimConditions

  /// What is trained with each seed, and on how many examples.
  private struct Trial: Hashable {
    let norm: Norm, count: Int
    var name: String { "\(norm.rawValue), \(count) examples" }
  }

  /// The losses of one training on the training examples and on new ones.
  private struct Run: Codable, Sendable {
    let train: Double, test: Double
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let many = effort.choose(quick: 2000, full: 10_000)
    let (train, test) = try Examples.uprightGlyphs(
      train: many, test: 1000, key: key["pictures"])
    let counts = effort == .quick ? [many] : [Self.few, many]
    let seeds = effort.choose(quick: 11, full: 21)
    let steps = effort.choose(quick: 150, full: 600)
    let trials = Norm.allCases.flatMap { norm in counts.map { Trial(norm: norm, count: $0) } }
    let runs = try session.table(
      of: trials, seeds: seeds, named: \.name
    ) { [conditions] trial, seed in
      let isBroken = conditions.isControl && (trial.norm == .tanh || trial.norm == .erf)
      return try Self.run(
        isBroken ? .none : trial.norm, train.prefix(trial.count), test, steps: steps,
        seed: conditions.seed(of: seed))
    }
    func ratio(_ norm: Norm, to other: Norm) -> MedianInterval {
      runs.paired(Trial(norm: norm, count: many), Trial(norm: other, count: many)) {
        $0.train / $1.train
      }
    }
    let checks =
      [Norm.rms, .tanh, .erf].map { norm in
        Check(
          "\(norm.rawValue): training loss over LayerNorm's, same seed", .below, 1.5,
          median: ratio(norm, to: .layer))
      } + [
        Check(
          "tanh: training loss with α = 0.5 at the start over that with 0.2", .above, 1,
          median: ratio(.steepTanh, to: .tanh)),
        Check(
          "erf: training loss with α = 0.5 at the start over that with 0.2", .above, 1,
          median: ratio(.steepErf, to: .erf)),
        Check(
          "erf: training loss with a shift of 2 over that with none", .above, 1,
          median: ratio(.shifted, to: .erf)),
        Check(
          "erf with a shift of 2: the loss of guessing, ln 10, over its training loss", .above, 1,
          median: runs.interval(Trial(norm: .shifted, count: many)) { log(10) / $0.train }),
        Check(
          "no norm: training loss over LayerNorm's", .above, 2,
          median: ratio(.none, to: .layer)),
      ]
    func chart(_ title: String, _ label: String, _ value: @escaping (Run) -> Double) -> Chart {
      let medians = counts.map { count in
        Norm.allCases.map { runs.interval(Trial(norm: $0, count: count), value) }
      }
      return Chart(
        title: title, x: Axis("what stands in place of the norm", range: 0.4...8.6, ticks: []),
        y: Axis(label, scale: .log10),
        series: zip(counts, medians).map { count, medians in
          .medians(
            "\(count) examples", medians.indices.map { Double($0 + 1) }, medians, style: .points)
        },
        annotations: Norm.allCases.enumerated().map {
          .text(x: Double($0 + 1), y: medians[counts.count - 1][$0].high, $1.rawValue)
        }, plotHeight: 240)
    }
    let figure = Self.figure(
      [
        chart("Training examples", "training loss (nats)", \.train),
        chart("New examples", "loss on new examples (nats)", \.test),
      ], columns: 1, title: "If α suits the stream, tanh and erf train as well as a norm",
      note:
        "Generated digits, \(Self.blocks) blocks of width \(Self.width), \(steps) steps of Adam; medians over \(seeds) seeds with their intervals.",
      width: 900)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  private static func run(
    _ norm: Norm, _ train: Examples<Float>, _ test: Examples<Float>, steps: Int, seed: Int
  ) throws -> Run {
    let network = BlockNetwork(
      of: train, width: width,
      blocks: (0..<blocks).map { _ in
        NormalizedResidual(residualBranch(width: width), .pre) { norm.layer }
      }, norm: norm.layer)
    let result = try TrainingResult.after(
      .short(.adam, rate: 0.001, steps: steps, batch: 64, seed: seed), of: network, on: train,
      test: test)
    return Run(train: result.train.loss, test: result.test?.loss ?? .infinity)
  }
}
