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
    #expect(abs(AngleCollapse.map(0) - 1 / .pi) < 1e-15 && AngleCollapse.map(1) == 1)
    #expect(abs(AngleCollapse.map(-1)) < 1e-15)
    let far = (0..<500).reduce(0.0) { rho, _ in AngleCollapse.map(rho) }
    #expect(abs(250_000 * (1 - far) - 42.1) < 0.1)
  }

  @Test func timesOfDeepLinearNets() {
    for (layers, time) in [(2, 0.736), (4, 0.298), (8, 0.134), (16, 0.064)] {
      #expect(abs(DeepLinear.time(layers: layers, from: 1) - time) < 0.0006)
    }
    // Saxe's form for two layers: ln (u (s - u₀) / (u₀ (s - u))) / 2s, here with s = 2 and u₀ = 0.36.
    let saxe = Foundation.log(1.9 * 1.64 / (0.36 * 0.1)) / 4
    #expect(abs(DeepLinear.time(layers: 2, from: 0.6) - saxe) < 1e-8)
  }

  @Test func energiesOfStreams() {
    #expect(NormPosition.Position.pre.law(64) == 65 && NormPosition.Position.post.law(64) == 1)
    #expect(abs(NormPosition.Position.scaled.law(64) - 5.744) < 0.001)
  }

  @Test func eigenvaluesOfSymmetricMatrices() {
    let matrix: Tensor<Double> = [[2, 1, 0], [1, 2, 0], [0, 0, -5]]
    let values = HessianConditioning.eigenvalues(matrix).sorted()
    for (value, expected) in zip(values, [-5.0, 1, 3]) { #expect(abs(value - expected) < 1e-12) }
  }

  @Test func depthScalesOfMeanFieldTheory() {
    // The scale over which two inputs become alike, by quadrature elsewhere.
    for (variance, scale) in [(1.0, 3.63), (1.3, 7.83), (1.5, 15.8)] {
      #expect(abs(1 / DepthScale.rate(variance) - scale) < 0.006 * scale)
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

  @Test func takesInputsThatAreMultiplesOfEachOther() {
    let values = GaussianLayer.values(
      of: [[1, 2], [2, 4], [0, 0]], units: 5, variance: 1, key: Trial(number: 1).key)
    for (first, second) in zip(values[0], values[1]) { #expect(abs(2 * first - second) < 1e-12) }
    #expect(values[2].allSatisfy { $0 == 0 })
  }
}

@Suite struct ControlTests {
  #if DEBUG
    private static let isOptimized = false
  #else
    private static let isOptimized = true
  #endif

  /// Every claim but that of range tests, whose control takes a minute: a law that is broken on purpose is rejected.
  @Test(
    .enabled(if: isOptimized, "takes minutes without optimization"),
    arguments: [
      "second-moment", "jacobian-spread", "path-lengths", "fluctuations", "born-dead",
      "angle-collapse", "kept-length", "norm-position", "euler-limit", "residual-tanh",
      "tangent-kernel", "hessian-conditioning", "shaped-plain", "linear-regions", "dead-network",
      "deep-linear", "shattered-gradients", "depth-scale", "stream-mixing", "lesion",
      "edge-of-stability", "stochastic-depth", "trainable-depth", "loss-landscape",
      "published-highway", "block-length", "rezero-table", "dying-lottery", "thousand-layers",
    ])
  func brokenLawsAreRejected(study: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try ResearchProcess.run(
      [study, "--quick", "--control", "--out", "c"], in: folder)
    #expect(outcome.status == 1 && outcome.error.isEmpty)
    #expect(outcome.output.contains("The claim does not hold, as it should not: "))
    #expect(folder.text("c/report.html")?.contains("as it should not") == true)
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
