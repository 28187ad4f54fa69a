import Experiments
import Plots
import Plumbline

/// How long a deep linear net of one unit a layer takes to learn from random weights.
struct RandomStart: ClaimStudy {
  static let name = "random-start"
  static let claim =
    "gradient descent on a product of N random weights needs ever more steps with depth: in the median more than 1.5 times those of two weights "
    + "with 8, and more than 3 times with 12"
  static let source = "Shamir 2018 (arXiv:1809.08587), who proves a time exponential in N"
  static let derivation = """
    A deep linear net of one unit a layer is the product of its N weights, and the gradient of ½(Πw - 1)² for one of them has the product of all others as a \
    factor. Weights from N(0, 1) have the mean logarithm E ln|w| = -0.635, so that a product of N - 1 of them is typically e^(-0.635 (N - 1)), \
    and half of all starts have the wrong sign: the net stands near a plateau, which gets flatter with every layer. Shamir proves times that are exponential \
    in N for such nets. Here the number of steps until ½(Πw - 1)² is below 0.005 is only measured, and compared with that of two \
    weights from the same draws: a few depths do not tell an exponential from a power.
    """
  static let control = "nets of 2 layers for all"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "1 s", full: "1 s")

  private static let depths = [2, 4, 8, 12]
  /// Where a net that does not learn is left.
  private static let mostSteps = 20_000

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let isControl = isControl
    // The draws of the study of exact solutions, which this belongs to.
    let key = DeepLinear(conditions: conditions).key["random"]
    let counts = try session.value("random starts") {
      draws(301) { draw in
        Self.depths.map { Self.steps(layers: isControl ? 2 : $0, key[$0][draw]) }
      }
    }
    let checks = [(2, 1.5), (3, 3)].map { index, bound in
      Check(
        "random weights: steps of \(Self.depths[index]) layers over those of 2", .above, bound,
        medianOf: counts.map { Double($0[index]) / Double($0[0]) })
    }
    let chart = Chart(
      title: "From random weights depth costs ever more steps",
      subtitle: "gradient descent at rate 0.01 on ½(Πw - 1)², w from N(0, 1); medians of 301 draws",
      x: .doubling("layers N", Self.depths), y: Axis("steps", scale: .log10),
      series: [
        .medians(
          "random weights", Self.depths.map(Double.init), over: counts.map { $0.map(Double.init) })
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The number of steps of gradient descent at rate 0.01 until ½(Πw - 1)² is below 0.005, from weights of N(0, 1); at most ``mostSteps``.
  private static func steps(layers: Int, _ key: Key) -> Int {
    var weights = key.normal(layers)
    for step in 0..<mostSteps {
      let rest = weights.reduce(1, *) - 1
      if abs(rest) < 0.1 { return max(step, 1) }
      let others = weights.indices.map { own in
        weights.indices.reduce(1.0) { $1 == own ? $0 : $0 * weights[$1] }
      }
      for index in weights.indices { weights[index] -= 0.01 * rest * others[index] }
    }
    return mostSteps
  }
}
