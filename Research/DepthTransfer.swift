import Experiments
import Foundation
import Plots
import Plumbline

/// Whether the best learning rate of a shallow residual net is that of a deep one.
struct DepthTransfer: ClaimStudy {
  static let name = "depth-transfer"
  static let claim =
    "with branches divided by depth (CompleteP) the best rate of Adam moves by no more than half a decade from 4 blocks to 64, "
    + "and without a rule it falls; a step moves the output by L^(1 - α - r) where branches are scaled by L^-α and rates by L^-r"
  static let source =
    "Yang et al. 2023 (arXiv:2310.02244), depth-µP, and Dey et al. 2025 (arXiv:2505.01618), CompleteP; the exponents derived here"
  static let derivation = """
    Blocks x + m^-α V relu(W N(x)), N the root-mean-square norm, m the depth over that of a base net of 4. Adam moves each weight by the \
    rate whatever the gradient's size, and all in the direction that helps: the branch of each block changes by an amount that does not know \
    the depth, and the changes of L blocks add up, not like random ones, but in line. So the stream behind the last changes by m^-α times \
    L times the factor on the rate, m^-r: as L^(1 - α - r). CompleteP has α = 1, and leaves the rate of the blocks as it is; depth-µP has α = \
    1/2, and has to divide the rate by √m, the line that people forget: without it a step moves the output by √L. A net without a rule, α = r = \
    0, moves by L, so that its best rate falls with depth. Adam's epsilon follows the size of the gradients, m^-α. Rates and epsilons of the \
    first and the last layer stay.
    """
  static let control = "CompleteP and depth-µP without their factors on branches"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "15 s", full: "3 min")

  /// How branches and rates follow the depth, and the exponent of L in what a step moves the output by.
  private struct Rule: Hashable, Sendable {
    let label: String
    var scaling: DepthScaling
    let law: Double
  }

  private static let rules = [
    Rule(label: "CompleteP", scaling: .completeP, law: 0),
    Rule(label: "depth-µP", scaling: .depthMuP, law: 0),
    Rule(
      label: "depth-µP without its factor on the rate", scaling: DepthScaling(branch: 0.5, step: 0),
      law: 0.5),
    Rule(label: "no rule", scaling: DepthScaling(branch: 0, step: 0), law: 1),
  ]
  private static let width = 32, inputs = 16, classes = 8, examples = 512, batch = 64
  private static let rates = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
  /// Of the step whose effect is measured.
  private static let smallRate = 1e-4

  let conditions: ClaimConditions

  private struct Net: Hashable {
    let rule: Rule, blocks: Int
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let depths = effort == .quick ? [4, 64] : [4, 16, 64, 128]
    let seeds = effort.choose(quick: 5, full: 9)
    let steps = effort.choose(quick: 60, full: 120)
    var rules = Self.rules
    if isControl { for index in 0..<2 { rules[index].scaling.branch = 0 } }
    let judged = [rules[0], rules[3]]
    let (checks, movements) = try movementChecks(rules, in: session)
    let losses = try session.table(
      of: judged.flatMap { rule in depths.map { Net(rule: rule, blocks: $0) } },
      rates: { _ in Self.rates }, seeds: seeds,
      named: { "\($0.rule.label), \($0.blocks), rate \($1)" },
      measure: { [conditions] net, rate, seed in
        Self.trained(net, rate: rate, steps: steps, seed: conditions.seed(of: seed)).loss
      })
    /// By how many decades the best rate rises from 4 blocks to 64, seed by seed.
    func shift(_ rule: Rule) -> [Double] {
      losses.decades(from: Net(rule: rule, blocks: 4), to: Net(rule: rule, blocks: 64))
    }
    let all =
      checks + [
        Check(
          "CompleteP, 4 to 64 blocks: shift of the best rate, in decades, without its sign",
          .below, 0.5, medianOf: shift(judged[0]).map(abs)),
        Check(
          "no rule, 4 to 64 blocks: fall of the best rate, in decades", .above, 0.25,
          medianOf: shift(judged[1]).map { -$0 }),
      ]
    let charts =
      [movements]
      + judged.map { rule in
        losses.chart(rule.label, depths.map { ("\($0) blocks", Net(rule: rule, blocks: $0)) })
      }
    let figure = Self.figure(
      charts,
      title:
        "The best rate of a shallow net is that of a deep one where branches are divided by depth",
      note:
        "Width \(Self.width), \(steps) steps of Adam, medians over \(seeds) seeds with their intervals.",
      width: 1100)
    return CheckedClaim(of: self, checks: all, figure: figure)
  }

  /// How a step's effect grows with depth.
  private func movementChecks(
    _ rules: [Rule], in session: StudySession
  ) throws -> ([Check], Chart) {
    let depths = [4, 16, 64]
    let seeds = effort.choose(quick: 48, full: 96)
    let movements = try rules.map { rule in
      try session.value("movement, \(rule.label)") { [conditions] in
        draws(seeds) { draw in
          depths.map { depth in
            Self.trained(
              Net(rule: rule, blocks: depth), rate: Self.smallRate, steps: 1,
              seed: conditions.seed(of: draw + 1)
            ).movement
          }
        }
      }
    }
    let checks = zip(rules, movements).map { rule, draws in
      let exponents = draws.map { log($0[2] / $0[0]) / log(16) }
      let quantity = "\(rule.label): exponent of L in what a step moves"
      guard rule.law > 0 else {
        return Check("\(quantity), without its sign", .below, 0.1, medianOf: exponents.map(abs))
      }
      // Half the distance to the next law: a net of 64 blocks is not one of infinite depth.
      return Check(
        quantity, predicted: rule.law, measured: SampleMean(of: exponents),
        tolerance: 0.25 / rule.law)
    }
    let chart = Chart(
      title: "What one step moves", x: .doubling("blocks L", depths),
      y: Axis("change of the stream, root mean square", scale: .log10),
      series: zip(rules, movements).map { rule, draws in
        .medians(rule.label, depths.map(Double.init), over: draws)
      })
    return (checks, chart)
  }

  private static func network(_ net: Net) -> StreamNetwork {
    let (scaling, blocks) = (net.rule.scaling, net.blocks)
    return StreamNetwork(
      inputs: inputs, width: width, classes: classes,
      blocks: (0..<blocks).map { _ in
        Residual(
          Sequential([RMSNorm(width)] + residualBranch(width: width).layers),
          scale: scaling.branchScale(blocks: blocks), updates: scaling.updates(blocks: blocks))
      }, inputActivation: .linear, hasNorm: true)
  }

  /// The loss on all examples at the end, and how far the stream behind the last block moved.
  private static func trained(
    _ net: Net, rate: Double, steps: Int, seed: Int
  ) -> (loss: Double, movement: Double) {
    let key = Key(seed: seed)[name]
    let network = network(net)
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
