import Experiments
import Foundation
import Plots
import Plumbline

/// Whatever two inputs are, a deep plain ReLU net at initialization makes them parallel.
struct AngleCollapse: ClaimStudy {
  static let name = "angle-collapse"
  static let claim =
    "a plain ReLU net at initialization aligns all inputs, 1 - ρ ≈ 9π²/(2L²); a residual net with "
    + "η = 1/√L keeps orthogonal ones at ρ ≈ 0.25"
  static let source =
    "Cho and Saul 2009 for the map; Hayou et al. 2019 (arXiv:1902.06853) for its rate; the residual form derived here"
  static let derivation = """
    A deep plain ReLU net at initialization makes any two inputs parallel: each layer maps their correlation ρ to f(ρ) = (√(1 - \
    ρ²) + ρ (π - arccos ρ)) / π, so 1 - ρ falls as 9π²/(2L²): 1/θ grows by 1/3π + θ/6π² per \
    layer, which makes it 9π²/2 (1 - 3 ln(L)/L + O(1/L)) over L². A residual block with scale η maps ρ to (ρ + \
    η² f(ρ)) / (1 + η²): with η = 1/√L orthogonal inputs end at ρ = 0.253, at any depth.
    """
  static let control = "layers without their ReLU"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "2 s", full: "10 s")

  private static let width = 2000

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 112, full: 400)
    let isLinear = isControl
    let far = 10_000
    let law = (0..<far).reduce(into: [0.0]) { correlations, layer in
      correlations.append(ReLUKernel.correlation(correlations[layer]))
    }
    let plainDepths = [1, 2, 4, 8, 16, 32, 64]
    let plain = MeasuredLaw(
      "plain", at: plainDepths, law: { 1 - law[Int($0)] },
      means: try session.means("plain", draws: count, key["plain"]) { key in
        let angles = Self.plainDistances(depth: 64, isLinear, key)
        return plainDepths.map { angles[$0 - 1] }
      })
    let residual = try MeasuredLaw(
      "residual, η = 1/√L", at: [4, 16, 64], law: ReLUKernel.residualNet
    ) {
      depth in
      try session.mean("residual \(depth)", draws: count, key["residual"]) { key in
        Self.residualCorrelation(depth: depth, isLinear, key)
      }
    }
    let checks =
      plain.checks(
        named: { "plain, 1 - ρ after \($0) \($0 == 1 ? "layer" : "layers")" },
        neglecting: { $0 / Double(Self.width) })
      + residual.checks(neglecting: 4 / Double(Self.width)) { "residual, ρ after \($0) blocks" } + [
        Check(
          "the map's own L² (1 - ρ) at L = \(far)",
          predicted: 4.5 * Double.pi * .pi * (1 - 3 * Foundation.log(Double(far)) / Double(far)),
          exactly: pow(Double(far), 2) * (1 - law[far]), tolerance: 10 / Double(far))
      ]
    let chart = Chart(
      title: "Two orthogonal inputs align with depth",
      subtitle: "width \(Self.width), \(count) draws, ±2 standard errors; dashed: the maps",
      x: .doubling("depth L (layers or blocks)", plainDepths),
      y: Axis("1 - ρ", scale: .log10),
      series: plain.series + [
        .law(plainDepths) { 1 - ReLUKernel.residualNet(blocks: $0) },
        Series(
          residual.label,
          zip(residual.depths, residual.means).map { depth, correlation in
            let (distance, margin) = (1 - correlation.mean, 2 * correlation.standardError)
            return Series.Point(
              Double(depth), distance, lower: distance - margin, upper: distance + margin)
          }, style: .points),
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  private static let orthogonal = GaussianLayer.orthogonalSignals(2, units: width)

  private static func plainDistances(depth: Int, _ isLinear: Bool, _ key: Key) -> [Double] {
    var signals = orthogonal
    return (0..<depth).map { layer in
      signals = GaussianLayer.plainLayer(
        of: signals, units: width, isLinear: isLinear, key: key[layer])
      return 1 - GaussianLayer.correlation(signals[0], signals[1])
    }
  }

  private static func residualCorrelation(depth: Int, _ isLinear: Bool, _ key: Key) -> Double {
    let signals = GaussianLayer.residualNet(
      depth, of: orthogonal, scale: 1 / Double(depth).squareRoot(), isLinear: isLinear, key: key)
    return GaussianLayer.correlation(signals[0], signals[1])
  }
}
