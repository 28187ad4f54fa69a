import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// Whether a deep plain net starts to learn at all, from two starts.
struct DyingLottery: ClaimStudy {
  static let name = "dying-lottery"
  static let claim =
    "among plain ReLU nets of 34 layers of 128 units, many with Glorot's weights never start to learn, and with He's weights few or "
    + "none"
  static let source =
    "shiningrain/AUTOTRAINER, motivation (dying ReLU in 50 % of the runs on MNIST); the halving derived here, after He et al. "
    + "2015 (arXiv:1502.01852)"
  static let derivation = """
    Glorot's weights have variance 1/n, with which a ReLU layer halves the energy: 2^-34 of it arrives, and the gradient is as \
    small on its way back. Adam divides by the gradient's size, so the weights move nevertheless, but in a \
    direction that hardly depends on the input, and the loss stays at the entropy of the labels. Whether a run gets \
    out of that is chance. He's weights, with twice the variance, preserve the energy on average, with a spread of 5L/n in its logarithm: at a width of \
    64, 2 of 800 such runs died. The shares are given with their intervals (Clopper and Pearson, 90 %). A run counts as dead if its final loss is above 95 % of \
    that entropy, ln 10.
    """
  static let control = "He's weights in both"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "8 s", full: "12 min")

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let data = try Examples.glyphs(
      train: effort.choose(quick: 2000, full: 8000), test: 1, key: key["pictures"]
    ).train
    let width = effort.choose(quick: 64, full: 128)
    let steps = effort.choose(quick: 300, full: 1000)
    let seeds = effort.choose(quick: 40, full: 40)
    let starts = ["Glorot", "He"].map { "\($0), width \(width)" }
    let losses = try session.table(of: starts, seeds: seeds, named: \.self) {
      [conditions] start, seed in
      let initializer = start == starts[1] || conditions.isControl ? Initializer.he() : .glorot()
      let widths = [data.features.shape[1]] + Array(repeating: width, count: 34)
      let hidden = plainLayers(widths, initializer: initializer, bias: .zero)
      return try Evaluation.after(
        .short(.adam, rate: 0.001, steps: steps, batch: 32, seed: conditions.seed(of: seed)),
        of: Sequential(hidden + [Dense(width, 10, initializer: initializer)]), on: data
      ).loss
    }
    let (glorot, he) = (losses[starts[0]], losses[starts[1]])
    func isDead(_ loss: Double) -> Bool { loss > 0.95 * Foundation.log(10.0) }
    func dead(_ losses: [Double]) -> BinomialInterval { BinomialInterval(of: losses.map(isDead)) }
    let test = SignTest(
      of: zip(glorot, he).map { (isDead($0) ? 1 : 0) - (isDead($1) ? 1 : 0) })
    let checks = [
      Check("He: share of dead runs", .below, 0.15, share: dead(he)),
      Check("Glorot: share of dead runs, published 0.5", .above, 0.15, share: dead(glorot)),
      Check("p that chance alone makes them so different", .below, 0.05, exactly: test.p),
    ]
    let entropy = Foundation.log(10.0)
    let chart = Chart(
      title: "Training deep plain nets from Glorot's weights is a lottery",
      subtitle: "34 layers of \(width), \(steps) steps; one point per seed; line: guessing, ln 10",
      x: Axis("seed", ticks: [1, 10, 20, 30, 40]),
      y: Axis("training loss at the end (nats)", range: 0...2.6),
      series: [
        Series(
          "Glorot", x: (1...seeds).map(Double.init), y: glorot.map { min($0, 2.55) }, style: .points
        ),
        Series(
          "He", x: (1...seeds).map(Double.init), y: he.map { min($0, 2.55) }, style: .points),
      ], annotations: [.horizontalLine(at: entropy, "guessing")])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }
}
