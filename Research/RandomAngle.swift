import Experiments
import Foundation
import Plots
import Plumbline

/// The angle of two inputs in a plain ReLU net is random, and its law at infinite width holds only for shallow nets.
struct RandomAngle: ClaimStudy {
  static let name = "random-angle"
  static let claim =
    "in a plain ReLU net of width n the angle θ of two inputs is random: with each layer 1/θ grows by 1/3π and is multiplied by a "
    + "number of variance 2/n, so its coefficient of variation depends on L/n, not on width alone"
  static let source =
    "Li et al. 2022 (arXiv:2206.02768) for the limit of L²(1 - ρ); the exact factor and the moments of 1/θ derived here"
  static let derivation = """
    At infinite width a layer maps a small angle to θ - θ²/3π, so 1/θ grows by 1/3π per layer, and L²(1 - ρ) tends to 9π²/2. At \
    width n, K ~ Binomial(n, ½) units are on, and the difference of two close signals keeps its part orthogonal to the signal: θ² is \
    multiplied by χ²_(K-1)/χ²_K, with independent numerator and denominator, whose relative variance is 8/n. So 1/θ follows a linear equation, and E 1/θ ← \
    E √(χ²_K/χ²_(K-1)) (E 1/θ + 1/3π) and E 1/θ² ← E K/(K-3) (E 1/θ² + 2 E 1/θ / 3π + 1/9π²) are closed; for L ~ n they are the \
    moments of the published stochastic equation for q = L²(1 - ρ). With fewer than 4 units on they do not exist (a single one makes any two \
    inputs parallel): such nets, one in some 10,000 at width 24, are left out, on both sides. The moments of q itself are not closed: that its \
    coefficient of variation grows with L/n, and that its median at L = n is below half of 9π²/2, is only measured. (At L far below n it is below \
    9π²/2 too, since it has not got there yet.)
    """
  static let control = "layers without their ReLU"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "10 s", full: "30 s")

  private static let widths = [24, 48, 96]
  /// Small, since the factor is exact for close inputs: a share θ/π of the units is on for one input alone.
  private static let start = 0.05
  private static let ratios = [0.125, 0.25, 0.5, 1]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 7000, full: 14_000)
    let isLinear = isControl
    func angles(_ width: Int, from start: Double, draws count: Int) throws -> [[Double]] {
      try session.value("width \(width), from \(start)") { [key] in
        draws(count) { draw in
          Self.angles(width: width, depth: width, from: start, isLinear, key["\(width)"][draw])
            .map { angles in Self.ratios.map { angles[Int($0 * Double(width))] } }
        }.compactMap { $0 }
      }
    }
    var checks: [Check] = []
    var means: [Series] = []
    var spreads: [Series] = []
    for width in Self.widths {
      let law = Self.moments(width: width, depth: width, from: Self.start)
      let close = try angles(width, from: Self.start, draws: 3 * count)
      let depths = Self.ratios.map { Int($0 * Double(width)) }
      let inverse = MeasuredLaw(
        "width \(width)", at: depths, law: { law[Int($0)].first },
        means: depths.indices.map { index in SampleMean(of: close.map { 1 / $0[index] }) })
      let first = inverse.checks { "width \(width), \($0) layers: mean of 1/θ" }
      // Later the rarest draws carry the second moment.
      let second = Check(
        "width \(width), \(depths[0]) layers: mean of 1/θ²", law: law[depths[0]].second,
        measured: SampleMean(of: close.map { 1 / ($0[0] * $0[0]) }))
      checks += [first[0], second] + first[1...]
      let orthogonal = try angles(width, from: .pi / 2, draws: count)
      let scaled = depths.enumerated().map { index, depth in
        orthogonal.map { Double(depth * depth) * (1 - cos($0[index])) }
      }
      func variation(_ values: [Double]) -> Double {
        SampleMean(squaredDeviationsOf: values).mean.squareRoot() / SampleMean(of: values).mean
      }
      checks += [
        Check(
          "width \(width): coefficient of variation of L²(1 - ρ) at L = n over that at L = n/8",
          .above, 2,
          median: MedianInterval(overPartsOf: Array(zip(scaled[0], scaled[3]))) { part in
            variation(part.map(\.1)) / variation(part.map(\.0))
          }),
        Check(
          "width \(width): L²(1 - ρ) at L = n, against half of 9π²/2", .below,
          9 * .pi * .pi / 4, medianOf: scaled[3]),
      ]
      means += [
        .law(Self.ratios) { law[Int($0 * Double(width))].first },
        .measured(inverse.label, Self.ratios, inverse.means),
      ]
      spreads.append(.quartiles("width \(width)", Self.ratios, scaled))
    }
    let ratio = Axis("layers L / width n", scale: .log2, ticks: Self.ratios)
    let charts = [
      Chart(
        title: "1/θ follows a linear law",
        subtitle: "from θ = \(Self.start), \(count) draws, ±2 standard errors; dashed: the law",
        x: ratio, y: Axis("mean of 1/θ", scale: .log10), series: means),
      Chart(
        title: "L²(1 - ρ) is a random number once L is near n",
        subtitle: "orthogonal inputs, medians and quartiles, measured only; dashed: 9π²/2",
        x: ratio, y: Axis("L²(1 - ρ)", scale: .log10),
        series: [.law(Self.ratios) { _ in 4.5 * .pi * .pi }] + spreads),
    ]
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid(charts, columns: 1))
  }

  /// The first two moments of 1/θ after each number of layers.
  static func moments(
    width: Int, depth: Int, from start: Double
  ) -> [(first: Double, second: Double)] {
    let step = 1 / (3 * Double.pi)
    let (mean, square) = factors(width: width)
    return (0..<depth).reduce(into: [(1 / start, 1 / (start * start))]) { moments, layer in
      let (first, second) = moments[layer]
      moments.append(
        (mean * (first + step), square * (second + 2 * step * first + step * step)))
    }
  }

  /// The fewest units that are on in a layer for both moments to exist.
  private static let fewestOn = 4

  /// E √(χ²_K/χ²_(K-1)) and E χ²_K/χ²_(K-1) for K ~ Binomial(n, ½), where it is not below ``fewestOn``.
  static func factors(width: Int) -> (mean: Double, square: Double) {
    var (total, mean, square) = (0.0, 0.0, 0.0)
    for on in fewestOn...width {
      let (share, k) = (ActiveUnits.share(on, of: width), Double(on))
      // E χ_k = √2 Γ((k + 1)/2) / Γ(k/2), and E 1/χ_(k-1) = Γ((k - 2)/2) / (√2 Γ((k - 1)/2)).
      let direct = lgamma((k + 1) / 2) - lgamma(k / 2)
      let inverse = lgamma((k - 2) / 2) - lgamma((k - 1) / 2)
      total += share
      mean += share * Foundation.exp(direct + inverse)
      square += share * k / (k - 3)
    }
    return (mean / total, square / total)
  }

  /// θ at the input and after each layer; `nil` if a layer has fewer than ``fewestOn`` units on.
  private static func angles(
    width: Int, depth: Int, from start: Double, _ isLinear: Bool, _ key: Key
  ) -> [Double]? {
    // Orthogonal, and of equal length.
    let (first, across) = ((0..<width).map { _ in 1.0 }, (0..<width).map { $0 % 2 == 0 ? 1.0 : -1 })
    var signals = [first, zip(first, across).map { cos(start) * $0 + sin(start) * $1 }]
    var angles = [start]
    for layer in 0..<depth {
      signals = GaussianLayer.plainLayer(
        of: signals, units: width, isLinear: isLinear, key: key[layer])
      guard signals[0].count(where: { $0 > 0 }) >= fewestOn else { return nil }
      angles.append(acos(min(GaussianLayer.correlation(signals[0], signals[1]), 1)))
    }
    return angles
  }
}
