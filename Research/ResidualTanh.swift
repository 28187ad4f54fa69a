import Experiments
import Foundation
import Plots
import Plumbline

/// The effect of a skip on tanh nets: a plain one forgets exponentially, a residual one x + V tanh(W x) polynomially.
struct ResidualTanh: ClaimStudy {
  static let name = "residual-tanh"
  static let claim =
    "a residual tanh net's energy grows in proportion to depth and its gradient as e^(c√depth), c = 8/(3√(2π)), instead of "
    + "exponentially"
  static let source = "Yang and Schoenholz 2017 (arXiv:1712.08969); the constant derived here"
  static let derivation = """
    What a skip does to tanh nets: a plain net forgets exponentially, a residual one with blocks x + V tanh(W x) polynomially. Its energy q \
    grows by E tanh²(√q z), about 1 per block, and the gradient's by the factor 1 + E sech⁴(√q z), whose excess falls as 1/√l: the \
    gradient grows as e^Θ(√l).
    """
  static let control = "skips that carry 0.9 of the input"
  static let topic = StudyTopic.signal
  static let cost = (quick: "6 s", full: "20 s")

  private static let width = 192
  private static let depths = [4, 16, 48]
  private static let tolerance = 0.05

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 12, full: 64)
    let skip = isControl ? 0.9 : 1
    let measured = try session.means("energies", draws: count, key) { key in
      Self.energies(skip: skip, key)
    }
    let law = Self.recursion(depth: 20_000)
    var checks: [Check] = []
    for (index, depth) in Self.depths.enumerated() {
      checks += [
        Check(
          "\(depth) blocks: energy", predicted: law.energy[depth], measured: measured[2 * index],
          tolerance: Self.tolerance),
        Check(
          "\(depth) blocks: ln of the gradient's energy, input over output",
          predicted: law.logGradient[depth], measured: measured[2 * index + 1],
          tolerance: Self.tolerance),
      ]
    }
    // From the recursion itself, between two large depths.
    let (near, far) = (5000, 20_000)
    let slope =
      (law.logGradient[far] - law.logGradient[near])
      / (Double(far).squareRoot() - Double(near).squareRoot())
    checks.append(
      Check(
        "the law's own slope over √depth from \(near) to \(far) blocks",
        predicted: 8 / (3 * (2 * Double.pi).squareRoot()), measured: slope, standardError: 0,
        tolerance: 0.03))
    let x = (1...64).map(Double.init)
    let points = Self.depths.map(Double.init)
    let chart = Chart(
      title: "With skips, a tanh net's gradient grows more slowly than any exponential",
      subtitle: "width \(Self.width), \(count) draws, ±2 standard errors; dashed: the recursion",
      x: Axis("blocks"), y: Axis("ln of the gradient's energy, input over output"),
      series: [
        .law(x) { law.logGradient[Int($0)] },
        .measured("residual tanh", points, Self.depths.indices.map { measured[2 * $0 + 1] }),
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The mean-field recursion from energy 1: the energy after this many blocks, and the logarithm of the growth of the gradient's
  /// energy.
  private static func recursion(depth: Int) -> (energy: [Double], logGradient: [Double]) {
    var (energy, logGradient) = ([1.0], [0.0])
    for block in 0..<depth {
      let q = energy[block]
      // Means over √q z, by the rectangle rule in t = √q z, in which sech² has width 1 at every q.
      let step = min(0.1, q.squareRoot() / 20)
      let reach = min(20, 10 * q.squareRoot())
      var (squared, fourth, weight) = (0.0, 0.0, 0.0)
      for t in stride(from: -reach, through: reach, by: step) {
        let density = exp(-t * t / (2 * q)) * step / (2 * Double.pi * q).squareRoot()
        let sech = 1 / cosh(t)
        squared += density * sech * sech
        fourth += density * sech * sech * sech * sech
        weight += density
      }
      // Beyond the reach sech is 0, and tanh² is 1.
      energy.append(q + 1 - squared)
      logGradient.append(logGradient[block] + log1p(fourth))
    }
    return (energy, logGradient)
  }

  /// For each depth, the energy there and the logarithm of the gradient's energy at the input over that at this depth.
  private static func energies(skip: Double, _ key: Key) -> [Double] {
    let input = Tensor<Float>([1, width], nearestTo: key["input"].normal(width))
    let unit = input / sqrt(input.squared().mean())
    let weights = Tensor<Float>([1, width], nearestTo: key["gradient"].normal(width))
    return depths.flatMap { depth -> [Double] in
      let branches = (0..<depth).map { _ in
        Sequential(
          Dense(width, width, initializer: .lecun(), bias: nil), Activation.tanh,
          Dense(width, width, initializer: .lecun(), bias: nil))
      }
      let parameters = Parameters<Float>(of: Sequential(branches), key: key["weights"])
      let tape = Tape<Float>()
      let pass = parameters.pass(on: tape)
      let x = tape.variable(unit)
      let y = branches.reduce(x) { $0 * skip + $1($0, pass) }
      let gradient = tape.gradients(of: y, seed: weights)[x]
      let growth = gradient.squared().sum().scalar / weights.squared().sum().scalar
      return [Double(y.value.squared().mean().scalar), Foundation.log(Double(growth))]
    }
  }
}
