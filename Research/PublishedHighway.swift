import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// A published comparison of plain and highway nets, with the plain nets' start as the only difference.
struct PublishedHighway: ClaimStudy {
  static let name = "published-highway"
  static let claim =
    "initialization explains why published plain nets of 20 or more layers stay at 90 % error where highway nets reach 0.4 %: from He's weights 20 "
    + "plain layers train, from small weights later or not at all, and highway layers train even from those"
  static let source =
    "the comparison: bnsh/highwaytest (final training error in % at 10, 20 and 50 layers: plain 70.4, 90.0, 88.8; highway "
    + "0.03, 0.37, 0.45), after Srivastava et al. 2015 (arXiv:1505.00387); the cause derived here"
  static let derivation = """
    Weights uniform up to 1/√n, a common default, have variance 1/3n, so with ReLU each layer passes on 1/6 of the signal's energy: \
    6^-20 after 20 layers, and the net outputs its last bias. A highway layer with gate bias -⌊L/10⌋ - 1 carries \
    most of the signal past such weights. He's weights preserve the energy, and only the finite width is left to hold plain nets back, \
    by 5L/n. The published nets have 71 (plain) and 50 (highway) units and use Adamax; their initialization is not stated \
    and is assumed to be the default. With 1000 steps of 20 examples \
    plain nets of 20 layers with such weights are mostly still guessing on generated digits, while on MNIST many have left the plateau, at \
    errors of 20 to 88 %; with He's weights they are near 10 % on both.
    """
  static let control = "He's weights in place of the published ones"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "12 s", full: "2 min")

  let conditions: ClaimConditions

  private enum Kind: String, CaseIterable {
    case small = "plain, uniform to 1/√n"
    case plain = "plain, He"
    case highway = "highway, uniform to 1/√n"
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let study = try StudyData.load(nil)
    let data = Examples<Float>(study.train).prefix(2000)
    let depths = effort == .quick ? [5, 20] : [5, 10, 20, 50]
    let seeds = 5
    let steps = effort.choose(quick: 1000, full: 2000)
    let errors: NetTable<Kind, Double> = try session.table(
      depths: depths, seeds: seeds, named: study.train.name
    ) { [conditions] kind, depth, seed in
      let network = Self.network(kind, depth, inputs: data.features.shape[1], conditions.isControl)
      var settings = TrainingSettings.short(
        .adamax, rate: 0.005, steps: steps, batch: 20, seed: conditions.seed(of: seed))
      settings.clipNorm = 10
      return try Evaluation.after(settings, of: network, on: data).error ?? 1
    }
    let checks =
      depths.filter { $0 > 20 }.map { depth in
        Check(
          "\(Kind.small.rawValue), \(depth) layers: training error", .above, 0.8,
          median: errors.interval(.small, depth))
      } + [
        Check(
          "\(Kind.highway.rawValue), 20 layers: training error", .below, 0.3,
          median: errors.interval(.highway, 20)),
        Check(
          "\(Kind.plain.rawValue), 20 layers: training error", .below, 0.4,
          median: errors.interval(.plain, 20)),
        Check(
          "20 plain layers, uniform less He, of one seed", .above, 0,
          median: errors.difference(.small, less: .plain, 20)),
      ]
    let chart = errors.chart(
      "Plain nets of 20 layers are held back by their initialization",
      subtitle:
        "2000 examples of \(study.train.name), \(steps) steps; medians of \(seeds) seeds with their intervals",
      Axis("training error", range: 0...1, format: .percent))
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  private static func network(
    _ kind: Kind, _ depth: Int, inputs: Int, _ isControl: Bool
  ) -> any Layer {
    // Uniform up to 1/√n: the variance 1/3n.
    let small = Initializer.varianceScaling(gain: (1 / 3.0).squareRoot(), .uniform, fan: .input)
    let initializer = kind == .plain || isControl ? Initializer.he() : small
    let width = kind == .highway ? 50 : 71
    let hidden = (1..<depth).flatMap { _ -> [any Layer] in
      kind == .highway
        ? [Highway(width, initializer: initializer, gateBias: -Double(depth / 10 + 1))]
        : [Dense(width, width, initializer: initializer), Activation.relu]
    }
    return Sequential(
      [Dense(inputs, width, initializer: initializer), Activation.relu] + hidden
        + [Dense(width, 10, initializer: initializer)])
  }
}
