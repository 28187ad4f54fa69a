import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// How a trained network performs without one of its blocks.
struct Lesion: ClaimStudy {
  static let name = "lesion"
  static let claim =
    "a trained residual net performs nearly as well with a block deleted or two exchanged, while a plain net of the same depth "
    + "is reduced to guessing without one of its layers"
  static let source = "Veit, Wilber and Belongie 2016 (arXiv:1605.06431), on dense nets"
  static let derivation = """
    Multiplied out, L residual blocks are 2^L paths, and without one block half of them remain, including most of the short ones: \
    the rest still works. A plain net is one path, and the layer after the gap sees inputs it was never trained on. Nets of the \
    same width, depth, seed, batches and steps are trained; then each block in turn is left out, or exchanged with the next, and the \
    error on held-out examples is measured without retraining. The median over blocks is compared: a residual net's first \
    block may matter more than the others.
    """
  static let control = "the two kinds of net exchanged"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "5 s", full: "15 s")

  private static let depth = 16
  private static let width = 48

  let conditions: ClaimConditions

  /// Errors: of the whole net, without each block, and with each block and the next exchanged.
  private struct Run: Codable, Sendable {
    let whole: Double
    let without: [Double], exchanged: [Double]
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let (train, test) = try Examples.glyphs(train: 3000, test: 500, key: key["pictures"])
    let arms = [Arm.plain, .residual]
    let seeds = effort.choose(quick: 7, full: 15)
    let steps = effort.choose(quick: 1000, full: 3000)
    let runs = try session.table(of: arms, seeds: seeds, named: \.rawValue) {
      [conditions] arm, seed in
      try Self.run(
        conditions.isControl ? (arm == .plain ? .residual : .plain) : arm, train, test,
        steps: steps, seed: conditions.seed(of: seed))
    }
    let checks = [
      Check("plain: error of the whole net", .below, 0.2, median: runs.interval(.plain, \.whole)),
      Check(
        "residual: error of the whole net", .below, 0.2, median: runs.interval(.residual, \.whole)),
      Check(
        "plain: error without a layer, where guessing is 0.9", .above, 0.5,
        median: runs.interval(.plain) { median($0.without) }),
      Check(
        "residual: rise of the error without a block", .below, 0.1,
        median: runs.interval(.residual) { median($0.without) - $0.whole }),
      Check(
        "residual: rise of the error with two blocks exchanged", .below, 0.1,
        median: runs.interval(.residual) { median($0.exchanged) - $0.whole }),
      Check(
        "plain less residual of the same seed: rise without a block", .above, 0.3,
        median: runs.paired(.plain, .residual) {
          median($0.without) - $0.whole - median($1.without) + $1.whole
        }),
    ]
    return CheckedClaim(of: self, checks: checks, figure: figure(arms, arms.map { runs[$0] }))
  }

  private func figure(_ arms: [Arm], _ runs: [[Run]]) -> FigureGrid {
    func chart(_ title: String, _ errors: (Run) -> [Double]) -> Chart {
      Chart(
        title: title, x: Axis("hidden layer at which the block begins"),
        y: Axis("error", range: 0...1, format: .percent),
        series: zip(arms, runs).map { arm, runs in
          let layers = Double(Self.depth / runs[0].without.count)
          return .medians(
            arm.rawValue, errors(runs[0]).indices.map { Double($0) * layers + 1 },
            over: runs.map(errors))
        })
    }
    return Self.figure(
      [
        chart("Without the block", \.without), chart("Exchanged with the next", \.exchanged),
      ],
      title: "Trained residual nets survive the loss of a block, plain nets do not",
      note:
        "Generated digits, 16 hidden layers of \(Self.width); medians over \(runs[0].count) seeds with their intervals.",
      width: 900)
  }

  private static func run(
    _ arm: Arm, _ train: Examples<Float>, _ test: Examples<Float>, steps: Int, seed: Int
  ) throws -> Run {
    let network = DepthNetwork(
      arm: arm, inputs: train.features.shape[1], width: width, classes: 10, depth: depth)
    let result = try TrainingResult.after(
      .short(.adam, rate: 0.002, steps: steps, batch: 64, seed: seed), of: network, on: train)
    func error(_ blocks: [Int]) -> Double {
      Evaluation(
        of: network.passing(blocks), result.parameters, on: test, loss: .crossEntropy
      ).error ?? 1
    }
    let all = Array(0..<network.blockCount)
    return Run(
      whole: error(all), without: all.map { block in error(all.filter { $0 != block }) },
      exchanged: all.dropLast().map { block in
        var order = all
        order.swapAt(block, block + 1)
        return error(order)
      })
  }
}
