import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// How deep a plain tanh net can be and still be trained.
struct TrainableDepth: ClaimStudy {
  static let name = "trainable-depth"
  static let claim =
    "gradient descent trains plain tanh nets to a depth of about 6 ξ, where ξ is the depth over which two inputs become alike "
    + "at initialization, but not to twice that"
  static let source = "Schoenholz et al. 2017 (arXiv:1611.01232), with the ξ of depth-scale"
  static let derivation = """
    After L layers the difference between two inputs has shrunk by e^(-L/ξ), and so has the gradient that could increase it. A net \
    can be trained as long as something is left of both, to a depth proportional to ξ: the paper reads off a factor of 6. \
    ξ follows from the weights' variance alone (see depth-scale). The boundary is the depth at which the training accuracy \
    reaches half of the possible gain over guessing, interpolated logarithmically between depths; more steps move it outwards, \
    so a factor of 2 on either side is allowed.
    """
  static let control = "nets at the critical variance, 1.76, compared with the ξ of the others"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "10 s", full: "3 min")

  private static let width = 64
  /// Depths in units of ξ.
  private static let multiples = [3, 4.5, 6, 9, 13.5]

  let conditions: ClaimConditions

  private struct Net: Hashable {
    let variance: Double, depth: Int
    var name: String { "σ² = \(variance), depth \(depth)" }
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let data = try Examples.glyphs(train: 2000, test: 1, key: key["pictures"]).train
    let variances = effort == .quick ? [0.8, 1] : [0.8, 1, 1.3]
    let seeds = effort.choose(quick: 5, full: 7)
    let steps = effort.choose(quick: 250, full: 300)
    func nets(_ variance: Double) -> [Net] {
      Self.depths(variance).map { Net(variance: variance, depth: $0) }
    }
    let accuracies = try session.table(
      of: variances.flatMap(nets), seeds: seeds,
      named: \.name
    ) { [conditions] net, seed in
      try Self.accuracy(
        conditions.isControl ? 1.761 : net.variance, depth: net.depth, data, steps: steps,
        seed: conditions.seed(of: seed))
    }
    var checks: [Check] = []
    var series: [Series] = []
    for variance in variances {
      let xi = 1 / abs(TanhMeanField.rate(variance))
      let depths = Self.depths(variance)
      let bySeed = accuracies.rows(nets(variance))
      let ratios = MedianInterval(
        of: bySeed.map { Foundation.log2(Self.boundary(depths, $0) / (6 * xi)) })
      let name = "σ² = \(variance), 6 ξ = \((60 * xi).rounded() / 10)"
      checks += [
        Check("\(name): log2 of the boundary over 6 ξ", .above, -1, median: ratios),
        Check("\(name): log2 of the boundary over 6 ξ", .below, 1, median: ratios),
      ]
      series.append(
        .medians(name, depths.map { Double($0) / xi }, over: bySeed))
    }
    let chart = Chart(
      title: "Plain tanh nets train to a depth of about 6 ξ",
      subtitle:
        "width \(Self.width), \(steps) steps, medians of \(seeds) seeds with their intervals",
      x: Axis("depth / ξ", scale: .log2, ticks: [3, 6, 12]),
      y: Axis("training accuracy", range: 0...1, format: .percent), series: series,
      annotations: [.region(3...12, "6 ξ, up to a factor of 2")])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  private static func depths(_ variance: Double) -> [Int] {
    multiples.map { Int(($0 / abs(TanhMeanField.rate(variance))).rounded()) }
  }

  /// The depth at which the accuracy falls below 0.55 for the first time; beyond the deepest if it does not.
  static func boundary(_ depths: [Int], _ accuracies: [Double]) -> Double {
    let middle = 0.55
    guard let first = accuracies.firstIndex(where: { $0 < middle }) else {
      return Double(depths[depths.count - 1]) * 2
    }
    guard first > 0 else { return Double(depths[0]) / 2 }
    let (above, below) = (accuracies[first - 1], accuracies[first])
    let share = (above - middle) / (above - below)
    return Double(depths[first - 1])
      * pow(Double(depths[first]) / Double(depths[first - 1]), share)
  }

  /// The better of two rates.
  private static func accuracy(
    _ variance: Double, depth: Int, _ data: Examples<Float>, steps: Int, seed: Int
  ) throws -> Double {
    let initializer = Initializer.varianceScaling(
      gain: variance.squareRoot(), .normal, fan: .input)
    let bias = Initializer.normal(standardDeviation: TanhMeanField.biasVariance.squareRoot())
    let widths = [data.features.shape[1]] + Array(repeating: width, count: depth)
    let network = Sequential(
      plainLayers(widths, .tanh, initializer: initializer, bias: bias) + [
        Dense(width, 10, initializer: initializer, bias: bias)
      ])
    return try [0.02, 0.1].map { rate in
      1
        - (try TrainingResult.after(
          .short(.sgd, rate: rate, steps: steps, batch: 64, seed: seed), of: network, on: data
        ).train.error ?? 1)
    }.max() ?? 0
  }
}
