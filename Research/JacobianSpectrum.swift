import Experiments
import Foundation
import Plots
import Plumbline

/// All singular values of a network's Jacobian at initialization, where `jacobian-spread` has their variance.
struct JacobianSpectrum: ClaimStudy {
  static let name = "jacobian-spectrum"
  static let claim =
    "a wide linear net's squared singular values at initialization follow the Fuss-Catalan law, ever wider with depth, and a ReLU net's rank is the "
    + "smallest number of active units in any layer; a wide residual net with η = 1/√L has all within e^±3.05 at any depth, and at any width "
    + "the logarithm of its volume |det J| has mean -½ and variance 1"
  static let source =
    "Pennington et al. 2017 (arXiv:1711.04735) and Tarnowski et al. 2019 (arXiv:1809.08848) for wide nets; the residual net's curve, the "
    + "ranks and the volume derived here"
  static let derivation = """
    In wide nets z/(1+z) S(z) = 1/x gives the density of ln x, -Im z/π, with S = (1+z)^-L for L Gaussian layers, and e^(-2z-1) \
    for a product of many I + A/√L. The latter is solved by z = a + ib, a = -½ ± √(¼ - b² + b cot 2b): as many directions shrink as \
    grow, to factors of e^∓3.05. The first-order correction of a finite width n, 1/n, cancels in twice the shares at 32 minus those at 16. ReLU \
    is a fair coin flip for each unit, independent of the other inputs, so the rank is the minimum of L numbers K \
    ~ Bin(n, ½), Σ P(K ≥ r)^L on average. The blocks' determinants are independent, and ln |det (I + ηA)| = η tr A - η² tr A²/2 + ..., \
    summed over L of them, has mean -½ - (1 + 7/n + 10/n²)/4L and variance 1 + (½ + 27/4n + 9/n²)/L.
    """
  static let control =
    "weights of twice their variance, and units that are on more often than off"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "13 s", full: "20 s")

  let conditions: ClaimConditions

  enum Kind: Sendable { case linear, relu, residual }

  func result(in session: StudySession) throws -> CheckedClaim {
    var checks: [Check] = []
    var series: [Series] = []
    let gain = isControl ? 2.0.squareRoot() : 1
    let residualDepth = 64
    let parts = [0.1, 0.25, 0.5, 0.75, 0.9]
    let spectra: [(kind: Kind, depth: Int, law: SingularValueLaw)] =
      [2, 4, 8].map { (.linear, $0, .linear(depth: $0)) } + [(.residual, residualDepth, .residual)]
    for (kind, depth, law) in spectra {
      let label = kind == .linear ? "linear, \(depth) layers" : "residual, \(depth) blocks"
      let neglected = kind == .linear ? 0 : 1 / Double(depth)
      let bounds = parts.map(law.quantile)
      let draws =
        kind == .linear
        ? effort.choose(quick: 400, full: 3000) : effort.choose(quick: 320, full: 1200)
      let shares = try session.means(label, draws: draws, key[label]) { key in
        func shares(_ width: Int) -> [Double] {
          let logarithms = Self.logarithms(kind, width, depth, gain: gain, key["\(width)"])
          return bounds.map { bound in Double(logarithms.count { $0 < bound }) / Double(width) }
        }
        return zip(shares(16), shares(32)).map { 2 * $1 - $0 }
      }
      checks += zip(parts, shares).map { part, share in
        Check(
          "\(label): share below the \(part)-quantile", law: part, measured: share,
          neglecting: neglected + 1.0 / 256)
      }
      series += [
        Series("", x: law.logarithms, y: law.shares, style: .reference),
        .measured(label, bounds, shares),
      ]
    }
    let isControl = isControl
    func rankLaw(_ depth: Double) -> Double { Self.rank(width: 16, depth: Int(depth)) }
    let ranks = try MeasuredLaw("plain, ReLU", at: [1, 2, 4], law: rankLaw) { depth in
      try session.mean(
        "rank after \(depth)", draws: effort.choose(quick: 1500, full: 8000), key["rank"]
      ) {
        let logarithms = Self.logarithms(.relu, 16, depth, gain: 1, bias: isControl ? 0.5 : 0, $0)
        let bound = (logarithms.max() ?? 0) + log(1e-12)
        return Double(logarithms.count { $0 > bound })
      }
    }
    checks += ranks.checks { "ReLU, \($0) \($0 == 1 ? "layer" : "layers") of 16: rank" }
    for width in [4, 12] {
      let count = effort.choose(quick: 3200, full: 8000)
      let volumes = try session.sample("volume \(width)", draws: count, key["volume"]) {
        Self.logarithms(.residual, width, residualDepth, gain: gain, $0).reduce(0, +) / 2
      }
      let (n, depth) = (Double(width), Double(residualDepth))
      checks += [
        Check(
          "residual, \(width) units: mean of ln |det J|",
          law: -0.5 - (1 + 7 / n + 10 / n / n) / (4 * depth), measured: SampleMean(of: volumes)),
        Check(
          "residual, \(width) units: its variance",
          law: 1 + (0.5 + 6.75 / n + 9 / n / n) / depth,
          measured: SampleMean(squaredDeviationsOf: volumes)),
      ]
    }
    let spectrum = Chart(
      title: "Squared singular values",
      x: Axis("ln of the squared singular value", range: -16...4),
      y: Axis("share of the directions below", range: 0...1, format: .percent), series: series)
    let rank = Chart(
      title: "Rank of a ReLU net of 16 units", x: .doubling("layers", ranks.depths),
      y: Axis("rank of the Jacobian", range: 0...16), series: ranks.series)
    let figure = Self.figure(
      [spectrum, rank],
      title: "A residual net's singular values stay within fixed bounds, and none is lost",
      note:
        "Left: widths 16 and 32, extrapolated; dashed: the laws of wide nets. Right: dashed, E min K. ±2 standard errors.",
      width: 900)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  /// E min K over the layers, K ~ Bin(width, ½): the mean rank of a ReLU net's Jacobian.
  static func rank(width: Int, depth: Int) -> Double {
    var (probability, above) = (pow(0.5, Double(width)), 1.0)
    return (1...width).reduce(0) { sum, rank in
      above -= probability
      probability *= Double(width - rank + 1) / Double(rank)
      return sum + pow(max(above, 0), Double(depth))
    }
  }

  /// The logarithms of the squared singular values of one net's Jacobian at a random input; minus infinity for those that are 0.
  static func logarithms(
    _ kind: Kind, _ width: Int, _ depth: Int, gain: Double, bias: Double = 0, _ key: Key
  ) -> [Double] {
    func weights(_ name: String, _ layer: Int, _ variance: Double) -> Tensor<Double> {
      key[name][layer].normalTensor([width, width]) * (variance / Double(width)).squareRoot()
    }
    let scale = gain / Double(depth).squareRoot()
    var signal: Tensor<Double> = key["input"].normalTensor([1, width])
    var jacobian = Tensor<Double>.identity(width)
    for layer in 0..<depth {
      let weight = weights("weight", layer, kind == .linear ? gain * gain : 2)
      guard kind != .linear else {
        jacobian = matmul(jacobian, weight)
        continue
      }
      let hidden = matmul(signal, weight)
      let isActive = Tensor<Double>([1, width], hidden.scalars.map { $0 > -bias ? 1 : 0 })
      let inner = matmul(jacobian, weight * isActive)
      guard kind == .residual else {
        (jacobian, signal) = (inner, hidden * isActive)
        continue
      }
      let outer = weights("outer", layer, 1) * scale
      jacobian = jacobian + matmul(inner, outer)
      signal = signal + matmul(hidden * isActive, outer)
    }
    return eigenvalues(ofSymmetric: matmul(jacobian, jacobian.transposed())).map { log(max($0, 0)) }
  }
}
