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
    gradient grows as e^Θ(√l). At width n the energy spreads by about 2/n relative to itself, which adds (ln G)²/4n to the logarithm of the \
    gradient's mean G, and the input's own direction gets a part of 1/n less. A plain net with biases of variance 0.05 shrinks the gradient by the same factor at each layer, that of \
    `depth-scale`.
    """
  static let control =
    "skips that carry 0.9 of the input, and plain nets with 1.3 times the variance"
  static let topic = StudyTopic.signal
  static let cost = (quick: "3 s", full: "20 s")

  private static let width = 96
  /// Directions of the gradient for each net.
  private static let rows = 16
  private static let depths = [4, 16, 48]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let n = Double(Self.width)
    let count = effort.choose(quick: 64, full: 256)
    let skip = isControl ? 0.9 : 1
    let measured = try session.means("energies", draws: count, key) { key in
      Self.energies(skip: skip, key)
    }
    let law = Self.recursion(depth: 20_000)
    let energies = MeasuredLaw(
      "energy", at: Self.depths, law: { law.energy[Int($0)] },
      means: Self.depths.indices.map { measured[2 * $0] })
    let residual = MeasuredLaw(
      "residual", at: Self.depths, law: { law.logGradient[Int($0)] },
      means: Self.depths.indices.map { measured[2 * $0 + 1].logarithm })
    let excess = isControl ? 1.3 : 1
    let rate = TanhMeanField.rate(1)
    let plain = MeasuredLaw(
      "plain", at: Self.plainDepths, law: { -rate * $0 },
      means: try session.means("plain", draws: count, key["plain"]) { key in
        Self.plainGradients(variance: excess, key)
      }.map(\.logarithm))
    // Of the recursion itself, between two far depths.
    let (near, far) = (5000, 20_000)
    let slope =
      (law.logGradient[far] - law.logGradient[near])
      / (Double(far).squareRoot() - Double(near).squareRoot())
    let checks =
      MeasuredLaw.depthByDepth(
        energies.checks(neglecting: 1 / n) { "\($0) blocks: energy" },
        residual.checks(
          named: { "\($0) blocks: ln of the gradient's energy, input over output" },
          neglecting: { (law.logGradient[Int($0)] / 4 + 1) / n }))
      // A layer's factor spreads by the order of 1/n, and is e^-rate.
      + plain.checks(neglecting: 1 / (rate * n)) {
        "plain, \($0) layers: ln of the gradient's energy, input over output"
      } + [
        Check(
          "the law's own slope over √depth from \(near) to \(far) blocks",
          predicted: 8 / (3 * (2 * Double.pi).squareRoot()), exactly: slope,
          // Of the next order, the logarithm of the depth over its root.
          tolerance: Foundation.log(Double(near)) / (4 * Double(near).squareRoot()))
      ]
    let chart = Chart(
      title: "With skips, a tanh net's gradient changes more slowly than any exponential",
      subtitle: "width \(Self.width), \(count) draws, ±2 standard errors; dashed: the laws",
      x: Axis("blocks or layers"), y: Axis("ln of the gradient's energy, input over output"),
      series: residual.series(over: 1...64) + plain.series(over: [1, 24]))
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

  private static let plainDepths = [8, 16]

  /// The gradient's energy at the input of plain nets over that at their output.
  private static func plainGradients(variance: Double, _ key: Key) -> [Double] {
    plainDepths.map { depth in
      let network = Sequential(
        plainLayers(
          depth, width: width, .tanh,
          initializer: .varianceScaling(gain: variance.squareRoot(), .normal, fan: .input),
          bias: .normal(standardDeviation: TanhMeanField.biasVariance.squareRoot())))
      // With the energy that the first layer's values keep.
      return PassedEnergies(
        at: Parameters(of: network, key: key["\(depth)"]), width: width, rows: rows,
        inputEnergy: TanhMeanField.fixedEnergy(1) - TanhMeanField.biasVariance, key
      ) { network($0, $1) }.gradient
    }
  }

  /// For each depth the energy there, and the gradient's energy at the input over that at this depth.
  private static func energies(skip: Double, _ key: Key) -> [Double] {
    return depths.flatMap { depth -> [Double] in
      let branches = (0..<depth).map { _ in
        Sequential(
          Dense(width, width, initializer: .lecun(), bias: nil), Activation.tanh,
          Dense(width, width, initializer: .lecun(), bias: nil))
      }
      let parameters = Parameters<Float>(of: Sequential(branches), key: key["weights"])
      let passed = PassedEnergies(at: parameters, width: width, rows: rows, key) { x, pass in
        branches.reduce(x) { $0 * skip + $1($0, pass) }
      }
      return [passed.signal, passed.gradient]
    }
  }
}
