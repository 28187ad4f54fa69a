import Experiments
import Foundation
import Plots
import Plumbline

/// How deep a signal reaches in a plain tanh net.
struct DepthScale: ClaimStudy {
  static let name = "depth-scale"
  static let claim =
    "in a plain tanh net two inputs become alike as e^(-l/ξ), with the ξ of mean-field theory, which diverges at a weight "
    + "variance of 1.76/n"
  static let source =
    "Poole et al. 2016 (arXiv:1606.05340); Schoenholz et al. 2017 (arXiv:1611.01232)"
  static let derivation = """
    How deep a signal reaches in a plain tanh net: with weights of variance σ²/n and biases of variance 0.05, the correlation \
    c of two inputs approaches its fixed point as e^(-l/ξ), and nets are trainable to a few ξ. For σ² below 1.76 the fixed point is 1, and 1/ξ = \
    -ln(σ² E tanh'²); at 1.76 ξ is infinite, and above it inputs stay apart: c tends to a fixed point below 1.
    """
  static let control = "nets whose weights have 1.3 times their variance"
  static let topic = StudyTopic.signal
  static let cost = (quick: "3 s", full: "6 s")

  private static let width = 2000
  /// The layers between which the rate is measured: the initial transient is over, and rounding does not matter yet.
  private static let window = 8...20

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 64, full: 128)
    let variances = [0.8, 1, 1.3]
    let excess = isControl ? 1.3 : 1
    let shown = Array(stride(from: 0, through: 24, by: 3))
    var checks: [Check] = []
    var series: [Series] = []
    for variance in variances {
      let distances = try session.sample("σ² = \(variance)", draws: count, key["\(variance)"]) {
        Self.logDistances(variance: variance * excess, $0)
      }
      let (first, last) = (Self.window.lowerBound, Self.window.upperBound)
      let law = TanhMeanField.logDistances(variance: variance)
      checks.append(
        Check(
          "σ² = \(variance): decay of ln(1 - c) over a layer",
          law: (law[last] - law[first]) / Double(last - first),
          measured: SampleMean(of: distances.map { ($0[last] - $0[first]) / Double(last - first) }),
          neglecting: 20 / Double(Self.width)))
      checks.append(
        Check(
          "σ² = \(variance): the recursion's own rate against 1/ξ",
          predicted: TanhMeanField.rate(variance),
          exactly: law[59] - law[60], tolerance: 0.02))
      series += [
        .law(Array(0...24)) { exp(law[Int($0)]) },
        .measured(
          "σ² = \(variance), ξ = \(Self.text(1 / TanhMeanField.rate(variance)))",
          shown.map(Double.init),
          shown.map { layer in SampleMean(of: distances.map { exp($0[layer]) }) }),
      ]
    }
    // Above 1.76 inputs do not become alike.
    let chaotic = 2.5
    let chaos = try session.sample("σ² = \(chaotic)", draws: count, key["\(chaotic)"]) {
      Self.logDistances(variance: chaotic * excess, $0)
    }
    let chaosLaw = TanhMeanField.logDistances(variance: chaotic)
    for layer in [8, 24] {
      checks.append(
        Check(
          "σ² = \(chaotic), \(layer) layers: ln(1 - c)", law: chaosLaw[layer],
          measured: SampleMean(of: chaos.map { $0[layer] }), neglecting: 20 / Double(Self.width)))
    }
    series += [
      .law(Array(0...24)) { exp(chaosLaw[Int($0)]) },
      .measured(
        "σ² = \(chaotic)", shown.map(Double.init),
        shown.map { layer in SampleMean(of: chaos.map { exp($0[layer]) }) }),
    ]
    // Where σ² E tanh'² = 1.
    let critical = bisection(1...3, halvings: 50) { TanhMeanField.rate($0) > 0 }
    checks.append(
      Check(
        "the variance at which ξ is infinite by the theory, published as 1.76", predicted: 1.76,
        // Of the published digits.
        exactly: critical.lowerBound, tolerance: 0.005 / 1.76))
    let chart = Chart(
      title: "Two inputs become alike at a rate set by the weights' variance",
      subtitle:
        "tanh, width \(Self.width), \(count) draws, ±2 standard errors; dashed: mean-field recursion",
      x: Axis("layers"), y: Axis("1 - c", scale: .log10), series: series)
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  private static func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

  /// ln(1 - c) after each layer of one net.
  private static func logDistances(variance: Double, _ key: Key) -> [Double] {
    let energy = TanhMeanField.fixedEnergy(variance)
    func values(_ signals: [[Double]], _ layer: Int) -> [[Double]] {
      let bias = key["bias"][layer].normal(width).map {
        $0 * TanhMeanField.biasVariance.squareRoot()
      }
      return GaussianLayer.values(of: signals, units: width, variance: variance, key: key[layer])
        .map { zip($0, bias).map { $0 + $1 } }
    }
    let (first, second) = (key["first"].normal(width), key["second"].normal(width))
    var pre = [first.map { $0 * energy.squareRoot() }]
    pre.append(zip(first, second).map { (0.6 * $0 + 0.8 * $1) * energy.squareRoot() })
    return (0...24).map { layer in
      if layer > 0 { pre = values(pre.map { $0.map(Foundation.tanh) }, layer) }
      return Foundation.log(max(1 - GaussianLayer.correlation(pre[0], pre[1]), 1e-300))
    }
  }
}
