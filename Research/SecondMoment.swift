import Experiments
import Foundation
import Plots
import Plumbline

/// How the second moment of the signal, M = |a|²/n, changes from layer to layer at initialization.
struct SecondMoment: ClaimStudy {
  static let name = "second-moment"
  static let claim =
    "a plain layer multiplies the signal's second moment by a constant, a residual block by 1 + η²"
  static let source =
    "He et al. 2015 (arXiv:1502.01852); Hanin and Rolnick 2018 (arXiv:1803.01719); residual form: "
    + "Hayou et al. 2021 (arXiv:2010.12859)"
  static let derivation = """
    How the signal's second moment, M = |a|²/n, changes from layer to layer at initialization. A plain net multiplies it by a \
    constant g per layer, a residual net by 1 + η² per block, exactly and at any width, in expectation over the weights.
    """
  static let control = "weights of 1.2 times their variance"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "6 s", full: "10 s")

  /// A kind of layer and its predicted factor.
  private struct Plain: Sendable {
    let label: String
    let initializer: Initializer
    let activation: Activation
    let factor: Double
  }

  private static let blocks = 10

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    // The law holds at any width; a narrow net spreads more from draw to draw but costs so much less that the
    // mean is sharper for the same time.
    let width = 32
    let count = effort.choose(quick: 3000, full: 12_000)
    // Of the weights, on top of their initializer's.
    let gain = isControl ? 1.2.squareRoot() : 1
    // The default of PyTorch's Linear is uniform between ±1/√n, so its variance is 1/(3n).
    let torch = Initializer.varianceScaling(gain: 1 / 3.0.squareRoot(), .uniform)
    let plain = [
      Plain(label: "He, ReLU", initializer: .he(), activation: .relu, factor: 1),
      Plain(label: "Glorot, ReLU", initializer: .glorot(), activation: .relu, factor: 1.0 / 2),
      Plain(
        label: "PyTorch default, linear", initializer: torch, activation: .linear, factor: 1.0 / 3),
      Plain(label: "PyTorch default, ReLU", initializer: torch, activation: .relu, factor: 1.0 / 6),
      Plain(
        label: "N(0, 0.01²), ReLU", initializer: .normal(standardDeviation: 0.01),
        activation: .relu,
        factor: Double(width) * 1e-4 / 2),
    ]
    var checks = try plain.map { kind in
      let moment = try session.mean(kind.label, draws: count, key) { key in
        let layer = Sequential(
          Dense(width, width, initializer: kind.initializer, bias: nil), kind.activation)
        return Self.secondMoment(of: layer, width: width, gain: gain, key: key)
      }
      return Check(
        "\(kind.label): factor of a layer", law: kind.factor, measured: moment)
    }

    let blocks = Self.blocks
    let scales = [("η = 1", 1), ("η = 1/√\(blocks)", 1 / Double(blocks).squareRoot())]
    let depths = (1...blocks).map(Double.init)
    var series: [Series] = []
    for (label, scale) in scales {
      let growth = try session.means("residual, \(label)", draws: count, key["residual"]) { key in
        Self.residualMoments(scale: scale, width: width, gain: gain, key: key)
      }
      func law(_ blocks: Double) -> Double { pow(1 + scale * scale, blocks) }
      checks.append(
        Check(
          "residual, \(label): growth over \(blocks) blocks", law: law(Double(blocks)),
          measured: growth[blocks - 1]))
      series += [.law(depths, law), .measured("residual, \(label)", depths, growth)]
    }
    let chart = Chart(
      title: "The signal grows as (1 + η²)^blocks",
      subtitle:
        "second moment after each block, width \(width), \(count) draws, ±2 standard errors",
      x: Axis("residual blocks"), y: Axis("second moment, relative to the input", scale: .log10),
      series: series)
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The second moment after one layer, for one draw of the weights.
  private static func secondMoment(
    of layer: some Layer, width: Int, gain: Double, key: Key
  ) -> Double {
    let pass = Parameters<Float>(of: layer, key: key["weights"]).pass()
    return Double(layer(randomDirection(width, key["input"]) * gain, pass).squared().mean().scalar)
  }

  /// The second moment after each block h + η V relu(W h), for one draw of the weights: the same for every η.
  private static func residualMoments(
    scale: Double, width: Int, gain: Double, key: Key
  ) -> [Double] {
    let branches = (0..<blocks).map { _ in residualBranch(width: width) }
    let pass = Parameters<Float>(of: Sequential(branches), key: key["weights"]).pass()
    var signal: Tensor<Float> = randomDirection(width, key["input"])
    return branches.map { branch in
      signal += branch(signal, pass) * (gain * scale)
      return Double(signal.squared().mean().scalar)
    }
  }
}
