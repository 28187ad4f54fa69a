import Experiments
import Foundation
import Plots
import Plumbline

/// The fairest rival to skips: a plain net whose activation approaches the identity with depth.
struct ShapedPlain: ClaimStudy {
  static let name = "shaped-plain"
  static let claim =
    "a plain net with slopes 1 ± 1/√(2L) keeps inputs apart like a residual net, ρ → 0.253, but the variance of its log energy is "
    + "about 2L/n, the residual net's 4/n"
  static let source =
    "Li et al. 2022 (arXiv:2206.02768), Li and Nica 2023 (arXiv:2310.12079); the constants derived here"
  static let derivation = """
    The fairest rival to skips: a plain net whose activation approaches the identity with depth. With slopes 1 ± 1/√(2L) its \
    correlation of two inputs follows the same equation as that of a residual net with η = 1/√L, and orthogonal inputs end at ρ = 0.253. \
    It falls behind in the fluctuation: the logarithm of its energy has variance (2L + 6)/n up to 1/n², a residual net's 4/n.
    """
  static let control = "slopes of 1 and 0"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "2 s", full: "15 s")

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let isRelu = isControl
    let wide = 4000
    let count = effort.choose(quick: 144, full: 400)
    func law(_ depth: Double) -> Double {
      let shift = 1 / (2 * depth).squareRoot()
      // f for slopes 1 ± s: the linear part 1 and s |z|, whose correlation is ReLU's without its linear part.
      return (0..<Int(depth)).reduce(0) { rho, _ in
        let absolute = 2 * ((1 - rho * rho).squareRoot() + rho * asin(rho)) / .pi
        return (rho + shift * shift * absolute) / (1 + shift * shift)
      }
    }
    let correlations = try MeasuredLaw("slopes 1 ± 1/√(2L)", at: [8, 16, 64], law: law) { depth in
      try session.mean("correlation \(depth)", draws: count, key["pair"]) { key in
        Self.correlation(depth: depth, width: wide, isRelu, key)
      }
    }
    let narrow = (width: 64, depth: 64)
    let energies = try session.sample(
      "energies", draws: effort.choose(quick: 3000, full: 12_000), key["energy"]
    ) { Self.logEnergy(depth: narrow.depth, width: narrow.width, isRelu, $0) }
    let variance = SampleMean(squaredDeviationsOf: energies)
    // Of a mean over n units of v², L times: E v⁴ / (E v²)² = 3 (1 + 6s² + s⁴) / (1 + s²)² for slopes 1 ± s.
    let shift = 1 / (2 * Double(narrow.depth))
    let fourth = 3 * (1 + 6 * shift + shift * shift) / ((1 + shift) * (1 + shift))
    let n = Double(narrow.width)
    let spread = Double(narrow.depth) * (fourth - 1) / n * (1 + 1 / n)
    let checks =
      correlations.checks(
        named: { "\($0) layers: ρ of orthogonal inputs" }, neglecting: { $0 / Double(wide) }) + [
        Check(
          "width 64, 64 layers: variance of ln M", law: spread, measured: variance,
          neglecting: 2 / Double(narrow.width))
      ]

    let chart = Chart(
      title: "A shaped plain net keeps inputs apart at any depth",
      subtitle: "width \(wide), \(count) draws, ±2 standard errors; dashed: the recursion",
      x: .doubling("layers L", correlations.depths),
      y: Axis("correlation of orthogonal inputs", range: 0...1),
      series: correlations.series)
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  private static func slopes(_ depth: Int, _ isRelu: Bool) -> (above: Double, below: Double) {
    let shift = 1 / (2 * Double(depth)).squareRoot()
    return isRelu ? (1, 0) : (1 + shift, 1 - shift)
  }

  private static func correlation(
    depth: Int, width: Int, _ isRelu: Bool, _ key: Key
  ) -> Double {
    let (above, below) = slopes(depth, isRelu)
    let variance = 2 / (above * above + below * below)
    var signals = GaussianLayer.orthogonalSignals(2, units: width)
    for layer in 0..<depth {
      signals = GaussianLayer.values(of: signals, units: width, variance: variance, key: key[layer])
        .map { $0.map { $0 > 0 ? above * $0 : below * $0 } }
    }
    return GaussianLayer.correlation(signals[0], signals[1])
  }

  /// The logarithm of the energy after the last layer, for energy 1 at the input.
  private static func logEnergy(depth: Int, width: Int, _ isRelu: Bool, _ key: Key) -> Double {
    let (above, below) = slopes(depth, isRelu)
    let variance = 2 / (above * above + below * below)
    return GaussianLayer.logEnergy(layers: depth, units: width, variance: variance, key: key) {
      $0 > 0 ? above * $0 : below * $0
    }
  }
}
