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
    that the largest stable step, 2 over it for one example, falls as 1/L; in a residual net with η = 1/√L it tends to 2.5 e n. That step is measured too: the \
    largest with which each of eight steps lowers ½(f - y)² from f - y = 0.05, found by halving. (Steps of up to four times as much survive where the loss may \
    rise for a while, since that lowers |∂f/∂θ|².) Jelassi et al. 2023 (arXiv:2305.07810) have L^(-3/2) for plain nets: \
    there the change of the hidden units in the mean over draws is bounded, in μP, while here it is the output's, in one net.
    """
  static let control = "plain weights of 1.3 times their variance, and branches without their scale"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "9 s", full: "50 s")

  private static let width = 128
  /// f - y at the start of the steps.
  private static let rest = 0.05

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 256, full: 1000)
    let depths = [2, 4, 8, 16]
    func plainLaw(_ depth: Double) -> Double { 1 + depth / 2 }
    let isControl = isControl
    let plainGain = isControl ? 1.3.squareRoot() : 1
    @Sendable func plainNet(_ depth: Int) -> Sequential {
      Sequential(
        plainLayers(depth, width: Self.width, initializer: .he().scaled(by: plainGain)))
    }
    @Sendable func residualNet(_ depth: Int) -> Sequential {
      let scale = isControl ? 1 : 1 / Double(depth).squareRoot()
      return Sequential(residualBlocks(depth, width: Self.width, scale: scale))
    }
    let plain = try MeasuredLaw("plain", at: depths, law: plainLaw) { depth in
      // The deeper, the more it spreads.
      try session.mean(
        "plain \(depth)", draws: count * max(1, depth / 4), key["plain \(depth)"]
      ) { Self.kernel(plainNet(depth), $0) }
    }
    let residual = try MeasuredLaw(
      "residual, η = 1/√L", at: depths, law: GradientEnergy.scaled.matrices
    ) { depth in
      try session.mean("residual \(depth)", draws: count / 2, key["residual \(depth)"]) {
        Self.kernel(residualNet(depth), $0)
      }
    }
    let ends = [depths[0], depths[depths.count - 1]]
    let steps = try [("plain", plainNet), ("residual", residualNet)].map { label, net in
      try session.value("largest steps, \(label)") { [key] in
        draws(61) { draw in
          ends.map { Self.largestStep(net($0), key["steps \(label)"][$0][draw]) }
        }
      }
    }
    let falls = steps.map { MedianInterval(of: $0.map { $0[0][0] / $0[1][0] }) }
    let checks =
      plain.checks { "plain, \($0) layers" } + residual.checks { "residual, \($0) blocks" }
      + zip(["plain", "residual"], steps).map { label, steps in
        // Found up to 3 %, and the gradient changes on the way by the order of f - y.
        Check(
          "\(label): largest stable step, of 2/|∂f/∂θ|²", law: 1,
          measured: SampleMean(of: steps.map { ($0[0][1] + $0[1][1]) / 2 }),
          neglecting: 0.03 + Self.rest)
      } + [
        Check(
          "plain: largest stable step at 2 layers over that at 16", .above, 2, median: falls[0]),
        Check(
          "residual: largest stable step at 2 blocks over that at 16", .below, 2.5, median: falls[1]
        ),
      ]

    let chart = Chart(
      title: "One step moves a deeper plain net further, but not a deeper residual net",
      subtitle: "width \(Self.width), \(count) draws, ±2 standard errors; dashed: the laws",
      x: .doubling("depth L (layers or blocks)", depths), y: Axis("|∂f/∂θ|² / n"),
      series: plain.series + residual.series)
    let largest = Chart(
      title: "The largest stable step falls with depth in plain nets only",
      subtitle: "gradient descent on one example, medians of 61 draws with their intervals",
      x: .doubling("depth L (layers or blocks)", ends),
      y: Axis("n times the learning rate", scale: .log10),
      series: zip(["plain", "residual, η = 1/√L"], steps).map { label, steps in
        .medians(label, ends.map(Double.init), over: steps.map { $0.map { $0[0] } })
      })
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart, largest], columns: 1))
  }

  /// |∂f/∂θ|² / n for one output after these layers.
  private static func kernel(_ layers: Sequential, _ key: Key) -> Double {
    let output = RandomOutput(of: layers, width: width, key)
    let gradient = output.valueWithGradient(at: output.start).gradient.vector
    return Double(gradient.squared().sum().scalar) / Double(width)
  }

  /// The largest step with which each of eight steps of gradient descent lowers ½(f - y)² from f - y = 0.05, up to 3 %: times n, and over 2/|∂f/∂θ|².
  private static func largestStep(_ layers: Sequential, _ key: Key) -> [Double] {
    let output = RandomOutput(of: layers, width: width, key)
    let (start, gradient) = output.valueWithGradient(at: output.start)
    let unit = 2 / Double(gradient.vector.squared().sum().scalar)
    func isStable(_ step: Double) -> Bool {
      var (parameters, last) = (output.start, Double.infinity)
      for _ in 0..<8 {
        let (value, gradient) = output.valueWithGradient(at: parameters)
        let rest = Double(value) - Double(start) + Self.rest
        guard abs(rest) < last else { return false }
        last = abs(rest)
        parameters.vector -= gradient.vector * (step * unit * rest)
      }
      return abs(Double(output.value(at: parameters)) - Double(start) + Self.rest) < last
    }
    let powers = bisection(-1...1, halvings: 6) { isStable(Foundation.exp2($0)) }
    let step = Foundation.exp2((powers.lowerBound + powers.upperBound) / 2)
    return [step * unit * Double(width), step]
  }
}
