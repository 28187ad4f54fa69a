import Experiments
import Foundation
import Plots
import Plumbline

/// How far one step of Adam moves the stream of a residual net, over its depth.
struct DepthMovement: ClaimStudy {
  static let name = "depth-movement"
  static let claim =
    "a step of Adam moves the stream behind the last block by L^(1 - α - r) where branches are scaled by L^-α and rates by L^-r: not at all with depth under CompleteP and "
    + "depth-µP, and as √L if depth-µP's factor on the rate is forgotten"
  static let source =
    "Yang et al. 2023 (arXiv:2310.02244), depth-µP, and Dey et al. 2025 (arXiv:2505.01618), CompleteP; the exponents derived here"
  static let derivation = """
    Blocks x + m^-α V relu(W N(x)), N the root-mean-square norm, m the depth over that of a base net of 4. Adam moves each weight by the \
    rate whatever the gradient's size, and all in the direction that helps: the branch of each block changes by an amount that does not know \
    the depth, and the changes of L blocks add up, not like random ones, but in line. So the stream behind the last changes by m^-α times \
    L times the factor on the rate, m^-r: as L^(1 - α - r). CompleteP has α = 1, and leaves the rate of the blocks as it is; depth-µP has α = \
    1/2, and has to divide the rate by √m, the line that people forget: without it a step moves the output by √L. A net without a rule, α = r = \
    0, moves by L. Adam's epsilon follows the size of the gradients, m^-α. The law is that of deep nets: under CompleteP the branches of a \
    stream add up to a variance of the order of L m^-2, 4 in the base net and 1/4 in one of 64 blocks, so that the base net is not yet near the \
    limit; exponents are taken from 16 blocks on. What this does to the best rate is the study depth-transfer.
    """
  static let control = "CompleteP and depth-µP without their factors on branches"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "9 s", full: "2 min")

  /// How branches and rates follow the depth, and the exponent of L in what a step moves the output by.
  private struct Rule: Sendable {
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
  /// Of the step whose effect is measured.
  private static let smallRate = 1e-4
  /// The shallowest net that the law of deep ones is held against; the base net, with its four undivided branches, is not near it.
  private static let shallowest = 16

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    var rules = Self.rules
    if isControl { for index in 0..<2 { rules[index].scaling.branch = 0 } }
    let depths = [4, Self.shallowest, 64] + (effort == .quick ? [] : [256])
    let seeds = effort.choose(quick: 48, full: 96)
    let movements = try rules.map { rule in
      try session.value("movement, \(rule.label)") { [conditions] in
        draws(seeds) { draw in
          depths.map { depth in
            DepthTransfer.trained(
              rule.scaling, blocks: depth, rate: Self.smallRate, steps: 1,
              seed: conditions.seed(of: draw + 1)
            ).movement
          }
        }
      }
    }
    let checks = zip(rules, movements).map { rule, draws in
      let factor = Double(depths.last! / Self.shallowest)
      let exponents = draws.map { log($0.last! / $0[1]) / log(factor) }
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
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }
}
