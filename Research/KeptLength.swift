import Experiments
import Foundation
import Plots
import Plumbline

/// What a random ReLU net does to the length of a curve in its input space.
struct KeptLength: ClaimStudy {
  static let name = "kept-length"
  static let claim =
    "each layer of a random ReLU net shortens curves by the mean of √(2χ²_K/n), about e^(-5L/8n) in all, and never "
    + "lengthens them in proportion to depth"
  static let source =
    "Hanin et al. 2021 (arXiv:2102.10492); the product for any width derived here; the contrast: Poole et al. 2016 "
    + "(arXiv:1606.05340)"
  static let derivation = """
    What a random ReLU net does to the length of a curve in its input space: He's weights preserve it, up to the fluctuation of a layer \
    of n units. A tangent's length is multiplied by √(2χ²_K/n), where K of n units are on, K ~ Binomial(n, ½): the product of \
    these means is about e^(-5L/8n), so depth alone lengthens no curve. The logarithm's mean is lower, about -5L/4n: a typical curve ends \
    shorter than the mean. A chaotic tanh net lengthens every curve.
    """
  static let control = "layers without their ReLU"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "3 s", full: "8 s")

  private static let nets = [
    (width: 64, depth: 64), (width: 32, depth: 32),
  ]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 4000, full: 16_000)
    let isLinear = isControl
    let depths = [8, 16, 32, 64]
    let curve = try session.means("width 64", draws: count, key["figure"]) { key in
      let lengths = Self.lengths(width: 64, depth: 64, key) {
        isLinear ? ($0, 1) : (max($0, 0), $0 > 0 ? 1 : 0)
      }
      return depths.map { lengths[$0 - 1] }
    }
    var checks = try Self.nets.map { width, depth in
      let name = "\(depth) layers of \(width)"
      let length = try session.mean(name, draws: count, key[name]) { key in
        Self.lengths(width: width, depth: depth, key) {
          isLinear ? ($0, 1) : (max($0, 0), $0 > 0 ? 1 : 0)
        }[depth - 1]
      }
      return Check(
        "\(name): length out over length in", law: pow(Self.factor(width), Double(depth)),
        measured: length)
    }
    // Deeper than wide, rare draws carry the mean of the length; that of its logarithm has a law too.
    let (narrow, deep) = (32, 96)
    let logarithm = try session.mean("logarithm", draws: count / 2, key["logarithm"]) { key in
      Foundation.log(
        Self.lengths(width: narrow, depth: deep, key) {
          isLinear ? ($0, 1) : (max($0, 0), $0 > 0 ? 1 : 0)
        }[deep - 1])
    }
    checks.append(
      Check(
        "\(deep) layers of \(narrow): ln of length out over length in",
        law: Double(deep) * ActiveUnits.logarithmOfEnergy(narrow).mean / 2, measured: logarithm))
    let chaotic = try session.sample("chaotic tanh", draws: 15, key["tanh"]) { key in
      Self.lengths(width: 64, depth: 16, variance: 4, key) {
        let value = Foundation.tanh($0)
        return (value, 1 - value * value)
      }[15]
    }
    checks.append(
      Check(
        "contrast, 16 layers of tanh with σ² = 4: length out over length in", .above, 2,
        medianOf: chaotic))

    let chart = Chart(
      title: "Depth does not lengthen curves",
      subtitle: "width 64, \(count) draws; dashed: the law",
      x: .doubling("layers", depths), y: Axis("length out / length in", range: 0...1.2),
      series: MeasuredLaw("ReLU", at: depths, law: { pow(Self.factor(64), $0) }, means: curve)
        .series)
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// E √(2χ²_K/n) for K ~ Binomial(n, ½).
  static func factor(_ width: Int) -> Double {
    (1...width).reduce(0) { sum, on in
      let k = Double(on)
      let meanChi: Double = Foundation.exp(lgamma((k + 1) / 2) - lgamma(k / 2)) * 2.0.squareRoot()
      return sum + ActiveUnits.share(on, of: width) * meanChi * (2 / Double(width)).squareRoot()
    }
  }

  /// The length of a tangent after each layer, in units of its length at the input.
  ///
  /// - Parameter function: The function's value and slope.
  private static func lengths(
    width: Int, depth: Int, variance: Double = 2, _ key: Key,
    _ function: (Double) -> (value: Double, slope: Double)
  ) -> [Double] {
    var (signal, tangent) = (key["input"].normal(width), key["tangent"].normal(width))
    func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let start = length(tangent)
    return (0..<depth).map { layer in
      let values = GaussianLayer.values(
        of: [signal, tangent], units: width, variance: variance, key: key[layer])
      let results = values[0].map(function)
      signal = results.map(\.value)
      tangent = zip(results, values[1]).map { $0.slope * $1 }
      return length(tangent) / start
    }
  }
}
