import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// The block that made thousand-layer reinforcement-learning nets possible, with its parts removed.
struct ThousandLayers: ClaimStudy {
  static let name = "thousand-layers"
  static let claim =
    "blocks of four layers, each dense, LayerNorm and SiLU, with a skip around the four, train at depths of 4 to 1024, even without "
    + "the norms; without the skips they do not"
  static let source = "Wang et al. 2025 (arXiv:2503.14858), its block on generated digits"
  static let derivation = """
    A LayerNorm in every layer sets the signal's energy, so a branch of four layers adds about the same amount to the stream at any depth, \
    and the stream's energy grows with the number of blocks, not exponentially. Without skips the norms still preserve the energy, but not the difference between two inputs, \
    which shrinks with every layer, and gradients at different inputs become unrelated. Without the norms a SiLU branch with LeCun's weights passes on about a \
    quarter of its energy per layer and so adds almost nothing: the skips alone carry the signal, and such a net trains as well.
    """
  static let control = "skips exchanged: only the nets that should have none have them"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "5 s", full: "5 min")

  private static let width = 32
  private enum Kind: String, CaseIterable {
    case whole = "all parts"
    case noNorm = "without LayerNorm"
    case noSkip = "without skips"
  }

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let data = try Examples.glyphs(train: 1000, test: 1, key: key["pictures"]).train
    let depths = effort == .quick ? [4, 128] : [4, 16, 64, 256, 1024]
    let deepest = depths[depths.count - 1]
    let seeds = 5
    let steps = effort.choose(quick: 150, full: 300)
    let errors: NetTable<Kind, Double> = try session.table(depths: depths, seeds: seeds) {
      [conditions] kind, depth, seed in
      let network = Self.network(
        depth, inputs: data.features.shape[1], hasNorm: kind != .noNorm,
        hasSkip: (kind != .noSkip) != conditions.isControl)
      return try Evaluation.after(
        .short(.adam, rate: 0.001, steps: steps, batch: 50, seed: conditions.seed(of: seed)),
        of: network, on: data
      ).error ?? 1
    }
    let checks =
      depths.map { depth in
        Check(
          "all parts, \(depth) layers: training error", .below, 0.3,
          median: errors.interval(.whole, depth))
      } + [
        Check(
          "without LayerNorm, \(deepest) layers: training error", .below, 0.3,
          median: errors.interval(.noNorm, deepest)),
        Check(
          "without skips, 4 layers: training error", .below, 0.3,
          median: errors.interval(.noSkip, 4)),
        Check(
          "without skips, \(deepest) layers: training error", .above, 0.6,
          median: errors.interval(.noSkip, deepest)),
      ]
    let chart = errors.chart(
      "With skips, deep nets of these blocks train",
      subtitle:
        "width \(Self.width), generated digits, \(steps) steps of Adam; medians of \(seeds) seeds with their intervals",
      over: "dense layers", Axis("training error", range: 0...1, format: .percent))
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  private static func network(
    _ depth: Int, inputs: Int, hasNorm: Bool, hasSkip: Bool
  ) -> any Layer {
    func layers(_ inputs: Int, _ width: Int) -> [any Layer] {
      let dense = Dense(inputs, width, initializer: .lecun())
      return hasNorm
        ? [dense, LayerNorm(width), Activation.silu] : [dense, Activation.silu]
    }
    let blocks = (0..<depth / 4).map { _ -> any Layer in
      let branch = Sequential((0..<4).flatMap { _ in layers(width, width) })
      return hasSkip ? Residual(branch) : branch
    }
    return Sequential(layers(inputs, width) + blocks + [Dense(width, 10, initializer: .lecun())])
  }
}
