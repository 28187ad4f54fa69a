import Experiments
import Foundation
import Plots
import Plumbline

/// A gradient that is deliberately wrong, and by how much.
struct SurrogateGradient: ClaimStudy {
  static let name = "surrogate-gradient"
  static let claim =
    "blocks that shrink the stream by 1 - s in the forward pass only keep a pre-norm stream's energy bounded at any depth, and give a "
    + "gradient that is (1 - s)^-L times the true derivative after L of them"
  static let source =
    "Chen et al. 2025 (arXiv:2506.22049), gradient-preserving activation scaling; energies and ratio derived here"
  static let derivation = """
    With y = x + V relu(W N(x)), N the root-mean-square norm, a block outputs y - sg(s y), where sg stops the gradient: its value \
    is (1 - s) y, but the reverse pass lacks the factor. A branch adds energy 1, so M becomes (1 - s)² (M + 1), \
    which tends to (1 - s)²/(1 - (1 - s)²) instead of growing as 1 + L. Each block's reported Jacobian is 1/(1 - s) times the true one, \
    whatever the weights: along any direction the two differ by a factor of (1 - s)^-L, and central differences, which see only the values, \
    give the true one. A verifier must call such a gradient wrong unless told that it is intended.
    """
  static let control = "the factor differentiated like any other"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "3 s", full: "15 s")

  private static let width = 64
  /// s.
  private static let share = 0.1

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 64, full: 400)
    let depths = [4, 16, 64]
    let shares = [0, Self.share]
    let isDifferentiated = isControl
    let measured = try shares.map { share in
      try depths.map { depth in
        // The same nets are used for both.
        try session.means("s = \(share), \(depth)", draws: count, key["\(depth)"]) { key in
          Self.measure(share, depth, isDifferentiated: isDifferentiated, key)
        }
      }
    }
    let checks = zip(shares, measured).flatMap { share, means in
      zip(depths, means).flatMap { depth, means in
        [
          Check(
            "s = \(share), \(depth) blocks: energy of the stream", law: Self.energy(share, depth),
            measured: means[0]),
          // Exact except for the rounding of the values whose difference is taken.
          Check(
            "s = \(share), \(depth) blocks: reported over true derivative",
            predicted: pow(1 - share, -Double(depth)), measured: means[1], tolerance: 1e-5),
        ]
      }
    }
    let x = depths.map(Double.init)
    func chart(_ title: String, _ label: String, part: Int, _ law: (Double, Int) -> Double) -> Chart
    {
      Chart(
        title: title, x: .doubling("blocks", depths), y: Axis(label, scale: .log10),
        series: zip(shares, measured).flatMap { share, means in
          [
            .law((4...64).map(Double.init)) { law(share, Int($0)) },
            .measured(share == 0 ? "pre-norm" : "shrunk by \(share)", x, means.map { $0[part] }),
          ]
        })
    }
    let figure = Self.figure(
      [
        chart("Forward", "energy of the stream", part: 0, Self.energy),
        chart("Backward", "reported over true derivative", part: 1) { pow(1 - $0, -Double($1)) },
      ], title: "Activations scaled behind the gradient's back",
      note:
        "Width \(Self.width), \(count) draws, ±2 standard errors; dashed: the laws.", width: 900)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  /// M after this many blocks, from 1.
  static func energy(_ share: Double, _ depth: Int) -> Double {
    (0..<depth).reduce(1) { energy, _ in (1 - share) * (1 - share) * (energy + 1) }
  }

  /// A pre-norm block whose output is shrunk.
  private struct Shrunk: Layer {
    let block: NormPosition.Block
    let share: Double, isDifferentiated: Bool

    func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
      let output = block(x, pass)
      return isDifferentiated ? output - output * share : output - (output * share).detached()
    }
  }

  /// The energy of the output, and the derivative of a random output along a random direction as reported, over that of the values.
  private static func measure(
    _ share: Double, _ depth: Int, isDifferentiated: Bool, _ key: Key
  ) -> [Double] {
    let network = Sequential(
      (1...depth).map {
        Shrunk(
          block: NormPosition.Block(.pre, index: $0, width: width, gain: 1), share: share,
          isDifferentiated: isDifferentiated)
      })
    let parameters = Parameters<Double>(of: network, key: key["weights"])
    let input: Tensor<Double> = randomDirection(width, key["input"])
    let along: Tensor<Double> = randomDirection(width, key["along"])
    let output: Tensor<Double> = randomDirection(width, key["output"])
    let (y, pullback) = vjp(at: input) { network($0, parameters.pass(on: $0.tape)) }
    let reported = (pullback(output) * along).sum().scalar
    let step = 1e-7
    func value(_ step: Double) -> Double {
      (network(input + along * step, parameters.pass()) * output).sum().scalar
    }
    return [y.squared().mean().scalar, reported * 2 * step / (value(step) - value(-step))]
  }
}
