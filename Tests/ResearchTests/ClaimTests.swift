import Experiments
import Foundation
import Plumbline
import TestSupport
import Testing

@testable import research

/// The laws of studies, where they have a value that somebody else has computed.
@Suite struct ClaimLawTests {
  @Test func lengthsOfCurves() {
    // The published approximation, e^(-5L/8n).
    for (width, depth) in [(64, 64.0), (32, 32), (32, 96)] {
      let approximation = exp(-5 * depth / (8 * Double(width)))
      #expect(abs(pow(KeptLength.factor(width), depth) / approximation - 1) < 0.04)
    }
    // Of one unit: √2 E χ₁ with probability ½, where E χ₁ = √(2/π). Of two: E χ₁ with probability ½ and E χ₂ = √(π/2) with ¼.
    let (one, two) = ((2 / Double.pi).squareRoot(), (Double.pi / 2).squareRoot())
    #expect(abs(KeptLength.factor(1) - one / 2.0.squareRoot()) < 1e-12)
    #expect(abs(KeptLength.factor(2) - (one / 2 + two / 4)) < 1e-12)
  }

  @Test func anglesOfInputs() {
    #expect(abs(ReLUKernel.correlation(0) - 1 / .pi) < 1e-15 && ReLUKernel.correlation(1) == 1)
    #expect(abs(ReLUKernel.correlation(-1)) < 1e-15)
    let far = (0..<500).reduce(0.0) { rho, _ in ReLUKernel.correlation(rho) }
    #expect(abs(250_000 * (1 - far) - 42.1) < 0.1)
  }

  @Test func timesOfDeepLinearNets() {
    for (layers, time) in [(2, 0.736), (4, 0.298), (8, 0.134), (16, 0.064)] {
      #expect(abs(DeepLinear.time(layers: layers, from: 1) - time) < 0.0006)
    }
    // Saxe's form for two layers: ln (u (s - u₀) / (u₀ (s - u))) / 2s, here with s = 2 and u₀ = 0.36.
    let saxe = Foundation.log(1.9 * 1.64 / (0.36 * 0.1)) / 4
    #expect(abs(DeepLinear.time(layers: 2, from: 0.6) - saxe) < 1e-8)
    // A positive eigenvalue comes to λ^(1/8); a negative one is left behind s = (6·0.7 t)^(-1/6), whatever the start.
    #expect(abs(NegativeEigenvalue.law(5000, target: 2) - pow(2, 1.0 / 8)) < 1e-12)
    let late = NegativeEigenvalue.law(1_000_000, target: -0.7)
    #expect(abs(late * pow(6 * 0.7 * 10_000, 1.0 / 6) - 1) < 0.01)
  }

  @Test func fluctuationsOfKernels() {
    // Given that the unit is on: the variance of ln χ²_1, ψ'(½) = π²/2. Of two: that of ln χ²_2, π²/6, with probability ⅓, and
    // their means are ψ(1) - ψ(½) = 2 ln 2 apart.
    #expect(abs(ActiveUnits.logarithmOfEnergy(1).variance - .pi * .pi / 2) < 1e-12)
    let gap = 2 * Foundation.log(2.0)
    let (one, both) = (Double.pi * .pi / 2, Double.pi * .pi / 6)
    let two: Double = (2 * one + both) / 3 + 2 * gap * gap / 9
    #expect(abs(ActiveUnits.logarithmOfEnergy(2).variance - two) < 1e-12)
    // The known rate, 5/n.
    #expect(abs(1000 * ActiveUnits.logarithmOfEnergy(1000).variance - 5) < 0.02)
    // The published correlation, and what an independent program integrated.
    #expect(abs(LimitsCommute.limit.correlation - 0.253861) < 1e-5)
    #expect(abs(LimitsCommute.limit.variance - 1.65933) < 1e-4)
  }

  @Test func momentsOfAngles() {
    // Wide nets: 1/θ grows by 1/3π with each layer, and 1 + 2/n and 1 + 6/n are the factors up to 1/n².
    let factors = RandomAngle.factors(width: 4000)
    #expect(abs(4000 * (factors.mean - 1) - 2) < 0.01)
    #expect(abs(4000 * (factors.square - 1) - 6) < 0.04)
    let wide = RandomAngle.moments(width: 4000, depth: 40, from: 0.1)[40]
    let deterministic: Double = 10 + 40 / (3 * .pi)
    #expect(abs(wide.first / deterministic - 1.0202) < 0.01)
    // The moments of the stochastic equation at L = n, from θ = 0: n (e² - 1)/6π, and n² c² (e⁶/12 - e²/4 + 1/6), c² = 1/9π².
    let deep = RandomAngle.moments(width: 4000, depth: 4000, from: 1e9)[4000]
    let (square, sixth): (Double, Double) = (Foundation.exp(2.0), Foundation.exp(6.0))
    let first = 4000 * (square - 1) / (6 * Double.pi)
    #expect(abs(deep.first / first - 1) < 0.01)
    let second = sixth / 12 - square / 4 + 1.0 / 6
    let scale: Double = 16e6 / (9 * .pi * .pi)
    #expect(abs(deep.second / (scale * second) - 1) < 0.02)
  }

