import Experiments
import Foundation
import Plots
import Plumbline

/// How much the gradients at two inputs have in common.
struct ShatteredGradients: ClaimStudy {
  static let name = "shattered-gradients"
  static let claim =
    "the gradients at two inputs share 2⁻ᴸ in plain nets with batch normalization, without it a product that falls as L⁻³ in the end, and the same at "
    + "any depth in residual nets"
  static let source =
    "Balduzzi et al. 2017 (arXiv:1702.08591) for plain nets with batch normalization; the others derived here"
  static let derivation = """
    How much the gradients at two inputs have in common. With batch normalization, which removes what inputs have in common, a \
    plain net's gradients become like independent noise: their correlation is 2⁻ᴸ, since each unit agrees on only half of the \
    pairs; in a batch of B, whose normalized values have the correlation -1/(B - 1), on ½ - 1/(π(B - 1)) of them. Without it the inputs themselves become alike, and the correlation of two orthogonal inputs falls only as the product of 1 - \
    arccos(ρ_l)/π. The angle tends to 3π/l, so the product falls as L⁻³, but only at hundreds of layers: between 4 and 8 as L^-1.5. At a finite width n \
    weights that pass much of the signal pass much of the gradient, by 1 + 5/n with each layer, as energies fluctuate. A residual net with η = 1/√L preserves it at any depth.
    """
  static let control = "layers without their ReLU"
  static let topic = StudyTopic.signal
  static let cost = (quick: "8 s", full: "30 s")

  private static let width = 256, examples = 128

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 56, full: 200)
    let isLinear = isControl
    let activation: Activation = isLinear ? .linear : .relu

    // The share of units that are on for both inputs among all that are on, layer by layer.
    func plainLaw(_ depth: Double) -> Double {
      (0..<Int(depth)).reduce((rho: 0.0, share: 1.0)) { state, _ in
        (ReLUKernel.correlation(state.rho), state.share * (1 - acos(state.rho) / .pi))
      }.share
    }
    func residualLaw(_ depth: Double) -> Double {
      (0..<Int(depth)).reduce((rho: 0.0, share: 1.0)) { state, _ in
        let both = 1 - acos(state.rho) / .pi
        return (
          ReLUKernel.residual(state.rho, blocks: depth),
          state.share * (1 + both / depth) / (1 + 1 / depth)
        )
      }.share
    }
    let n = Double(Self.width)
    // The deeper, the more the product spreads.
    let plain = try MeasuredLaw("plain", at: [1, 2, 4, 8], law: plainLaw) { depth in
      try session.mean(
        "plain \(depth)", draws: count * max(1, depth - 1), key["plain \(depth)"]
      ) { key in
        Self.product(plainLayers(depth, width: Self.width, activation), outputs: 64, key)
      }
    }
    let residual = try MeasuredLaw("residual", at: [4, 16, 32], law: residualLaw) { depth in
      try session.mean("residual \(depth)", draws: count / 2, key["residual \(depth)"]) { key in
        let (blocks, scale) = (Double(depth), 1 / Double(depth).squareRoot())
        return Self.product(
          residualBlocks(depth, width: Self.width, activation, scale: scale), outputs: 16, key)
          / pow(1 + 1 / blocks, blocks)
      }
    }
    let normalizedDepths = [1, 2, 4, 8]
    let correlations = try session.means("normalized", draws: 4 * count, key["normalized"]) { key in
      normalizedDepths.map { Self.normalizedCorrelation(depth: $0, isLinear, key[$0]) }
    }
    let normalized = MeasuredLaw(
      "plain, batch-norm", at: normalizedDepths,
      law: { pow(0.5 - 1 / (.pi * Double(Self.examples - 1)), $0) }, means: correlations)
    func layers(_ count: Int) -> String { count == 1 ? "1 layer" : "\(count) layers" }

    let far = 4000.0
    let slope = Foundation.log2(plainLaw(2 * far) / plainLaw(far))
    let checks =
      plain.checks(named: { "plain, \(layers($0))" }, neglecting: { 5 * $0 / n })
      + residual.checks(neglecting: 4 / n) { "residual, \($0) blocks" }
      + normalized.checks(
        named: { "plain with batch normalization, \(layers($0))" }, neglecting: { $0 / n }) + [
        // Logarithms of the depth remain, divided by it.
        Check(
          "plain, the law's own power of L from \(Int(far)) to \(Int(2 * far)) layers",
          predicted: -3,
          exactly: slope, tolerance: 2 * Foundation.log(far) / far)
      ]
    let chart = Chart(
      title: "Gradients of plain nets shatter, those of residual nets do not",
      subtitle: "width \(Self.width), \(count) draws, ±2 standard errors; dashed: the laws",
      x: .doubling("depth L (layers or blocks)", [1, 2, 4, 8, 16, 32]),
      y: Axis("correlation of the gradients at two inputs", scale: .log10),
      series: plain.series(over: 1...16) + residual.series(over: 1...32)
        + normalized.series(over: 1...8))
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The mean product of the gradients of random outputs at two orthogonal inputs, in units of the energy that they start with, which is theirs
  /// at the input too in the mean over plain nets.
  private static func product(_ layers: [any Layer], outputs: Int, _ key: Key) -> Double {
    let network = Sequential(layers)
    let parameters = Parameters<Float>(of: network, key: key["weights"])
    // Row i of both halves has the i-th output; the first half is at one input and the second at the other.
    let directions = key["outputs"].normal(outputs * width)
    let inputs = (0..<2 * outputs).flatMap { row in
      (0..<width).map { $0 % 2 == (row < outputs ? 0 : 1) ? 1.0 : 0 }
    }
    let (_, pullback) = vjp(at: Tensor<Float>([2 * outputs, width], nearestTo: inputs)) { x in
      network(x, parameters.pass(on: x.tape))
    }
    let gradient = pullback(Tensor([2 * outputs, width], nearestTo: directions + directions))
    let (first, second) = (
      gradient.sliced(axis: 0, 0..<outputs), gradient.sliced(axis: 0, outputs..<2 * outputs)
    )
    return Double((first * second).sum().scalar) / directions.reduce(0) { $0 + $1 * $1 }
  }

  /// The mean correlation of the gradients at the examples of a batch, in a plain net in which each layer's values are normalized
  /// by the batch; the statistics count as constants.
  private static func normalizedCorrelation(depth: Int, _ isLinear: Bool, _ key: Key) -> Double {
    var signal: Tensor<Float> = key["inputs"].normalTensor([examples, width])
    var layers: [(weight: Tensor<Float>, slope: Tensor<Float>)] = []
    for layer in 0..<depth {
      let weight =
        key["weights"][layer].normalTensor([width, width]) / Tensor(Float(width).squareRoot())
      let values = matmul(signal, weight)
      let centered = values - values.mean(alongAxes: [0], keepingAxes: true)
      let deviation = sqrt(centered.squared().mean(alongAxes: [0], keepingAxes: true))
      let normal = centered / deviation
      let isOn = isLinear ? .ones(normal.shape) : compare(normal, .greater, Tensor(0))
      layers.append((weight, isOn / deviation))
      signal = normal * isOn
    }
    let direction: Tensor<Float> = key["output"].normalTensor([1, width])
    var gradient = direction.broadcast(to: [examples, width])
    for layer in layers.reversed() {
      gradient = matmul(gradient * layer.slope, layer.weight, transposingSecond: true)
    }
    let total = Double(gradient.sum(alongAxes: [0]).squared().sum().scalar)
    let own = Double(gradient.squared().sum().scalar)
    return (total - own) / (own * Double(examples - 1))
  }
}
