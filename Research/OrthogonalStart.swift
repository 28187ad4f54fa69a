import Experiments
import Foundation
import Plots
import Plumbline

/// How deep linear nets learn from orthogonal weights, and from Gaussian ones.
struct OrthogonalStart: ClaimStudy {
  static let name = "orthogonal-start"
  static let claim =
    "from orthogonal weights the loss of a deep linear net falls by at least a quarter in each step at any depth; from Gaussian "
    + "weights a net deeper than wide stays where it is"
  static let source = "Hu, Xiao and Pennington 2020 (arXiv:2001.05992), Theorems 4.1 and 5.1"
  static let derivation = """
    A product of matrices with orthonormal columns or rows keeps every length, so each of the L layers adds |residual|²/d_y to the squared gradient, \
    whatever the depth: at the rate d_y/(2L) the loss after t steps is at most (1 - 1/4)^t of the first. A product of L Gaussian \
    matrices of width n keeps lengths only on average: ln|Πx|² has variance about 2L/n, nearly all draws are as good as 0, and the loss stays \
    between 0.4 and 0.6 of |Y|² for a number of steps that is exponential in a power of L. Widths: 16 and 4, for 4 inputs and d_y = 2 outputs.
    """
  static let control = "the two starts exchanged"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "3 s", full: "10 s")

  private static let depths = [4, 16, 64]
  private static let (inputs, outputs) = (4, 2)
  /// The steps that the bound is checked for.
  private static let checkedSteps = 20

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 21, full: 101)
    let steps = effort.choose(quick: 100, full: 300)
    let orthogonal = Initializer.orthogonal()
    let gaussian = Initializer.lecun()
    let exchanged = isControl
    func losses(
      _ name: String, layers: Int, width: Int, isOrthogonal: Bool, steps: Int
    ) throws -> [[Double]] {
      let initializer = isOrthogonal != exchanged ? orthogonal : gaussian
      return try session.sample(
        "\(name), \(layers) layers of \(width)", draws: count, key[name][layers]
      ) { Self.losses(layers: layers, width: width, initializer, steps: steps, $0) }
    }
    let kept = try Self.depths.map {
      try losses("orthogonal", layers: $0, width: 16, isOrthogonal: true, steps: steps)
    }
    let narrow = try losses("Gaussian", layers: 64, width: 4, isOrthogonal: false, steps: steps)
    var checks = zip(Self.depths, kept).map { depth, draws in
      Check(
        "orthogonal, \(depth) layers: largest loss over its bound, steps 1 to \(Self.checkedSteps)",
        .below, 1,
        exactly: draws.flatMap { losses in
          (1...Self.checkedSteps).map { losses[$0] / (losses[0] * pow(0.75, Double($0))) }
        }.max() ?? .nan)
    }
    let last = MedianInterval(of: narrow.map { $0[steps] })
    checks += [
      Check(
        "Gaussian, 64 layers of 4: loss over |Y|² after \(steps) steps", .above, 0.4, median: last),
      Check(
        "Gaussian, 64 layers of 4: loss over |Y|² after \(steps) steps", .below, 0.6, median: last),
    ]
    let shown = Array(0...min(steps, 40))
    func series(_ label: String, _ draws: [[Double]]) -> Series {
      // Below the one there is only rounding, and above the other only divergence.
      .medians(
        label, shown.map(Double.init), over: draws.map { $0.map { min(max($0, 1e-12), 1e3) } })
    }
    let first = MedianInterval(of: kept[0].map { $0[0] }).median
    let chart = Chart(
      title: "Orthogonal weights make the speed of linear nets independent of depth",
      subtitle: "gradient descent at rate d_y/(2L), medians of \(count) draws; dashed: the bound",
      x: Axis("steps"), y: Axis("loss over |Y|²", scale: .log10),
      series: zip(Self.depths, kept).map { series("orthogonal, \($0) layers", $1) }
        + [
          series("Gaussian, 64 layers of 4", narrow),
          .law(shown.map(Double.init)) { first * pow(0.75, $0) },
        ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The losses of gradient descent, ½|√(n/d_y) W_L … W_1 - Y|² for a random Y of norm 1: one before each step, and one after the last.
  private static func losses(
    layers: Int, width: Int, _ initializer: Initializer, steps: Int, _ key: Key
  ) -> [Double] {
    // In weights of variance 1/n, in which a rate is 1/n of that of weights of variance 1.
    let rate = Double(outputs) / (2 * Double(layers) * Double(width))
    let factor = (Double(width) / Double(outputs)).squareRoot()
    let widths = [inputs] + Array(repeating: width, count: layers - 1) + [outputs]
    let network = Sequential(
      zip(widths, widths.dropFirst()).map { Dense($0, $1, initializer: initializer, bias: nil) })
    let direction: Tensor<Double> = key["target"].normalTensor([inputs, outputs])
    let target = direction / direction.squared().sum().scalar.squareRoot()
    var parameters = Parameters<Double>(of: network, key: key["weights"])
    return (0...steps).map { _ in
      let (value, gradient) = parameters.valueWithGradient { pass in
        (network(pass.constant(.identity(inputs)), pass) * factor - pass.constant(target))
          .squared().sum() * 0.5
      }
      parameters.vector -= gradient.vector * rate
      // A start that is too large for the rate diverges.
      return value.isFinite ? value : .greatestFiniteMagnitude
    }
  }
}
