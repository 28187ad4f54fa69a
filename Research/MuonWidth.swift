import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// Whose best learning rate is that of a wider net.
struct MuonWidth: ClaimStudy {
  static let name = "muon-width"
  static let claim =
    "from width 16 to 64 the best rate of Adam falls, and that of Muon falls by less than as 1/√n if outputs are divided by √n"
  static let source =
    "Jordan et al. 2024 (Muon) and Bernstein and Newhouse 2024 (arXiv:2409.20325) for norms of updates; the condition on the output derived here"
  static let derivation = """
    Muon's update of a matrix has all singular values near the rate, so that it turns a stream of norm √n into a change of norm \
    rate · √n: each unit changes by the rate, at any width. Adam's update has entries of the size of the rate, all in the direction that helps, \
    so a singular value of rate · n: each unit changes by rate · n, and the best rate falls like 1/n until another layer limits it. The \
    output layer, of weights with variance 1/n, adds up aligned changes of all units, and its own update of norm 1 is given a stream of norm \
    √n: both move the logits by rate · √n. Divided by √n, as in µP, they move by the rate: then Muon's best rate should not know the width, as published. \
    It falls by about a tenth of a decade, so the independence is only approximate. Adam's falls by more, and Muon's by more without the \
    division, in the median of most sets of draws but not clearly in all, so neither is claimed. The division is by √(n/16), so that nets \
    of width 16 are the same either way. Rates are compared seed by seed, at the vertex of a parabola through the lowest loss and its neighbors.
    """
  static let control = "Adam instead of Muon"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "7 s", full: "2 min")

  private static let baseWidth = 16, steps = 60

  /// An optimizer with the rates that it is tried at, and the output's scale.
  private struct Method: Hashable, Sendable {
    let label: String, optimizer: OptimizerChoice, rates: [Double]
    var dividesOutput = true
  }

  private static let adamRates = [1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
  private static let muonRates = [3e-3, 1e-2, 3e-2, 1e-1, 3e-1]
  private static let methods = [
    Method(label: "Adam", optimizer: .adam, rates: adamRates),
    Method(label: "Muon", optimizer: .muon, rates: muonRates),
    Method(
      label: "Muon, output not divided", optimizer: .muon, rates: muonRates, dividesOutput: false),
  ]
  private struct Net: Hashable {
    let method: Method, width: Int
  }

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    // Those on which the study at depth trains.
    let train = try Self.smallPictures(MuonDepth(conditions: conditions).key["pictures"])
    let widths = effort == .quick ? [16, 64] : [16, 32, 64, 128]
    let seeds = effort.choose(quick: 8, full: 11)
    var methods = Self.methods
    if isControl { methods[1] = Method(label: "Muon", optimizer: .adam, rates: Self.adamRates) }
    let losses = try session.table(
      of: methods.flatMap { method in widths.map { Net(method: method, width: $0) } },
      rates: \.method.rates, seeds: seeds, stage: "widths",
      named: { "\($0.method.label), width \($0.width), \($1)" },
      measure: { [conditions] net, rate, seed in
        try Evaluation.after(
          .short(
            net.method.optimizer, rate: rate, steps: Self.steps, batch: 64,
            seed: conditions.seed(of: seed)),
          of: Self.network(net), on: train
        ).loss
      })
    /// The fall of the best rate with width, in decades, seed by seed.
    func falls(_ method: Method) -> [Double] {
      losses.decades(from: Net(method: method, width: 64), to: Net(method: method, width: 16))
    }
    let checks = [
      Check(
        "Muon: log 2, the fall as 1/√n from width 16 to 64, less that of its best rate (decades)",
        .above, 0, medianOf: falls(methods[1]).map { log10(2) - $0 }),
      Check(
        "Adam: fall of the best rate from width 16 to 64 (decades)", .above, 0,
        medianOf: falls(methods[0])),
    ]
    let charts = methods.map { method in
      losses.chart(
        method.label, widths.map { ("width \($0)", Net(method: method, width: $0)) }, upTo: 10)
    }
    let figure = Self.figure(
      charts, title: "The best rate of Muon moves little with width",
      note:
        "Generated digits of 7x7 pixels, \(Self.steps) steps, medians over seeds with their intervals; losses above 10 are drawn as 10.",
      width: 1180)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  /// Two residual blocks between an input layer and outputs that may be divided.
  private static func network(_ net: Net) -> StreamNetwork {
    let ratio = net.method.dividesOutput ? Double(baseWidth) / Double(net.width) : 1
    return StreamNetwork(
      inputs: 49, width: net.width, classes: 10,
      blocks: residualBlocks(2, width: net.width, scale: 0.5.squareRoot()),
      outputScale: ratio.squareRoot())
  }

  /// Generated digits of which squares of 4x4 pixels are averaged, so that the first layer, whose inputs do not get more with width, does
  /// not limit the rate.
  static func smallPictures(_ key: Key) throws -> Examples<Float> {
    let train = try Examples.uprightGlyphs(count: 2000, key: key)
    let small = train.features.reshaped(to: [2000, 7, 4, 7, 4]).mean(alongAxes: [2, 4])
      .reshaped(to: [2000, 49])
    return Examples(
      features: small / sqrt(small.squared().mean()), targets: train.targets)
  }
}
