import Experiments
import Foundation
import Plots
import Plumbline

/// Whether it matters which of width and depth grows first.
struct LimitsCommute: ClaimStudy {
  static let name = "limits-commute"
  static let claim =
    "in residual nets with η = 1/√L the kernel of two inputs has the same limit in whatever order width n and depth L grow, with "
    + "variances of 4/n and 1.66/n; in a plain net the variance of ln M grows as 5L/n"
  static let source =
    "Hayou and Yang 2023 (arXiv:2302.00453) for the limit; the variances derived here"
  static let derivation = """
    Does it matter whether width or depth grows first? A block h + ηV relu(W h) with η² = 1/L adds to the kernel K = ⟨h_i, \
    h_j⟩/n a drift η² G of the ReLUs' kernel and a fluctuation whose covariance is η² (K_ik G_jl + K_il G_jk + K_jk G_il + K_jl \
    G_ik)/n. Divided by (1 + η²)ᴸ, the correlation of orthogonal inputs tends to the solution of dρ/dt = f(ρ) - ρ, f the ReLUs' map, \
    at t = 1, and the deviations follow the linearized equation with that fluctuation: variances of order 1/n, without L. In a plain \
    net ln M is a sum of L independent terms ln(2χ²_K/n), K ~ Binomial(n, ½), whose variance is about 5/n: depth and width do not \
    commute, and only L/n counts.
    """
  static let control = "branches scaled by L^(-1/3), and plain layers without their ReLU"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "7 s", full: "30 s")

  /// Of which width times depth is the same.
  private var shapes: [(width: Int, depth: Int)] {
    effort == .quick ? [(32, 128), (64, 64), (128, 32)] : [(32, 512), (128, 128), (512, 32)]
  }

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 3200, full: 6000)
    let exponent = isControl ? -1.0 / 3 : -0.5
    let limit = Self.limit
    var checks: [Check] = []
    var variances: [[SampleMean]] = [[], [], []]
    for (width, depth) in shapes {
      let (n, square) = (Double(width), 1 / Double(depth))
      let name = "\(width) wide, \(depth) deep"
      let growth = pow(1 + square, Double(depth))
      let kernels = try session.sample(name, draws: count, key[name]) { key in
        Self.kernels(width: width, depth: depth, scale: pow(Double(depth), exponent), key)
          .map { $0 / growth }
      }
      let isLinear = isControl
      let plain = try session.sample("\(name), plain", draws: count, key[name]["plain"]) {
        GaussianLayer.logEnergy(layers: depth, units: width, key: $0) {
          isLinear ? $0 : max($0, 0)
        }
      }
      let energies = kernels.map { Array($0.prefix(Self.inputs)) }
      let products = kernels.map { Array($0.dropFirst(Self.inputs)) }
      let spreads = [
        SampleMean(squaredDeviationsInGroups: energies),
        SampleMean(squaredDeviationsInGroups: products), SampleMean(squaredDeviationsOf: plain),
      ]
      for (index, spread) in spreads.enumerated() { variances[index].append(spread) }
      checks += [
        Check("\(name): mean of K₁₁", law: 1, measured: SampleMean(ofGroups: energies)),
        Check(
          "\(name): mean of K₁₂", law: ReLUKernel.residualNet(blocks: Double(depth)),
          measured: SampleMean(ofGroups: products), neglecting: 1 / n),
        Check(
          "\(name): variance of K₁₁",
          law: EnergySpread.residual(blocks: Double(depth), width: n), measured: spreads[0]),
        Check(
          "\(name): variance of K₁₂", law: limit.variance / n, measured: spreads[1],
          neglecting: square + 1 / n),
        Check(
          "\(name): plain, variance of ln M",
          law: Double(depth) * ActiveUnits.logarithmOfEnergy(width).variance, measured: spreads[2]),
      ]
    }
    checks.append(
      Check(
        "the limit's own correlation at t = 1, against that of 512 blocks",
        predicted: limit.correlation,
        exactly: (0..<512).reduce(0.0) { rho, _ in (512 * rho + ReLUKernel.correlation(rho)) / 513
        },
        tolerance: 2.0 / 512))
    let x = shapes.map { Double($0.depth) / Double($0.width) }
    func scaled(_ label: String, _ means: [SampleMean]) -> Series {
      .measured(label, x, zip(shapes, means).map { $1.scaled(by: Double($0.width)) })
    }
    let size = shapes[0].width * shapes[0].depth
    let chart = Chart(
      title: "With η = 1/√L the fluctuation depends on the width only",
      subtitle:
        "nL = \(size), \(count) draws, ±2 standard errors; dashed: the laws",
      x: Axis("L / n", scale: .log2, ticks: x), y: Axis("n times the variance", scale: .log10),
      series: [
        .law(x) { _ in 4 }, scaled("residual, K₁₁", variances[0]),
        .law(x) { _ in limit.variance }, scaled("residual, K₁₂", variances[1]),
        .law(x) {
          Double(size)
            * ActiveUnits.logarithmOfEnergy(Int((Double(size) / $0).squareRoot())).variance
        },
        scaled("plain, ln M", variances[2]),
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The correlation of orthogonal inputs in the limit, and n times the variance of their kernel: Euler's method for the mean, and
  /// for the covariances of (K₁₁, K₁₂, K₂₂) around it.
  static let limit: (correlation: Double, variance: Double) = {
    let steps = 20_000
    let step = 1 / Double(steps)
    // The covariances of K₁₁ with itself, with K₂₂ and with K₁₂, and of K₁₂ with itself, all times n.
    var (rho, own, other, mixed, variance) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for _ in 0..<steps {
      let relu = ReLUKernel.correlation(rho)
      let slope = (.pi - acos(rho)) / .pi
      // The derivative of G₁₂ by K₁₁, and by K₁₂ less the part that the division by the growth removes.
      let (byEnergy, byProduct) = ((relu - rho * slope) / 2, slope - 1)
      let mixedRate = byEnergy * (own + other) + byProduct * mixed + 2 * (relu + rho)
      let varianceRate = 4 * byEnergy * mixed + 2 * byProduct * variance + 2 + 2 * rho * relu
      own += 4 * step
      other += 4 * step * rho * relu
      mixed += step * mixedRate
      variance += step * varianceRate
      rho += step * (relu - rho)
    }
    return (rho, variance)
  }()

  /// How many inputs share a net: the more, the less it spreads what each of them and each pair measures.
  private static let inputs = 4

  /// The K_ii and then the K_ij, i < j, after the last block, of orthogonal inputs with K_ii = 1.
  private static func kernels(width: Int, depth: Int, scale: Double, _ key: Key) -> [Double] {
    let signals = GaussianLayer.residualNet(
      depth,
      of: GaussianLayer.orthogonalSignals(
        inputs, units: width, value: Double(inputs).squareRoot()), scale: scale, key: key)
    let pairs = (0..<inputs).flatMap { first in (first + 1..<inputs).map { (first, $0) } }
    return ((0..<inputs).map { ($0, $0) } + pairs).map { first, second in
      GaussianLayer.meanProduct(signals[first], signals[second])
    }
  }
}
