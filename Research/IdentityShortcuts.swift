import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// What happens to a residual net whose shortcuts are not identities.
struct IdentityShortcuts: ClaimStudy {
  static let name = "identity-shortcuts"
  static let claim =
    "64-layer nets train with shortcuts that multiply by a factor at or near 1, worse with half of both, and not with gates of ½ or dropout"
  static let source =
    "He et al. 2016 (arXiv:1603.05027), table 1 (error of ResNet-110 in %: identity 6.6, a gate on the shortcut that starts at bias -6 6.9, half "
    + "of both 12.4, such a gate at 0 12.9, dropout fails), here on dense nets"
  static let derivation = """
    A shortcut that multiplies by λ multiplies the energy of the gradient by (λ² + η²)^L over L blocks with branches of scale η (study shortcut-gradient). \
    Of 32 blocks this is 2.7 with identities and η = 1/√L, 2.3 with gates 1 - g of bias -6, 2^-32 with half of both, x/2 + F(x)/2, 2^-58 with gates of bias 0, \
    which are ½, and 2^32 with dropout of one half on the shortcut: in this \
    order, from both sides of 1, the nets should train worse. The energies are those at initialization and for random directions: what training makes of them does \
    not follow, and is measured, as losses of nets with the same seed.
    """
  static let control = "identities in all nets"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "5 s", full: "40 s")

  private static let width = 32
  private typealias Kind = ShortcutGradient.Kind

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let depths = effort == .quick ? [8, 64] : [8, 16, 32, 64]
    let data = try Examples.glyphs(train: 2000, test: 1, key: key["pictures"]).train
    let steps = effort.choose(quick: 400, full: 1000)
    let seeds = effort.choose(quick: 5, full: 9)
    let losses: NetTable<Kind, Double> = try session.table(depths: depths, seeds: seeds) {
      [conditions] kind, depth, seed in
      let network = BlockNetwork(
        of: data, width: Self.width,
        blocks: ShortcutGradient.blocks(
          conditions.isControl ? .identity : kind, depth / 2, width: Self.width))
      return try Evaluation.after(
        .short(.adam, rate: 0.002, steps: steps, batch: 64, seed: conditions.seed(of: seed)),
        of: network, on: data
      ).loss
    }
    func above(_ name: String, _ worse: Kind, _ better: Kind) -> Check {
      Check(
        "\(name), of one seed", .above, 0, median: losses.difference(worse, less: better, 64))
    }
    let checks =
      [Kind.identity, .near].map { kind in
        Check(
          "\(kind.rawValue), 64 layers: training loss", .below, 0.5,
          median: losses.interval(kind, 64))
      } + [
        above("half of both less identity", .half, .identity),
        above("gate of bias 0 less half of both", .gate, .half),
        above("dropout less half of both", .dropout, .half),
      ]
    let chart = losses.chart(
      "Shortcuts that are not identities keep deep nets from training",
      subtitle:
        "generated digits, width \(Self.width), medians over seeds with their intervals; the loss of guessing is 2.3",
      Axis("training loss (nats)", scale: .log10))
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }
}
