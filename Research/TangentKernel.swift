import Experiments
import Foundation
import Plots
import Plumbline

/// How far one step of gradient descent moves a network's output.
struct TangentKernel: ClaimStudy {
  static let name = "tangent-kernel"
  static let claim =
    "the squared gradient norm of an output with respect to all parameters is n(1 + L/2) in a plain net and tends to 2.5e·n in a residual one, so "
    + "only the plain net's largest learning rate falls with depth"
  static let source =
    "Jacot et al. 2018 (arXiv:1806.07572) for the kernel; its diagonal in these nets derived here; learning rates over depth: "
    + "Yang et al. 2023 (arXiv:2310.02244)"
  static let derivation = """
    How far one step of gradient descent moves a network's output: |∂f/∂θ|² is the ratio of the change to the learning rate. \
    For He's weights, an input of n values of mean square 1 and one output it is n (1 + L/2) in a plain net of L hidden layers, so \
    that the largest rate falls with depth; in a residual net with η = 1/√L it tends to 2.5 e n.
    """
  static let control = "branches without their scale"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "8 s", full: "30 s")

  private static let width = 128

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 200, full: 1000)
    let depths = [2, 4, 8, 16]
    func plainLaw(_ depth: Double) -> Double { 1 + depth / 2 }
    func residualLaw(_ depth: Double) -> Double {
      pow(1 + 1 / depth, depth) + 1.5 * pow(1 + 1 / depth, depth - 1)
    }
    let plain = try depths.map { depth in
      try session.mean("plain \(depth)", draws: count, key["plain \(depth)"]) { key in
        Self.kernel(
          Sequential(
            (0..<depth).flatMap { _ -> [any Layer] in
              [Dense(Self.width, Self.width, bias: nil), Activation.relu]
            }), key)
      }
    }
    let residual = try depths.map { depth in
      let scale = isControl ? 1 : 1 / Double(depth).squareRoot()
      return try session.mean("residual \(depth)", draws: count / 2, key["residual \(depth)"]) {
        key in
        let blocks = (0..<depth).map { _ in
          Residual(
            residualBranch(width: Self.width), scale: scale)
        }
        return Self.kernel(Sequential(blocks), key)
      }
    }
    let checks =
      zip(depths, plain).map {
        Check("plain, \($0) layers", law: plainLaw(Double($0)), measured: $1)
      }
      + zip(depths, residual).map {
        Check("residual, \($0) blocks", law: residualLaw(Double($0)), measured: $1)
      }
    let x = depths.map(Double.init)
    let chart = Chart(
      title: "One step moves a deeper plain net further, but not a deeper residual net",
      subtitle: "width \(Self.width), \(count) draws, ±2 standard errors; dashed: the laws",
      x: Axis("depth L (layers or blocks)", scale: .log2, ticks: x), y: Axis("|∂f/∂θ|² / n"),
      series: [
        .law(x, plainLaw), .measured("plain", x, plain), .law(x, residualLaw),
        .measured("residual, η = 1/√L", x, residual),
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// |∂f/∂θ|² / n for one output after these layers.
  private static func kernel(_ layers: Sequential, _ key: Key) -> Double {
    let network = Sequential(layers, Dense(width, 1, initializer: .lecun(), bias: nil))
    let input = Tensor<Float>([1, width], nearestTo: key["input"].normal(width))
    let unit = input / sqrt(input.squared().mean())
    let gradient = Parameters<Float>(of: network, key: key["weights"]).valueWithGradient { pass in
      network(pass.constant(unit), pass).sum()
    }.gradient
    return Double(gradient.vector.squared().sum().scalar) / Double(width)
  }
}
