import Experiments
import Foundation
import Plots
import Plumbline

/// How fast deep linear nets learn, which can be solved exactly.
struct DeepLinear: ClaimStudy {
  static let name = "deep-linear"
  static let claim =
    "deep linear nets learn a mode as du/dt = N u^(2-2/N)(s - u): from small weights after a wait that is exponential in "
    + "N, from the identity ever faster with depth"
  static let source =
    "Saxe et al. 2014 (arXiv:1312.6120); identity start: Bartlett et al. 2018 (arXiv:1802.06093)"
  static let derivation = """
    Learning in deep nets can be solved exactly for linear ones. With N layers of equal weights the product u of a mode of \
    strength s follows du/dt = N u^(2 - 2/N) (s - u), so layers of w < 1 wait for a time (w^-(N-2) - 1)/((N - 2) s), exponential in N once that is large, while a start \
    at the identity gets faster with depth. Weights drawn at random are the study random-start, and targets that the identity does not \
    reach negative-eigenvalue.
    """
  static let control = "one layer that starts at 1.1 times the others'"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "2 s", full: "8 s")

  private static let depths = [2, 4, 8, 16]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let resolution = effort.choose(quick: 400, full: 2000)
    var checks: [Check] = []
    var times: [String: [Double]] = [:]
    for (label, start) in [("from the identity", 1.0), ("from weights of 0.6", 0.6)] {
      let measured = try Self.depths.map { depth in
        try session.value("\(label) \(depth)") {
          Self.descent(
            layers: depth, from: start, firstFactor: isControl ? 1.1 : 1,
            share: 1 / Double(resolution))
        }
      }
      times[label] = measured
      checks += zip(Self.depths, measured).map { depth, time in
        Check(
          "\(label), \(depth) layers: time to 1.9 of 2",
          predicted: Self.time(layers: depth, from: start), exactly: time,
          // Of second order in what a step changes the product by.
          tolerance: 4 * pow(Double(depth) / Double(resolution), 2))
      }
    }
    let waits = times["from weights of 0.6"] ?? []
    checks.append(
      Check(
        "from weights of 0.6, 16 layers: the wait", predicted: (pow(0.6, -14) - 1) / (14 * 2),
        // The growth after the wait, which takes about as long as from the identity.
        exactly: waits.last ?? .nan, tolerance: 0.01))
    let chart = Chart(
      title: "Depth delays learning from small weights and speeds it up from the identity",
      subtitle:
        "time of gradient flow until a product of N weights has grown to 1.9 of 2; dashed: the law",
      x: .doubling("layers N", Self.depths), y: Axis("time", scale: .log10),
      series: [
        .law(Self.depths) { Self.time(layers: Int($0), from: 1) },
        Series(
          "from the identity", x: Self.depths.map(Double.init),
          y: times["from the identity"] ?? [], style: .points),
        .law(Array(2...16)) { Self.time(layers: Int($0), from: 0.6) },
        Series("from weights of 0.6", x: Self.depths.map(Double.init), y: waits, style: .points),
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The time that gradient flow takes from weights of `start` until their product is 1.9, for a target of 2: with equal layers
  /// dw/dt = w^(N-1) (2 - w^N), by Simpson's rule.
  static func time(layers: Int, from start: Double) -> Double {
    let (n, end) = (Double(layers), pow(1.9, 1 / Double(layers)))
    func inverse(_ w: Double) -> Double { 1 / (pow(w, n - 1) * (2 - pow(w, n))) }
    let count = 20_000
    let step = (end - start) / Double(count)
    return step / 3
      * (0...count).reduce(0) { sum, index in
        let factor = index == 0 || index == count ? 1.0 : index.isMultiple(of: 2) ? 2 : 4
        return sum + factor * inverse(start + Double(index) * step)
      }
  }

  /// The time until the product of the library's network of one unit a layer has grown to 1.9, by the midpoint rule with its gradient.
  ///
  /// - Parameter share: The most that a step changes a weight, or the rest that the product lacks, relative to itself.
  private static func descent(
    layers: Int, from start: Double, firstFactor: Double, share: Double
  ) -> Double {
    let network = Sequential(
      (0..<layers).map {
        Dense(1, 1, initializer: .constant($0 == 0 ? start * firstFactor : start), bias: nil)
      })
    var parameters = Parameters<Double>(of: network, key: Key(seed: 0))
    func slope(_ parameters: Parameters<Double>) -> (product: Double, slope: Tensor<Double>) {
      var product = 0.0
      let gradient = parameters.valueWithGradient { pass in
        let output = network(pass.constant([[1]]), pass)
        product = output.value.scalars[0]
        return (output - 2).squared().sum() * 0.5
      }.gradient
      return (product, gradient.vector * -1)
    }
    var time = 0.0
    for _ in 0..<1_000_000 {
      let (product, speed) = slope(parameters)
      let rates = (speed / parameters.vector).scalars
      let growth = product * rates.reduce(0, +)
      let step = share / max(rates.map(abs).max() ?? 0, growth / (2 - product))
      if product + growth * step >= 1.9 { return time + (1.9 - product) / growth }
      var middle = parameters
      middle.vector += speed * (step / 2)
      parameters.vector += slope(middle).slope * step
      time += step
    }
    return .infinity
  }
}