  @Test func energiesOfStreams() {
    #expect(NormPosition.Position.pre.law(64) == 65 && NormPosition.Position.post.law(64) == 1)
    #expect(abs(NormPosition.Position.scaled.law(64) - 5.744) < 0.001)
  }

  @Test func spectraOfJacobians() {
    /// The mean of x^k, by the trapezoids of the law's own points.
    func moment(_ law: SingularValueLaw, _ exponent: Double) -> Double {
      zip(zip(law.shares, law.logarithms), zip(law.shares, law.logarithms).dropFirst()).reduce(0) {
        let (first, second) = $1
        return $0 + (second.0 - first.0) * (exp(exponent * first.1) + exp(exponent * second.1)) / 2
      }
    }
    // The median of the quarter circle law's squares, known from Gavish and Donoho's threshold: (4 / √3 / 2.858)².
    #expect(abs(exp(SingularValueLaw.linear(depth: 1).quantile(0.5)) - 0.6528) < 0.001)
    // Fuss and Catalan's numbers: 1, L + 1, and (L + 1) (3L + 2) / 2.
    for depth in [1.0, 2, 4, 8] {
      let law = SingularValueLaw.linear(depth: Int(depth))
      #expect(abs(moment(law, 1) - 1) < 0.001)
      #expect(abs(moment(law, 2) / (depth + 1) - 1) < 0.001)
      #expect(abs(moment(law, 3) / ((depth + 1) * (3 * depth + 2) / 2) - 1) < 0.001)
    }
    // Biane's moments: e, 3e² and 13e³.
    let residual = SingularValueLaw.residual
    for (exponent, factor) in [(1.0, 1.0), (2, 3), (3, 13)] {
      #expect(abs(moment(residual, exponent) / (factor * exp(exponent)) - 1) < 0.001)
    }
    #expect(abs((residual.logarithms.last ?? 0) - 3.049) < 0.001)
    #expect(abs(residual.quantile(0.5)) < 1e-3 && abs(residual.shares[0]) < 1e-4)
    #expect(JacobianSpectrum.rank(width: 16, depth: 1) == 8)
    // Of two units: no unit on with ¼, both with ¼.
    #expect(JacobianSpectrum.rank(width: 2, depth: 3) == 27.0 / 64 + 1.0 / 64)
  }

  @Test func straightPaths() {
    let line = (0...5).map { Tensor<Double>([[1.0, 2.0]]) * Double($0) + 3 }
    #expect(abs(StraightPath.offLine(line)) < 1e-12)
    // In many dimensions at once, so that the share is near its mean.
    var walk = [Tensor<Double>.zeros([1, 4000])]
    for step in 0..<200 {
      walk.append(walk[step] + Trial(number: 4).key[step].normalTensor([1, 4000]))
    }
    #expect(abs(StraightPath.offLine(walk) - StraightPath.ofRandomWalk) < 0.01)
  }

  @Test func gradientEnergies() {
    // A block doubles without a scale: 4 behind two blocks, and 1.5 · 2 · 2 of their matrices.
    #expect(GradientEnergy.unscaled.matrices(2) == 10)
    #expect(GradientEnergy.scaled.matrices(1) == 3.5)
    #expect(abs(GradientEnergy.preNorm.matrices(2) - (1 + 1.5 * (1.0 / 2 + 1.0 / 3))) < 1e-12)
    #expect(abs(GradientEnergy.layerNormScaling.scalars(2) - (1 + 0.5 + 0.2)) < 1e-12)
    #expect(GradientEnergy.postNorm.matrices(4) == 4 && GradientEnergy.reZero.scalars(9) == 9)
    // DeepNorm's norms take less and less: 1 + ¾ in the limit.
    #expect(abs(GradientEnergy.deepNorm.matrices(1e6) - 1.75) < 1e-8)
  }

