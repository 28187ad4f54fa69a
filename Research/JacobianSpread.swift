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
    "Pennington et al. 2017 (arXiv:1711.04735); residual: Tarnowski et al. 2019 (arXiv:1809.08848), and for "
    + "this block derived here: L (((1 + 2η²)/(1 + η²))² - 1)"
  static let derivation = """
    How unevenly a network at initialization stretches directions: the variance of its Jacobian's squared singular values over \
    their squared mean. It grows with depth L in plain nets (2L with Gaussian weights and ReLU, L with orthogonal ones, L for linear \
    nets) and stays near 2 in residual nets whose branches are scaled by 1/√L.
    """
  static let control = "branches without their scale"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "5 s", full: "12 s")

  /// A kind of network, and its predicted spread at depth L.
  private struct Kind: Sendable {
    let label: String
    let depths: [Int]
    let law: @Sendable (Double) -> Double
    let layer: @Sendable (_ depth: Int, _ width: Int) -> any Layer
  }

  private static let tolerance = 0.08

  private static let kinds = [
    Kind(
      label: "Gaussian, ReLU", depths: [4, 8, 16], law: { 2 * $0 },
      layer: { _, width in Sequential(Dense(width, width, bias: nil), Activation.relu) }),
    Kind(
      label: "orthogonal, ReLU", depths: [4, 8, 16], law: { $0 },
      layer: { _, width in
        let initializer = Initializer.orthogonal(gain: Activation.relu.gain)
        return Sequential(Dense(width, width, initializer: initializer, bias: nil), Activation.relu)
      }),
    Kind(
      label: "Gaussian, linear", depths: [4, 8, 16], law: { $0 },
      layer: { _, width in Dense(width, width, initializer: .lecun(), bias: nil) }),
    Kind(
      label: "residual, η = 1/√L", depths: [4, 16, 32],
      law: { depth in
        let square = 1 / depth
        let ratio = (1 + 2 * square) / (1 + square)
        return depth * (ratio * ratio - 1)
      },
      layer: { depth, width in
        Residual(
          residualBranch(width: width),
          scale: 1 / Double(depth).squareRoot())
      }),
  ]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let width = effort.choose(quick: 128, full: 200)
    let count = effort.choose(quick: 48, full: 48)
    var checks: [Check] = []
    var series: [Series] = []
    for kind in Self.kinds {
      let measured = try kind.depths.map { depth in
        let label = "\(kind.label) \(depth)"
        // The scale of a net of one branch is 1.
        let scaledFor = isControl ? 1 : depth
        return try session.mean(label, draws: count, key) { key in
          let network = Sequential((0..<depth).map { _ in kind.layer(scaledFor, width) })
          return Self.spread(of: network, width: width, key: key)
        }
      }
      for (depth, spread) in zip(kind.depths, measured) {
        checks.append(
          Check(
            "\(kind.label), L = \(depth)", predicted: kind.law(Double(depth)), measured: spread,
            tolerance: Self.tolerance))
      }
      series += [
        .law(kind.depths.map(Double.init), kind.law),
        .measured(kind.label, kind.depths.map(Double.init), measured),
      ]
    }
    let chart = Chart(
      title: "The Jacobian's spectrum spreads with depth, but not in residual nets",
      subtitle: "width \(width), \(count) draws, ±2 standard errors; dashed: prediction",
      x: Axis("depth L (layers or blocks)", scale: .log2, ticks: [4, 8, 16, 32]),
      y: Axis("m₂/m₁² - 1", scale: .log10), series: series)
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// m₂/m₁² - 1 for the moments m_k = tr (JᵀJ)^k / n of one network at a random input.
  ///
  /// Row i of a batch carries the i-th unit direction, so one forward derivative gives all columns of J and
  /// one reverse derivative of those gives JᵀJ: dual numbers and the tape, both exact.
  private static func spread(of network: Sequential, width: Int, key: Key) -> Double {
    let parameters = Parameters<Float>(of: network, key: key["weights"])
    let input = Tensor<Float>([1, width], nearestTo: key["input"].normal(width))
      .broadcast(to: [width, width])
    let columns = jvp(
      at: input, along: .identity(width), evaluating: Map(network: network, parameters: parameters)
    ).tangent
    let tape = Tape<Float>()
    let x = tape.variable(input)
    let y = network(x, parameters.pass(on: tape))
    let squared = tape.gradients(of: y, seed: columns)[x]
    let first = columns.squared().sum().scalar / Float(width)
    let second = squared.squared().sum().scalar / Float(width)
    return Double(second / (first * first) - 1)
  }

  /// The network at fixed parameters, for any kind of tensor.
  private struct Map: TensorFunction {
    let network: Sequential
    let parameters: Parameters<Float>

    func callAsFunction<T: TensorProtocol>(_ input: T) -> T {
      network(input, Parameters<T.Scalar>(converting: parameters).pass(like: input))
    }
  }
}
