import Experiments
import Foundation
import Plots
import Plumbline

/// The second thing that goes wrong with depth.
struct Fluctuations: ClaimStudy {
  static let name = "fluctuations"
  static let claim =
    "E M² / (E M)², by which the signal's energy M differs from draw to draw, grows by the factor 1 + 5/n with each plain layer of n units, "
    + "and is e^(4/n) in residual nets of any depth"
  static let source =
    "Hanin 2018 (arXiv:1801.03744); Hanin and Rolnick 2018 (arXiv:1803.01719); the factors for Gaussian weights "
    + "derived here"
  static let derivation = """
    The second thing that goes wrong with depth: He's weights preserve the mean of the signal's energy M = |a|²/n, but a draw of the \
    network is far from that mean. E M² / (E M)² is the product of 1 + 5/n over the layers of a plain net. In a residual net with \
    branches scaled by η = 1/√L it tends to e^(4/n), whatever the depth. The exact factor of a block h + ηV relu(W h) with Gaussian \
    weights follows from E |V relu(W h)|⁴ and E ⟨h, V relu(W h)⟩², both given |h|: (1 + 2η² + 4η²/n + η⁴ (1 + 5/n)(1 + 2/n)) / (1 + \
    η²)². What is checked is the relative variance, this ratio less 1: the ratio itself would hide the exponent.
    """
  static let control = "plain layers without their ReLU, and residual branches of twice the energy"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "3 s", full: "20 s")

  private static let width = 32
  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let n = Double(Self.width)
    let isLinear = isControl
    let gain = isControl ? 2.0 : 1
    func residualLaw(_ depth: Double) -> Double { EnergySpread.residual(blocks: depth, width: n) }
    let plainDepths = [2, 4, 6]
    let plain = MeasuredLaw(
      "plain", at: plainDepths, law: { pow(1 + 5 / n, $0) - 1 },
      means: try session.means(
        "plain", draws: effort.choose(quick: 60_000, full: 400_000), key["plain"]
      ) { key in
        let energies = Self.plainEnergies(depth: plainDepths[2], isLinear, key)
        return plainDepths.map { (energies[$0] - 1) * (energies[$0] - 1) }
      })
    let residual = try MeasuredLaw("residual, η = 1/√L", at: [10, 30, 90], law: residualLaw) {
      depth in
      try session.mean(
        "residual, \(depth) blocks", draws: effort.choose(quick: 8000, full: 30_000),
        key["residual"]
      ) { key in
        let energy = Self.residualEnergy(depth: depth, gain: gain, key)
        return pow(energy / pow(1 + gain / Double(depth), Double(depth)) - 1, 2)
      }
    }
    let checks =
      plain.checks { "plain, \($0) layers: variance of M / E M" }
      + residual.checks { "residual, \($0) blocks: variance of M / E M" }
    let chart = Chart(
      title: "A plain net's signal spreads more with each layer",
      subtitle: "width \(Self.width), ±2 standard errors; dashed: the exact law",
      x: Axis("depth (layers or blocks)", scale: .log10),
      y: Axis("variance of M / E M", scale: .log10),
      series: plain.series(over: 1...12) + residual.series(over: 1...90))
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// M at the input, which is 1, and after each layer. Units are exchangeable, so only M is carried on.
  static func plainEnergies(depth: Int, _ isLinear: Bool, _ key: Key) -> [Double] {
    (0..<depth).reduce(into: [1.0]) { energies, layer in
      let factor = GaussianLayer.energyFactor(
        units: width, variance: isLinear ? 1 : 2, key: key[layer]
      ) { isLinear ? $0 : max($0, 0) }
      energies.append(energies[layer] * factor)
    }
  }

  /// M after the last block.
  private static func residualEnergy(depth: Int, gain: Double, _ key: Key) -> Double {
    let scale = (gain / Double(depth)).squareRoot()
    let input = [[Double](repeating: 1, count: width)]
    let output = GaussianLayer.residualNet(depth, of: input, scale: scale, key: key)[0]
    return GaussianLayer.meanProduct(output, output)
  }
}