  @Test func energiesBehindShortcuts() {
    #expect(ShortcutGradient.Kind.half.law(32) == 0x1p-32)
    #expect(abs(ShortcutGradient.Kind.identity.law(1000) - 2.7169) < 1e-4)
    #expect(ShortcutGradient.Kind.dropout.law(4) == 25.62890625)
    #expect(abs(ShortcutGradient.Kind.near.square - 0.99506) < 1e-5)
  }

  @Test func energiesOfShrunkStreams() {
    #expect(SurrogateGradient.energy(0, 16) == 17)
    #expect(SurrogateGradient.energy(0.5, 2) == 0.375)
    #expect(abs(SurrogateGradient.energy(0.1, 500) - 0.81 / 0.19) < 1e-12)
  }

  @Test func energiesOfMeansOverDepth() {
    // Without norms (L + 1)² times the energy tends to Euler's product, sinh(π)/π.
    #expect(abs(AttentionOverDepth.energy(4000) * 4001 * 4001 - sinh(Double.pi) / .pi) < 0.001)
    #expect(AttentionOverDepth.energy(2) == 2.5 / 9)
    // The gradient of the input is the energy of the output over its own, and that of the last block the square.
    #expect(AttentionOverDepth.gradientEnergy(0, 9) == 0.1)
    #expect(AttentionOverDepth.gradientEnergy(9, 9) == 0.01)
  }

  @Test func depthScalesOfMeanFieldTheory() {
    // The scale over which two inputs become alike, by quadrature elsewhere.
    for (variance, scale) in [(1.0, 3.63), (1.3, 7.83), (1.5, 15.8)] {
      #expect(abs(1 / TanhMeanField.rate(variance) - scale) < 0.006 * scale)
    }
  }

  @Test func boundariesOfTrainableDepth() {
    // Halfway between 8 and 32 by the logarithm, before the first, and behind the last.
    #expect(abs(TrainableDepth.boundary([8, 32, 64], [0.9, 0.2, 0.1]) - 16) < 1e-9)
    #expect(TrainableDepth.boundary([8, 32], [0.1, 0.1]) == 4)
    #expect(TrainableDepth.boundary([8, 32], [0.9, 0.9]) == 64)
  }

  @Test func directionsAreAsLongAsTheUnitsWeights() {
    let network = Sequential(Dense(5, 4), Activation.relu, Dense(4, 3, bias: .constant(1)))
    let parameters = Parameters<Float>(of: network, key: Key(seed: 3))
    let moved = Parameters(
      layout: parameters.layout,
      vector: LossLandscape.direction(of: parameters, Key(seed: 4)))
    for entry in parameters.layout.entries {
      let (own, other) = (parameters[entry.name], moved[entry.name])
      #expect(own.shape == other.shape && own != other || entry.shape.rank == 1)
      guard entry.shape.rank == 2 else {
        #expect(other.scalars.allSatisfy { $0 == 0 })
        continue
      }
      let lengths = [own, other].map { sqrt($0.squared().sum(alongAxes: [0])).scalars }
      for (one, two) in zip(lengths[0], lengths[1]) { #expect(abs(one / two - 1) < 1e-5) }
    }
  }

  @Test func piecesOfNets() {
    // |x - ½| + |x - ¼| as four units bends twice between 0 and 1.
    let net: LinearRegions.Net = [([[1, -1, 1, -1]], [-0.5, 0.5, -0.25, 0.25])]
    #expect(LinearRegions.pieces(of: net, ends: [[0], [1]]) == 5)
    #expect(LinearRegions.pieces(of: net, ends: [[2], [3]]) == 1)
  }
}

/// Draws of layers without their matrices, next to the library's layers.
@Suite struct GaussianLayerTests {
  @Test func hasTheMomentsOfDenseLayers() {
    let inputs = [[1.0, -2, 0.5, 3], [0.5, 1, -1, 2]]
    let key = Trial(number: 0).key
    func moments(_ rows: [[Double]]) -> [Double] {
      func mean(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(a.count)
      }
      return [mean(rows[0], rows[0]), mean(rows[0], rows[1]), mean(rows[1], rows[1])]
    }
    let drawn = moments(
      GaussianLayer.values(of: inputs, units: 40_000, variance: 2, key: key["drawn"]))
    let layer = Dense(4, 40_000, bias: nil)
    let pass = Parameters<Double>(of: layer, key: key["dense"]).pass()
    let values = layer(Tensor<Double>(inputs), pass).scalars
    let dense = moments([Array(values.prefix(40_000)), Array(values.suffix(40_000))])
    // 2 ⟨x, y⟩ / 4; the deviation of a mean of 40,000 squares is 0.7 % of it.
    for (own, (other, law)) in zip(drawn, zip(dense, [7.125, 2.0, 3.125])) {
      #expect(abs(own - law) < 0.25 && abs(other - law) < 0.25, "\(own), \(other), \(law)")
    }
  }

