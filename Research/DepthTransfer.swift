import Experiments
import Foundation
import Plots
import Plumbline

/// Whether the best learning rate of a shallow residual net is that of a deep one.
struct DepthTransfer: ClaimStudy {
  static let name = "depth-transfer"
  static let claim =
    "with branches divided by depth (CompleteP) the best rate of Adam moves by no more than half a decade from 4 blocks to 64, "
    + "and without a rule it falls"
  static let source =
    "Yang et al. 2023 (arXiv:2310.02244), depth-µP, and Dey et al. 2025 (arXiv:2505.01618), CompleteP; the exponents: study depth-movement"
  static let derivation = """
    Blocks x + m^-α V relu(W N(x)), N the root-mean-square norm, m the depth over that of a base net of 4. A step of Adam at the rate λ m^-r in the blocks moves the stream \
    behind the last one by λ L^(1 - α - r) (study depth-movement): Adam moves each weight by the rate whatever the gradient's size, and the changes of L \
    blocks add up in line. The best rate is the one at which a step moves the outputs as far as training bears. CompleteP has α = 1 and r = 0, so that the same rate moves them as far at every \
    depth, and should be the best at each. A net without a rule, α = r = 0, moves by L, so that its best rate falls with depth, at most by the factor L. Adam's epsilon follows \
    the size of the gradients, m^-α. Rates and epsilons of the first and the last layer stay. Best rates are compared seed by seed, each at the vertex of a \
    parabola through the lowest loss and its neighbors.
    """
  static let control = "CompleteP without its factor on branches"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "6 s", full: "3 min")

  /// How branches and rates follow the depth.
  private struct Rule: Hashable, Sendable {
    let label: String, scaling: DepthScaling
  }

  private static let width = 32, inputs = 16, classes = 8, examples = 512, batch = 64
  private static let rates = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]

  let conditions: ClaimConditions

  private struct Net: Hashable {
    let rule: Rule, blocks: Int
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let depths = effort == .quick ? [4, 64] : [4, 16, 64, 128]
    let seeds = effort.choose(quick: 5, full: 9)
    let steps = effort.choose(quick: 60, full: 120)
    let without = DepthScaling(branch: 0, step: 0)
    let rules = [
      Rule(label: "CompleteP", scaling: isControl ? without : .completeP),
      Rule(label: "no rule", scaling: without),
    ]
    let losses = try session.table(
      of: rules.flatMap { rule in depths.map { Net(rule: rule, blocks: $0) } },
      rates: { _ in Self.rates }, seeds: seeds,
      named: { "\($0.rule.label), \($0.blocks), rate \($1)" },
      measure: { [conditions] net, rate, seed in
        Self.trained(
          net.rule.scaling, blocks: net.blocks, rate: rate, steps: steps,
          seed: conditions.seed(of: seed)
        ).loss
      })
    /// By how many decades the best rate rises from 4 blocks to 64, seed by seed.
    func shift(_ rule: Rule) -> [Double] {
      losses.decades(from: Net(rule: rule, blocks: 4), to: Net(rule: rule, blocks: 64))
    }
    let checks = [
      Check(
        "CompleteP, 4 to 64 blocks: shift of the best rate, in decades, without its sign",
        .below, 0.5, medianOf: shift(rules[0]).map(abs)),
      Check(
        "no rule, 4 to 64 blocks: fall of the best rate, in decades", .above, 0.25,
        medianOf: shift(rules[1]).map { -$0 }),
    ]
    let charts = rules.map { rule in
      losses.chart(rule.label, depths.map { ("\($0) blocks", Net(rule: rule, blocks: $0)) })
    }
    let figure = Self.figure(
      charts,
      title:
        "The best rate of a shallow net is that of a deep one where branches are divided by depth",
      note:
        "Width \(Self.width), \(steps) steps of Adam, medians over \(seeds) seeds with their intervals.",
      width: 900)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  private static func network(_ scaling: DepthScaling, blocks: Int) -> StreamNetwork {
    return StreamNetwork(
      inputs: inputs, width: width, classes: classes,
      blocks: (0..<blocks).map { _ in
        Residual(
          Sequential([RMSNorm(width)] + residualBranch(width: width).layers),
          scale: scaling.branchScale(blocks: blocks), updates: scaling.updates(blocks: blocks))
      }, inputActivation: .linear, hasNorm: true)
  }

  /// The loss on all examples at the end of training, and how far the stream behind the last block moved.
  static func trained(
    _ scaling: DepthScaling, blocks: Int, rate: Double, steps: Int, seed: Int
  ) -> (loss: Double, movement: Double) {
    let key = Key(seed: seed)[name]
    let network = network(scaling, blocks: blocks)
    var parameters = Parameters<Float>(of: network, key: key["weights"])
    let (x, y) = data(key["data"])
    var step = TrainingStep<Float>(of: network) { pass, inputs in
      softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1])
    }
    var adam = Adam<Float>(learningRate: rate)
    let probe = x.sliced(axis: 0, 0..<batch)
    let start = network.stream(probe, parameters.pass())
    for index in 0..<steps {
      let rows = key["rows"][index].uniform(batch, from: 0, to: Double(examples)).map { Int($0) }
      let loss = step.loss(at: parameters, inputs: [x, y], rows: rows)
      guard loss.isFinite else { return (1e6, 1e6) }
      adam.update(&parameters, along: step.gradient)
    }
    let moved = network.stream(probe, parameters.pass()) - start
    let loss = softmaxCrossEntropy(network(x, parameters.pass()), labels: y).scalar
    return (
      loss.isFinite ? Double(loss) : 1e6, Double(moved.squared().mean().scalar).squareRoot()
    )
  }

  /// Normal inputs, and the classes that a random net gives them.
  private static func data(_ key: Key) -> (Tensor<Float>, Tensor<Float>) {
    let x: Tensor<Float> = key["x"].normalTensor([examples, inputs])
    let hidden = relu(matmul(x, key["first"].normalTensor([inputs, 64])))
    return (x, .classes(largestIn: matmul(hidden, key["second"].normalTensor([64, classes]))))
  }
}
