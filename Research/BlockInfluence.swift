import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// How much the blocks of a deep net do, with and without LayerNorm scaling.
struct BlockInfluence: ClaimStudy {
  static let name = "block-influence"
  static let claim =
    "in dense nets of 32 pre-norm blocks LayerNorm scaling makes the deep blocks turn the stream less, not more, at initialization and "
    + "after training, and does not raise what deleting one of them costs"
  static let source =
    "the published opposite for language models: Sun et al. 2025 (arXiv:2502.05795); the influences at initialization derived here"
  static let derivation = """
    A block's influence is 1 - cos of the angle between the stream before and after it. At initialization a branch of energy e is orthogonal to the \
    stream, of energy M, up to 1/n: the influence is (1 - 1/n)(1 - 1/√(1 + e/M)), near e/2M. Pre-norm branches have e = 1 and M = l before block l, \
    so 1/2l. LayerNorm scaling divides what a branch is given by √l, so e = 1/l and M = 1 + 1 + 1/2 + ... + 1/(l - 1): the scaling shrinks the branch by more \
    than it shrinks the stream, and the influence is 1/(2l(1 + ln l)), about a fifth as much at block 24. Training does not reverse \
    this. The scaling was published as a way to make deep blocks more useful in language models, where the variance of a pre-norm stream grows \
    exponentially with depth; in these nets it starts with linear growth (study norm-position). The share of the second half in the total influence \
    is smaller with the scaling, too.
    """
  static let control = "LayerNorm scaling without its factors"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "10 s", full: "1 min")

  private static let arms = ["pre-norm", "layer-norm-scaling"]
  private static let blocks = 32, width = 32
  /// Of the nets at initialization, wider since the law neglects 1/n.
  private static let startWidth = 96

  let conditions: ClaimConditions

  /// What one training came to: of each block the influence, and by how much the loss rises without it.
  private struct Run: Codable, Sendable {
    let influences: [Double], rises: [Double], loss: Double

    static func mean(_ values: some Collection<Double>) -> Double {
      values.reduce(0, +) / Double(values.count)
    }
    var deepInfluence: Double { Self.mean(influences.suffix(blocks / 2)) }
    var deepShare: Double { deepInfluence / Self.mean(influences) }
    var deepRise: Double { Self.mean(rises.suffix(blocks / 2)) }
  }

  /// The influence of a block at initialization.
  static func influence(_ arm: String, _ block: Int) -> Double {
    let (branch, stream) =
      arm == "pre-norm"
      ? (1, Double(block))
      : (1 / Double(block), (1..<block).reduce(1.0) { $0 + 1 / Double($1) })
    return (1 - 1 / Double(startWidth)) * (1 - 1 / (1 + branch / stream).squareRoot())
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let (train, test) = try Examples.glyphs(train: 3000, test: 500, key: key["pictures"])
    let used = isControl ? [Self.arms[0], Self.arms[0]] : Self.arms
    let starts = try zip(Self.arms, used).map { arm, used in
      try session.means(
        "start, \(arm)", draws: effort.choose(quick: 200, full: 640), key["start"]
      ) { key in
        let net = TrainedBlocks(
          used, blocks: Self.blocks, width: Self.startWidth, inputs: 1, key: key)
        return Self.influences(
          net.streams(from: randomDirection(Self.startWidth, key["direction"])))
      }
    }
    let seeds = effort.choose(quick: 11, full: 21)
    let steps = effort.choose(quick: 200, full: 1500)
    let runs = try session.table(of: Self.arms, seeds: seeds, named: \.self) {
      [conditions] arm, seed in
      let net = try TrainedBlocks(
        conditions.isControl ? Self.arms[0] : arm, blocks: Self.blocks, width: Self.width,
        on: train, steps: steps, rate: 0.002,
        seed: conditions.seed(of: seed))
      return Run(
        influences: Self.influences(net.streams(of: test.features)),
        rises: net.risesWithout(on: test),
        loss: net.loss(on: test))
    }
    func paired(_ value: (Run, Run) -> Double) -> MedianInterval {
      runs.paired(Self.arms[0], Self.arms[1], value)
    }
    let checks =
      zip(Self.arms, starts).flatMap { arm, means in
        [8, 16, 32].map { block in
          Check(
            "\(arm), initial influence of block \(block)", law: Self.influence(arm, block),
            // The stream's energy fluctuates by 2/n, which raises the mean of its inverse.
            measured: means[block - 1], neglecting: 4 / Double(Self.startWidth))
        }
      } + [
        Check(
          "second half, trained: influence of pre-norm blocks over scaled ones of the same seed",
          .above, 1.5, median: paired { $0.deepInfluence / $1.deepInfluence }),
        Check(
          "share of the second half, over the mean block: pre-norm less scaled", .above, 0,
          median: paired { $0.deepShare - $1.deepShare }),
        Check(
          "second half: rise of the loss without a block, scaled less pre-norm (nats)", .notAbove,
          0,
          median: paired { $1.deepRise - $0.deepRise }),
      ]
    return CheckedClaim(
      of: self, checks: checks, figure: figure(starts, Self.arms.map { runs[$0] }, steps: steps))
  }

  private func figure(_ starts: [[SampleMean]], _ runs: [[Run]], steps: Int) -> FigureGrid {
    let x = (1...Self.blocks).map(Double.init)
    let axis = Axis.doubling("block", [1, 2, 4, 8, 16, 32])
    let labels = ["pre-norm", "with scaling"]
    func trained(_ title: String, _ y: Axis, _ values: (Run) -> [Double]) -> Chart {
      Chart(
        title: title, x: axis, y: y,
        series: zip(labels, runs).map { label, runs in
          .medians(label, x, over: runs.map(values))
        })
    }
    let label = "influence, 1 - cos"
    let start = Chart(
      title: "At initialization", x: axis, y: Axis(label, scale: .log10),
      series: zip(zip(Self.arms, labels), starts).flatMap { names, means in
        [.law(x) { Self.influence(names.0, Int($0)) }, .measured(names.1, x, means)]
      })
    return Self.figure(
      [
        start, trained("Trained", Axis(label, scale: .log10), \.influences),
        trained("Without the block", Axis("rise of the loss (nats)"), \.rises),
      ], title: "LayerNorm scaling makes the deep blocks of dense nets do less",
      note:
        "\(Self.blocks) blocks. Left: a random direction, width \(Self.startWidth), ±2 standard errors; dashed: the law. Else: generated digits, width \(Self.width), \(steps) steps of Adam; medians over \(runs[0].count) seeds with their intervals.",
      width: 1180)
  }

  /// 1 - cos of the angle between the stream before and after each block, a mean over examples.
  private static func influences(_ streams: [Tensor<Double>]) -> [Double] {
    zip(streams, streams.dropFirst()).map { before, behind in
      let product = (before * behind).sum(alongAxes: [1])
      let squares = before.squared().sum(alongAxes: [1]) * behind.squared().sum(alongAxes: [1])
      return 1 - (product / sqrt(squares)).mean().scalar
    }
  }
}