  /// Mean energy, its square and the product of two signals behind a residual block, next to the library's block.
  @Test func residualBlocksHaveTheMomentsOfTheLibrarys() {
    let (width, count, key) = (8, 4000, Trial(number: 2).key)
    let inputs = (0..<2).map { key["input"][$0].normal(width) }
    let block = Residual(residualBranch(width: width), scale: 0.7)
    func moments(_ signals: [[Double]]) -> [Double] {
      func product(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(width)
      }
      let energy = product(signals[0], signals[0])
      return [energy, energy * energy, product(signals[0], signals[1])]
    }
    let drawn = (0..<count).map {
      moments(GaussianLayer.residualBlock($0, of: inputs, scale: 0.7, key: key["drawn"]))
    }
    let own = (0..<count).map { draw in
      let pass = Parameters<Double>(of: block, key: key["library"][draw]).pass()
      let output = block(Tensor<Double>(inputs), pass).scalars
      return moments([Array(output.prefix(width)), Array(output.suffix(width))])
    }
    for part in 0..<3 {
      let (one, two) = (
        SampleMean(of: drawn.map { $0[part] }), SampleMean(of: own.map { $0[part] })
      )
      let error = hypot(one.standardError, two.standardError)
      #expect(abs(one.mean - two.mean) < 5 * error, "moment \(part): \(one), \(two); \(key)")
    }
    let energy = inputs[0].reduce(0) { $0 + $1 * $1 } / Double(width)
    let mean = SampleMean(of: drawn.map { $0[0] })
    #expect(abs(mean.mean - 1.49 * energy) < 5 * mean.standardError)
    // A branch without its ReLU's factor is told apart.
    #expect(abs(mean.mean - 1.245 * energy) > 5 * mean.standardError)
  }

  @Test func takesInputsThatAreMultiplesOfEachOther() {
    let values = GaussianLayer.values(
      of: [[1, 2], [2, 4], [0, 0]], units: 5, variance: 1, key: Trial(number: 1).key)
    for (first, second) in zip(values[0], values[1]) { #expect(abs(2 * first - second) < 1e-12) }
    #expect(values[2].allSatisfy { $0 == 0 })
  }
}

@Suite struct ControlTests {
  /// The controls that leave half of their checks or more alone, with the number of checks that they must break. They change one arm of trained nets, and the
  /// checks of the others stay true; or checks come in pairs of bounds on either side, or are of what goes before the claim.
  private static let narrow = [
    "surrogate-gradient": 3, "edge-of-stability": 4, "trainable-depth": 2, "published-highway": 1,
    "depth-transfer": 1, "depth-movement": 2, "trained-streams": 1, "muon-width": 1,
  ]

  /// Every claim but that of range tests, whose control takes a minute: a law that is broken on purpose is rejected, and not by a single check.
  @Test(
    .enabled(if: BuildMode.isOptimized, "takes minutes without optimization"),
    arguments: studies.compactMap { $0 as? any RepeatableStudy }
      .filter {
        $0.isRepeatedUnasked && $0.controlSummary != nil && !($0 is Claim<LearningRateRules>)
      }.map(\.name))
  func brokenLawsAreRejected(study: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try ResearchProcess.run(
      [study, "--quick", "--control", "--out", "c"], in: folder)
    #expect(outcome.status == 1 && outcome.error.isEmpty)
    #expect(outcome.output.contains("The claim does not hold, as it should not: "))
    #expect(folder.text("c/report.html")?.contains("as it should not") == true)
    // "holds" is the only cell with a truth value.
    let checks = folder.lines("c/summary.csv").dropFirst()
    let broken = checks.filter { $0.contains(",false,") }
    let least = Self.narrow[study] ?? checks.count / 2 + 1
    #expect(broken.count >= least, "of \(checks.count): \(broken.joined(separator: "\n"))")
  }

  @Test func verdictsAreRepeated() throws {
    let folder = try TemporaryFolder()
    let words = [
      "repeat", "euler-limit", "dead-network", "--quick", "--seeds", "2", "--json", "r.json",
    ]
    let outcome = try ResearchProcess.run(words, in: folder)
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.output)")
    #expect(outcome.output.firstMatch(of: /euler-limit +2 +0 +rejected/) != nil)
    #expect(folder.content().keys.sorted() == ["r.json"])
    let none = try ResearchProcess.run(["repeat", "deepth"], in: folder)
    #expect(none.status == 2 && none.error.contains("there is no study \"deepth\""))
  }
}
