import Experiments
import Plots
import Plumbline
import Training

/// Which optimizer's loss in deep nets depends on their skips, each at its best learning rate.
struct MuonDepth: ClaimStudy {
  static let name = "muon-depth"
  static let claim =
    "at its best rate each of SGD, Adam and Muon trains a residual net further than a plain one of as many layers"
  static let source =
    "He et al. 2016 (arXiv:1512.03385) for the nets and Jordan et al. 2024 for Muon; compared here"
  static let derivation = """
    Muon makes all singular values of an update equal, and Adam all its entries: neither step depends on the size of the gradient that reaches a \
    layer, as that of SGD does. If deep plain nets failed only because gradients shrink or grow on their way back, both would train them like residual \
    ones. But a plain ReLU net of L layers also turns all inputs to nearly the same direction, 1 - cos falling as 1/L² (study angle-collapse), and makes the gradients \
    of neighboring inputs unlike each other (study shattered-gradients), which no size of a step restores. So the difference of plain and residual \
    nets is expected to stay with each optimizer. How large it is does not follow from this and is measured, seed by seed, each net at the best of three \
    rates. How the best rate itself moves with width is the study muon-width.
    """
  static let control = "plain nets instead of residual ones"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "3 s", full: "1 min")

  /// An optimizer with the rates that it is tried at.
  private struct Method: Hashable, Sendable {
    let label: String, optimizer: OptimizerChoice, rates: [Double]
  }

  private static let methods = [
    Method(label: "SGD", optimizer: .sgd, rates: [3e-2, 1e-1, 3e-1]),
    Method(label: "Adam", optimizer: .adam, rates: [1e-3, 3e-3, 1e-2]),
    Method(label: "Muon", optimizer: .muon, rates: [3e-3, 1e-2, 3e-2]),
  ]

  private static let arms = [Arm.plain, .residual], steps = 60

  private struct Net: Hashable {
    let method: Method, arm: Arm, depth: Int
    var name: String { "\(method.label), \(arm.rawValue), \(depth) layers" }
  }

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let train = try MuonWidth.smallPictures(key["pictures"])
    let depths = effort == .quick ? [16] : [16, 64]
    let seeds = effort.choose(quick: 5, full: 7)
    let losses = try session.table(
      of: Self.methods.flatMap { method in
        Self.arms.flatMap { arm in depths.map { Net(method: method, arm: arm, depth: $0) } }
      }, seeds: seeds, stage: "depths", named: \.name
    ) { [conditions] net, seed in
      let network = DepthNetwork(
        arm: conditions.isControl ? .plain : net.arm, inputs: train.features.shape[1], width: 32,
        classes: 10, depth: net.depth)
      return try net.method.rates.map { rate in
        try Evaluation.after(
          .short(
            net.method.optimizer, rate: rate, steps: Self.steps, batch: 64,
            seed: conditions.seed(of: seed)),
          of: network, on: train
        ).loss
      }.min() ?? .infinity
    }
    let checks = Self.methods.flatMap { method in
      depths.map { depth in
        Check(
          "\(method.label), \(depth) layers: best loss, plain less residual (nats)", .above, 0,
          median: losses.difference(
            Net(method: method, arm: .plain, depth: depth),
            less: Net(method: method, arm: .residual, depth: depth)))
      }
    }
    let x = Self.methods.indices.map { Double($0) + 1 }
    let chart = Chart(
      title: "At the best rate", x: Axis("1 SGD, 2 Adam, 3 Muon", range: 0.5...3.5, ticks: x),
      y: Axis("training loss (nats)", scale: .log10),
      series: Self.arms.flatMap { arm in
        depths.map { depth in
          losses.series(
            "\(arm.rawValue), \(depth) layers", x,
            Self.methods.map { Net(method: $0, arm: arm, depth: depth) }, style: .points)
        }
      })
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }
}
