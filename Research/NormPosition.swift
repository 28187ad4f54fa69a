import Experiments
import Foundation
import Plots
import Plumbline

/// The position of the norm determines how the residual stream grows.
struct NormPosition: ClaimStudy {
  static let name = "norm-position"
  static let claim =
    "at initialization a pre-norm stream's energy is 1 + L after L blocks, 1 + H_L with LayerNorm scaling, and 1 with "
    + "post-norm; in the backward pass the gradient's energy grows by the same factor"
  static let source =
    "Sun et al. 2025 (arXiv:2502.05795) and Kim et al. 2025 (arXiv:2502.02732) for the arms; the energies derived here"
  static let derivation = """
    The position of the norm determines how the residual stream grows. With blocks x + V relu(W N(x)), N the root-mean-square norm, each \
    branch adds energy 1 whatever the stream holds: M_L = 1 + L, also with a norm after the branch (Peri-LN). A branch input divided \
    by √l (LayerNorm scaling) adds 1/l, so M_L = 1 + H_L, and a norm of the sum (post-LN) keeps 1. Going back, block l \
    multiplies the gradient's energy by 1 + 1/M_l, and the product telescopes: the input's gradient over the output's is the same \
    number M_L. At a finite width n the stream's energy varies by about 2/n of its square, and 1/M_l is larger in the mean than that of the mean: \
    the mean of the product is raised to the power 1 + 3/n, a correction of 3 ln M_L / n.
    """
  static let control = "branches of twice the energy"
  static let topic = StudyTopic.signal
  static let cost = (quick: "19 s", full: "40 s")

  /// The position of the norm.
  enum Position: String, CaseIterable {
    case pre = "pre-norm"
    case around = "peri-norm"
    case scaled = "pre-norm with LayerNorm scaling"
    case post = "post-norm"

    /// Whether the gradient's energy is known at finite width: the Jacobian of a norm that stands after the branch takes a direction out.
    var hasGradientLaw: Bool { self == .pre || self == .scaled }

    /// The energy after this many blocks.
    func law(_ depth: Double) -> Double {
      switch self {
      case .pre, .around: 1 + depth
      case .scaled: 1 + (1...Int(depth)).reduce(0) { $0 + 1 / Double($1) }
      case .post: 1
      }
    }
  }

  private static let width = 96
  private static let depths = [4, 16, 64]
  /// What a norm adds to the mean square before it divides by it: the smallest here is 1.
  private static let epsilon = 2e-5

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 144, full: 600)
    let gain = isControl ? 2.0.squareRoot() : 1
    var checks: [Check] = []
    var series: [Series] = []
    for position in Position.allCases {
      let energies = try Self.depths.map { depth in
        // Where the gradient has no law, the signal alone is sharp with few draws; where it has one, it spreads with depth.
        let draws = position.hasGradientLaw ? count * max(1, depth / 32) : count / 3
        return try session.means(
          "\(position.rawValue), \(depth)", draws: draws, key["\(depth)"]
        ) { key in
          Self.energies(position, depth: depth, gain: gain, key)
        }
      }
      for (depth, energy) in zip(Self.depths, energies) where depth > 4 {
        let law = position.law(Double(depth))
        checks.append(
          Check(
            "\(position.rawValue), \(depth) blocks: energy of the stream", law: law,
            measured: energy[0], neglecting: Self.epsilon))
        if position.hasGradientLaw {
          checks.append(
            Check(
              "\(position.rawValue), \(depth) blocks: energy of the gradient, input over output",
              law: law, measured: energy[1], neglecting: 3 * log(law) / Double(Self.width)))
        }
      }
      let x = Self.depths.map(Double.init)
      series += [.law(x, position.law), .measured(position.rawValue, x, energies.map { $0[0] })]
    }
    let chart = Chart(
      title: "The position of the norm determines how the stream grows",
      subtitle:
        "width \(Self.width), \(count) draws (\(count / 3) with the norm after the branch), ±2 standard errors; dashed: the laws",
      x: .doubling("blocks", Self.depths),
      y: Axis("energy of the stream, relative to the input", scale: .log10), series: series)
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// A block with a norm.
  struct Block: Layer {
    let inner: Dense, outer: Dense, norm: RMSNorm, second: RMSNorm
    let position: Position, inputScale: Double, skip: Double

    /// A block.
    ///
    /// - Parameters:
    ///   - index: Its number, from 1 on.
    ///   - gain: The factor on V; `innerGain` is the factor on W, and `skip` the factor on x.
    init(
      _ position: Position, index: Int, width: Int, gain: Double, innerGain: Double = 1,
      skip: Double = 1
    ) {
      inner = Dense(width, width, initializer: .he().scaled(by: innerGain), bias: nil)
      outer = Dense(
        width, width, initializer: .varianceScaling(gain: gain, .normal, fan: .input), bias: nil)
      (norm, second) = (RMSNorm(width), RMSNorm(width))
      self.position = position
      self.skip = skip
      inputScale = position == .scaled ? 1 / Double(index).squareRoot() : 1
    }

    func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
      let input = position == .post ? x : norm(x, pass) * inputScale
      let branch = outer(relu(inner(input, pass)), pass)
      return switch position {
      case .pre, .scaled: x + branch
      case .around: x + second(branch, pass)
      case .post: norm(x * skip + branch, pass)
      }
    }
  }

  /// Blocks of a net, with the gains of ``Block``.
  static func blocks(
    _ position: Position, _ count: Int, width: Int, gain: Double, innerGain: Double = 1,
    skip: Double = 1
  ) -> [any Layer] {
    (1...count).map {
      Block(position, index: $0, width: width, gain: gain, innerGain: innerGain, skip: skip)
    }
  }

  /// The energy of the output over the input's, and of the input's gradient over the output's, in the mean over sixteen directions of the latter.
  private static func energies(
    _ position: Position, depth: Int, gain: Double, _ key: Key
  ) -> [Double] {
    let network = Sequential(blocks(position, depth, width: width, gain: gain))
    let parameters = Parameters<Float>(of: network, key: key["weights"])
    let rows = position.hasGradientLaw ? 16 : 1
    let passed = PassedEnergies(at: parameters, width: width, rows: rows, key) { network($0, $1) }
    return [passed.signal, passed.gradient]
  }
}
