import Experiments
import Plots
import Plumbline

/// How unevenly a network at initialization stretches directions.
struct JacobianSpread: ClaimStudy {
  static let name = "jacobian-spread"
  static let claim =
    "the spread of the Jacobian's spectrum grows in proportion to depth in plain nets and tends to 2 in "
    + "residual nets"
  static let source =
    "Pennington et al. 2017 (arXiv:1711.04735); residual: Tarnowski et al. 2019 (arXiv:1809.08848); the recursions, exact at "
    + "any width, derived here"
  static let derivation = """
    How unevenly a network at initialization stretches directions: the variance of its Jacobian's squared singular values over \
    their squared mean. It grows with depth L in plain nets (2L with Gaussian weights and ReLU, L with orthogonal ones, L for linear \
    nets) and stays near 2 in residual nets whose branches are scaled by 1/√L, all for wide nets. At width n the moments M = E tr (JᵀJ)²/n and \
    P = E (tr JᵀJ/n)² are closed under one more layer, since a ReLU is on or off independently of a unit's squared weights, and M/P - 1 is measured as the ratio \
    of two means. Gaussian and ReLU: M ← (1 + 3/n) M + 2P, P ← (1 + 1/n) P + 4M/n². Linear: M ← (1 + 1/n) M + P, P ← P + 2M/n². \
    Orthogonal and ReLU, with Q = (nP + 2M)/(n + 2): M ← M + Q, P ← P + Q/n. A residual block adds the Gaussian branch's own moments \
    and what it shares with the skip.
    """
  static let control = "twice the layers"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "5 s", full: "12 s")

  /// E tr (JᵀJ)²/n and E (tr JᵀJ/n)².
  private struct Moments {
    var squared = 1.0, trace = 1.0
    /// The spread of the squared singular values.
    var spread: Double { squared / trace - 1 }
  }

  /// A kind of network, and how a layer of width n changes the moments; `square` is η².
  private struct Kind: Sendable {
    let label: String
    let depths: [Int]
    /// Whether both moments spread so much that deep nets take more draws.
    var spreads = false
    let step: @Sendable (_ moments: Moments, _ n: Double, _ square: Double) -> Moments
    let layer: @Sendable (_ depth: Int, _ width: Int) -> any Layer

    /// The spread after this many layers.
    func law(_ depth: Double, width: Int) -> Double {
      (0..<Int(depth)).reduce(Moments()) { moments, _ in
        step(moments, Double(width), 1 / depth)
      }.spread
    }
  }

  @Sendable private static func gaussianReLU(_ m: Moments, _ n: Double, _: Double) -> Moments {
    Moments(
      squared: (1 + 3 / n) * m.squared + 2 * m.trace,
      trace: (1 + 1 / n) * m.trace + 4 * m.squared / (n * n))
  }

  @Sendable private static func linear(_ m: Moments, _ n: Double, _: Double) -> Moments {
    Moments(
      squared: (1 + 1 / n) * m.squared + m.trace, trace: m.trace + 2 * m.squared / (n * n))
  }

  private static let kinds = [
    Kind(
      label: "Gaussian, ReLU", depths: [2, 4, 8], spreads: true, step: gaussianReLU,
      layer: { _, width in Sequential(plainLayers(1, width: width)) }),
    Kind(
      label: "orthogonal, ReLU", depths: [2, 4, 8],
      step: { m, n, _ in
        let shared = (n * m.trace + 2 * m.squared) / (n + 2)
        return Moments(squared: m.squared + shared, trace: m.trace + shared / n)
      },
      layer: { _, width in
        Sequential(
          plainLayers(
            1, width: width, initializer: .orthogonal(gain: Activation.relu.gain)))
      }),
    Kind(
      label: "Gaussian, linear", depths: [2, 4, 8], step: linear,
      layer: { _, width in Dense(width, width, initializer: .lecun(), bias: nil) }),
    Kind(
      label: "residual, η = 1/√L", depths: [4, 16, 32],
      step: { m, n, square in
        // The branch's own part, a linear layer after one with a ReLU, and what it has in common with the skip.
        let branch = linear(gaussianReLU(m, n, square), n, square)
        let fourth = square * square
        return Moments(
          squared: m.squared * (1 + 2 * square * (1 + 1 / n)) + 2 * square * m.trace
            + fourth * branch.squared,
          trace: m.trace * (1 + 2 * square) + 4 * square * m.squared / (n * n)
            + fourth * branch.trace)
      },
      layer: { depth, width in
        Residual(residualBranch(width: width), scale: 1 / Double(depth).squareRoot())
      }),
  ]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let width = effort.choose(quick: 64, full: 128)
    let count = effort.choose(quick: 64, full: 128)
    let laws = try Self.kinds.map { kind in
      func law(_ depth: Double) -> Double { kind.law(depth, width: width) }
      return try MeasuredLaw(kind.label, at: kind.depths, law: law) { depth in
        let layers = isControl ? 2 * depth : depth
        let count = kind.spreads ? count * max(1, depth * depth / 8) : count
        return try session.value("\(kind.label) \(depth)") { [key] in
          let moments = draws(count) { draw in
            let network = Sequential((0..<layers).map { _ in kind.layer(depth, width) })
            return Self.moments(of: network, width: width, key: key[draw])
          }
          return SampleMean(ratioOf: moments.map { $0[0] - $0[1] }, to: moments.map { $0[1] })
        }
      }
    }
    let checks = laws.flatMap { law in law.checks { "\(law.label), L = \($0): spread" } }
    let chart = Chart(
      title: "The Jacobian's spectrum spreads with depth, but not in residual nets",
      subtitle: "width \(width), \(count) draws or more, ±2 standard errors; dashed: the laws",
      x: .doubling("depth L (layers or blocks)", [2, 4, 8, 16, 32]),
      y: Axis("variance of the squared singular values / mean²", scale: .log10),
      series: laws.flatMap(\.series))
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// tr (JᵀJ)²/n and (tr JᵀJ/n)² of one network at a random input.
  ///
  /// Row i of a batch carries the i-th unit direction, so one forward derivative gives all columns of J and
  /// one reverse derivative of those gives JᵀJ: dual numbers and the tape, both exact.
  private static func moments(of network: Sequential, width: Int, key: Key) -> [Double] {
    let parameters = Parameters<Float>(of: network, key: key["weights"])
    let direction: Tensor<Float> = key["input"].normalTensor([1, width])
    let input = direction.broadcast(to: [width, width])
    let columns = jvp(
      at: input, along: .identity(width), evaluating: FixedNetwork(network, at: parameters)
    ).tangent
    let squared = vjp(at: input) { network($0, parameters.pass(on: $0.tape)) }.pullback(columns)
    let first = Double(columns.squared().sum().scalar) / Double(width)
    return [Double(squared.squared().sum().scalar) / Double(width), first * first]
  }
}
