import Experiments
import Foundation
import Plots
import Plumbline

/// What can be solved exactly about learning in deep nets: linear ones.
struct DeepLinear: ClaimStudy {
  static let name = "deep-linear"
  static let claim =
    "deep linear nets learn a mode as du/dt = N u^(2-2/N)(s - u): from small weights after a wait that is exponential in "
    + "N, from the identity ever faster with depth, and from random ones in ever more steps; a layer's eigenvalue for a negative one of the target tends to 0"
  static let source =
    "Saxe et al. 2014 (arXiv:1312.6120); identity start: Bartlett et al. 2018 (arXiv:1802.06093); random start: Shamir 2018 "
    + "(arXiv:1809.08587)"
  static let derivation = """
    Learning in deep nets can be solved exactly for linear ones. With N layers of equal weights the product u of a mode of \
    strength s follows du/dt = N u^(2 - 2/N) (s - u), so layers of w < 1 wait for a time (w^-(N-2) - 1)/((N - 2) s), exponential in N once that is large, while a start \
    at the identity gets faster with depth. Of random weights, N(0, 1), the median number of steps until ½(Πw - 1)² is below 0.005 is only measured. From the \
    identity all layers stay equal, s ← s - ηs^(N-1)(s^N - λ): for a negative eigenvalue λ of the target s falls from 1 toward 0 as a power of the time \
    and never reaches it, so λ is not learned.
    """
  static let control =
    "one layer that starts at 1.1 times the others', and random nets of 2 layers for all"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "3 s", full: "10 s")

  private static let depths = [2, 4, 8, 16]
  /// Layers of random nets.
  private static let randomDepths = [2, 4, 8, 12]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let resolution = effort.choose(quick: 400, full: 2000)
    let uneven = isControl ? 1.1 : 1
    var checks: [Check] = []
    var times: [String: [Double]] = [:]
    for (label, start) in [("from the identity", 1.0), ("from weights of 0.6", 0.6)] {
      let measured = try Self.depths.map { depth in
        try session.value("\(label) \(depth)") {
          Self.descent(
            layers: depth, from: start, firstFactor: uneven, share: 1 / Double(resolution))
        }
      }
      times[label] = measured
      checks += zip(Self.depths, measured).map { depth, time in
        Check(
          "\(label), \(depth) layers: time to 1.9 of 2",
          predicted: Self.time(layers: depth, from: start), exactly: time,
          // Of second order in what a step changes the product by.
          tolerance: 4 * pow(Double(depth) / Double(resolution), 2))
      }
    }
    let waits = times["from weights of 0.6"] ?? []
    checks.append(
      Check(
        "from weights of 0.6, 16 layers: the wait", predicted: (pow(0.6, -14) - 1) / (14 * 2),
        // The growth after the wait, which takes about as long as from the identity.
        exactly: waits.last ?? .nan, tolerance: 0.01))
    let randomDepths = Self.randomDepths
    let isControl = isControl
    let counts = try session.value("random starts") { [key] in
      draws(301) { draw in
        randomDepths.map { Self.randomSteps(layers: isControl ? 2 : $0, key["random"][$0][draw]) }
      }
    }
    for (index, bound) in [(2, 1.5), (3, 3)] {
      checks.append(
        Check(
          "random weights: steps of \(randomDepths[index]) layers over those of 2", .above, bound,
          medianOf: counts.map { Double($0[index]) / Double($0[0]) }))
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
          predicted: law, exactly: measured, tolerance: 1e-9))
    }
    checks += [
      Check(
        "8 layers from the identity: a layer's eigenvalue for the target's -0.7 at the end", .above,
        0, exactly: matrix[2]),
      Check(
        "8 layers from the identity: the product's eigenvalue for the target's -0.7 at the end",
        .below, 0.05,
        exactly: pow(matrix[2], 8)),
    ]
    let chart = Chart(
      title: "Depth delays learning from small weights and speeds it up from the identity",
      subtitle:
        "time of gradient flow until a product of N weights has grown to 1.9 of 2; dashed: the law",
      x: .doubling("layers N", Self.depths), y: Axis("time", scale: .log10),
      series: [
        .law(Self.depths) { Self.time(layers: Int($0), from: 1) },
        Series(
          "from the identity", x: Self.depths.map(Double.init),
          y: times["from the identity"] ?? [], style: .points),
        .law(Array(2...16)) { Self.time(layers: Int($0), from: 0.6) },
        Series("from weights of 0.6", x: Self.depths.map(Double.init), y: waits, style: .points),
      ])
    let random = Chart(
      title: "From random weights depth costs ever more steps",
      subtitle: "gradient descent at rate 0.01 on ½(Πw - 1)², w from N(0, 1); medians of 301 draws",
      x: .doubling("layers N", randomDepths),
      y: Axis("steps", scale: .log10),
      series: [
        .medians(
          "random weights", randomDepths.map(Double.init), over: counts.map { $0.map(Double.init) })
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart, random], columns: 1))
  }

  /// The number of steps of gradient descent at rate 0.01 until ½(Πw - 1)² is below 0.005, from weights of N(0, 1); at most 20,000.
  private static func randomSteps(layers: Int, _ key: Key) -> Int {
    var weights = key.normal(layers)
    for step in 0..<20_000 {
      let rest = weights.reduce(1, *) - 1
      if abs(rest) < 0.1 { return max(step, 1) }
      let others = weights.indices.map { own in
        weights.indices.reduce(1.0) { $1 == own ? $0 : $0 * weights[$1] }
      }
      for index in weights.indices { weights[index] -= 0.01 * rest * others[index] }
    }
    return 20_000
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

  /// The time until the product of the library's network of one unit a layer has grown to 1.9, by the midpoint rule with its gradient.
  ///
  /// - Parameter share: The most that a step changes a weight, or the rest that the product lacks, relative to itself.
  private static func descent(
    layers: Int, from start: Double, firstFactor: Double, share: Double
  ) -> Double {
    let network = Sequential(
      (0..<layers).map {
        Dense(1, 1, initializer: .constant($0 == 0 ? start * firstFactor : start), bias: nil)
      })
    var parameters = Parameters<Double>(of: network, key: Key(seed: 0))
    func slope(_ parameters: Parameters<Double>) -> (product: Double, slope: Tensor<Double>) {
      var product = 0.0
      let gradient = parameters.valueWithGradient { pass in
        let output = network(pass.constant([[1]]), pass)
        product = output.value.scalars[0]
        return (output - 2).squared().sum() * 0.5
      }.gradient
      return (product, gradient.vector * -1)
    }
    var time = 0.0
    for _ in 0..<1_000_000 {
      let (product, speed) = slope(parameters)
      let rates = (speed / parameters.vector).scalars
      let growth = product * rates.reduce(0, +)
      let step = share / max(rates.map(abs).max() ?? 0, growth / (2 - product))
      if product + growth * step >= 1.9 { return time + (1.9 - product) / growth }
      var middle = parameters
      middle.vector += speed * (step / 2)
      parameters.vector += slope(middle).slope * step
      time += step
    }
    return .infinity
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
