import Experiments
import Foundation
import Plots
import Plumbline

/// The effect of a mean over all earlier outputs, instead of their sum, on signal and gradient at initialization.
struct AttentionOverDepth: ClaimStudy {
  static let name = "attention-residuals"
  static let claim =
    "at initialization attention over depth divides a stream's energy by L + 1 where a pre-norm residual net multiplies it, and "
    + "the gradient at output i of L has energy 1/((i + 1)(L + 1))"
  static let source =
    "attention residuals (arXiv:2603.15031) for the layer; the energies derived here"
  static let derivation = """
    With queries of 0, block l receives h_l, the plain mean of v_0, the input, and v_1 ... v_(l-1), the outputs of the earlier \
    blocks. Outputs of different blocks are uncorrelated, since each ends in a matrix of its own of mean 0, so that energies \
    add up: M(h_l) = (1/l²) Σ M(v_i). With blocks V relu(W N(h)), N the root-mean-square norm, M(v_i) = 1 and M(h_l) = 1/l: the output, \
    h_(L+1), has 1/(L + 1) in place of 1 + L. Without a norm M(v_l) = M(h_l), and the sum of the energies, which is multiplied by 1 + 1/l² \
    with each block, stays below sinh(π)/π = 3.676: M(h_(L+1)) is that product over (L + 1)². Going back, v_i gets Σ (1/l) ∂h_l over \
    the blocks after it, and block l multiplies the gradient's energy by 1/M(h_l) = l. So A_i = Σ A_l / l + 1/(L + 1)², the last term from the \
    output, and A_(i-1) = A_i (1 + 1/i): A_i = 1/((i + 1)(L + 1)). The input gets 1/(L + 1), the energy of the output over its own, as in \
    every net of this kind; the last block gets 1/(L + 1)², so that early blocks lead, by 1/(i + 1), at any depth.
    """
  static let control = "branches of twice the energy"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "9 s", full: "30 s")

  private static let width = 96
  private var depths: [Int] { effort == .quick ? [4, 8, 32] : [4, 16, 64] }
  /// Directions of the gradient for each net.
  private static let rows = 16

  /// The relative size of the terms that the gradient's law neglects at this width: norms of n values fluctuate and their Jacobian
  /// loses a direction, which changes the part l of each step by about 3/(n l).
  private static func neglected(from output: Int, to depth: Int) -> Double {
    (output..<depth).reduce(2 / Double(width)) { $0 + 3 / Double(width * ($1 + 1)) }
  }

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 144, full: 320)
    let gain = isControl ? 2.0.squareRoot() : 1
    let measured = try [true, false].map { hasNorm in
      try depths.map { depth in
        try session.means(
          "\(hasNorm ? "with" : "without") norms, \(depth)", draws: count, key["\(depth)"]
        ) { key in
          Self.energies(depth: depth, hasNorm: hasNorm, gain: gain, key)
        }
      }
    }
    let output = MeasuredLaw(
      "attention over depth, with norms", at: depths, law: { 1 / ($0 + 1) },
      means: measured[0].map { $0[0] })
    let gradients = zip(depths, measured[0]).map { depth, means in
      MeasuredLaw(
        "\(depth) blocks", at: Self.outputs(depth).map { $0 + 1 },
        law: { Self.gradientEnergy(Int($0) - 1, depth) }, means: Array(means[1...]))
    }
    let bare = MeasuredLaw(
      "without norms", at: depths, law: { Self.energy(Int($0)) }, means: measured[1].map { $0[0] })
    let neglected = 2 / Double(Self.width)
    let outputChecks = output.checks(neglecting: neglected) {
      "\($0) blocks with norms: energy of the output"
    }
    let gradientChecks = zip(depths, gradients).map { depth, gradient in
      gradient.checks(
        named: { "\(depth) blocks with norms: energy of the gradient at output \($0 - 1)" },
        neglecting: { Self.neglected(from: Int($0) - 1, to: depth) })
    }
    let checks =
      zip(outputChecks, gradientChecks).flatMap { [$0] + $1 }
      + bare.checks(neglecting: neglected) { "\($0) blocks without norms: energy of the output" }
    let shown = 2...(depths.last ?? 2)
    let line = shown.map(Double.init)
    let forward = Chart(
      title: "Forward", x: .doubling("blocks L", depths),
      y: Axis("energy of the output", scale: .log10),
      series: output.series(over: shown) + bare.series(over: shown) + [
        Series("pre-norm residual", x: line, y: line.map { $0 + 1 }, style: .line)
      ])
    let backward = Chart(
      title: "Backward", x: Axis("i + 1, the input being output 0", scale: .log2),
      y: Axis("energy of the gradient at output i", scale: .log10),
      series: zip(depths, gradients).flatMap { $1.series(over: 1...$0 + 1) })
    let figure = Self.figure(
      [forward, backward], title: "A mean over depth shrinks where a sum grows",
      note:
        "Width \(Self.width), \(count) draws, ±2 standard errors; dashed: the laws.", width: 900)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  /// The outputs at which the gradient is measured: the input, a quarter, and the last.
  private static func outputs(_ depth: Int) -> [Int] { [0, depth / 4, depth] }

  /// The energy of the gradient at output i.
  static func gradientEnergy(_ output: Int, _ depth: Int) -> Double {
    1 / (Double(output + 1) * Double(depth + 1))
  }

  /// The energy of the output without norms.
  static func energy(_ depth: Int) -> Double {
    let sum = (1...depth).reduce(1.0) { sum, block in sum + sum / Double(block * block) }
    return sum / Double((depth + 1) * (depth + 1))
  }

  /// A block with 0 added to its output, so that there is a gradient to read.
  private struct Marked: Layer {
    let block: Sequential
    let mark: Parameter

    func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T { block(x, pass) + pass[mark] }
  }

  /// The energy of the output over the input's, and that of the gradient at ``outputs(_:)`` over the output's.
  private static func energies(depth: Int, hasNorm: Bool, gain: Double, _ key: Key) -> [Double] {
    let blocks = (0..<depth).map { _ in
      let layers = residualBranch(width: width, gain: gain).layers
      return Marked(
        block: Sequential((hasNorm ? [RMSNorm(width)] : []) + layers),
        mark: Parameter([rows, width], .zero))
    }
    let network = AttentionResiduals(width, branches: blocks)
    let parameters = Parameters<Float>(of: network, key: key["weights"])
    let tape = Tape<Float>()
    let x = tape.variable(randomDirection(width, key["input"]).broadcast(to: [rows, width]))
    let pass = parameters.pass(on: tape)
    let y = network(x, pass)
    let gradients = tape.gradients(of: y, seed: randomDirection(width, rows: rows, key["gradient"]))
    return [Double(y.value.squared().mean().scalar)]
      + outputs(depth).map { output in
        let gradient =
          output == 0 ? gradients[x] : gradients[pass]["branches.\(output - 1).mark"]
        return Double(gradient.squared().mean().scalar)
      }
  }
}
