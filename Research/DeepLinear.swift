import Experiments
import Foundation
import Plots
import Plumbline

/// What can be solved exactly about learning in deep nets: linear ones.
struct DeepLinear: ClaimStudy {
  static let name = "deep-linear"
  static let claim =
    "deep linear nets learn a mode as du/dt = N u^(2-2/N)(s - u): from small weights after an exponential wait, from the "
    + "identity ever faster with depth; negative eigenvalues stay at zero"
  static let source =
    "Saxe et al. 2014 (arXiv:1312.6120); identity start: Bartlett et al. 2018 (arXiv:1802.06093); waiting: Shamir 2018 "
    + "(arXiv:1809.08587)"
  static let derivation = """
    Learning in deep nets can be solved exactly for linear ones. With N layers of equal weights the product u of a mode of \
    strength s follows du/dt = N u^(2 - 2/N) (s - u), so a start below 1 waits for a time exponential in N, while a start \
    at the identity gets faster with depth. From the identity all layers stay equal, and a negative eigenvalue of the \
    target is never learned.
    """
  static let control = "layers that start at 1.1 times the others'"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "3 s", full: "10 s")

  private static let depths = [2, 4, 8, 16]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let resolution = effort.choose(quick: 1000, full: 4000)
    let uneven = isControl ? 1.1 : 1
    var checks: [Check] = []
    var times: [String: [Double]] = [:]
    for (label, start, depths) in [
      ("from the identity", 1.0, Self.depths), ("from weights of 0.6", 0.6, [2, 4, 6, 8]),
    ] {
      for depth in depths {
        let law = Self.time(layers: depth, from: start)
        let measured = try session.value("\(label) \(depth)") {
          Self.descent(
            layers: depth, from: start, firstFactor: uneven, step: law / Double(resolution))
        }
        times[label, default: []].append(measured)
        checks.append(
          Check(
            "\(label), \(depth) layers: time to 1.9 of 2", predicted: law, measured: measured,
            // From the steps of the descent, each of which is a share of 1/resolution.
            standardError: 0, tolerance: 20 / Double(resolution)))
      }
    }
    let eigenvalues = [2.0, 0.5, -0.7]
    let (rate, steps) = (0.01, effort.choose(quick: 500, full: 2000))
    let matrix = try session.value("eigenvalues") { [key] in
      Self.matrixDescent(
        eigenvalues: eigenvalues, layers: 8, rate: rate, steps: steps, firstFactor: uneven,
        key["basis"])
    }
    for (eigenvalue, measured) in zip(eigenvalues, matrix) {
      let law = (0..<steps).reduce(1.0) { s, _ in
        s - rate * pow(s, 7) * (pow(s, 8) - eigenvalue)
      }
      checks.append(
        Check(
          "8 layers from the identity, \(steps) steps: a layer's eigenvalue for the target's \(eigenvalue)",
          predicted: law, measured: measured, standardError: 0, tolerance: 1e-9))
    }
    let chart = Chart(
      title: "Depth delays learning from small weights and speeds it up from the identity",
      subtitle:
        "time of gradient flow until a product of N weights has grown to 1.9 of 2; dashed: the law",
      x: Axis("layers N", scale: .log2, ticks: [2, 4, 8, 16]), y: Axis("time", scale: .log10),
      series: [
        .law(Self.depths.map(Double.init)) { Self.time(layers: Int($0), from: 1) },
        Series(
          "from the identity", x: Self.depths.map(Double.init),
          y: times["from the identity"] ?? [], style: .points),
        .law([2, 4, 6, 8]) { Self.time(layers: Int($0), from: 0.6) },
        Series(
          "from weights of 0.6", x: [2, 4, 6, 8], y: times["from weights of 0.6"] ?? [],
          style: .points),
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

  /// The time until the product of the library's network of one unit per layer has grown to 1.9, with its gradient.
  private static func descent(
    layers: Int, from start: Double, firstFactor: Double, step: Double
  ) -> Double {
    let network = Sequential(
      (0..<layers).map {
        Dense(1, 1, initializer: .constant($0 == 0 ? start * firstFactor : start), bias: nil)
      })
    var parameters = Parameters<Double>(of: network, key: Key(seed: 0))
    var time = 0.0
    for _ in 0..<100_000 {
      var product = 0.0
      let gradient = parameters.valueWithGradient { pass in
        let output = network(pass.constant([[1]]), pass)
        product = output.value.scalars[0]
        return (output - 2).squared().sum() * 0.5
      }.gradient
      if product >= 1.9 { break }
      parameters.vector -= gradient.vector * step
      time += step
    }
    return time
  }

  /// The eigenvalues of the last layer after gradient descent from the identity, in the basis of the target.
  private static func matrixDescent(
    eigenvalues: [Double], layers: Int, rate: Double, steps: Int, firstFactor: Double, _ key: Key
  ) -> [Double] {
    let size = eigenvalues.count
    let basis = Tensor<Double>(
      [size, size], Initializer.orthogonal().values(shape: [size, size], key: key))
    let diagonal = Tensor<Double>([size, 1], eigenvalues)
    let target = matmul(basis.transposed(), diagonal * basis)
    let network = Sequential((0..<layers).map { _ in Dense(size, size, bias: nil) })
    let identity = Tensor<Double>.identity(size)
    let layout = ParameterLayout(of: network)
    var parameters = Parameters<Double>(
      layout: layout,
      vector: Tensor.concatenate(
        (0..<layers).map { (identity * ($0 == 0 ? firstFactor : 1)).flattened() }))
    for _ in 0..<steps {
      let gradient = parameters.valueWithGradient { pass in
        (network(pass.constant(identity), pass) - pass.constant(target)).squared().sum() * 0.5
      }.gradient
      parameters.vector -= gradient.vector * rate
    }
    let last = parameters.vector.sliced(
      axis: 0, (layers - 1) * size * size..<layers * size * size
    ).reshaped(to: [size, size])
    let inBasis = matmul(matmul(basis, last), basis.transposed())
    return (0..<size).map { inBasis.scalars[$0 * size + $0] }
  }
}
