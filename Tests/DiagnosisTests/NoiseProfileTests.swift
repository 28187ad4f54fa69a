import Plumbline
import Testing
import Training

@testable import Diagnosis

/// Labels of two classes that were turned round, and classes that overlap.
@Suite struct NoiseProfileTests {
  private func profile(
    seed: Int, count: Int = 500, _ label: ([Double], _ draw: Double) -> Bool
  ) throws -> NoiseProfile {
    let width = 4
    let values = Key(seed: seed)["features"].normal(count * width)
    let draws = Key(seed: seed)["draws"].uniform(count)
    let targets = (0..<count).map { row -> Float in
      label(Array(values[row * width..<(row + 1) * width]), draws[row]) ? 1 : 0
    }
    let examples = Examples<Float>(
      features: Tensor([count, width], nearestTo: values), targets: Tensor([count, 1], targets))
    return try #require(
      NoiseProfile(of: examples, loss: .binaryCrossEntropy, limit: 512, key: Key(seed: 1)))
  }

  @Test(
    "mistakes are as frequent everywhere where labels were turned round, and rare away from the border where classes overlap"
  )
  func certainty() throws {
    func mean(_ label: @escaping ([Double], _ draw: Double) -> Bool) throws -> Double {
      let ratios = try (1...3).map { seed in
        let profile = try profile(seed: seed, label)
        #expect((0.1...0.4).contains(profile.error), "\(profile)")
        return profile.halfRatio
      }
      return ratios.reduce(0, +) / 3
    }
    let turned = try mean { x, draw in (x[0] > 0.4 * x[1]) != (draw < 0.28) }
    #expect(turned > 0.8, "\(turned)")
    for slope in [1.5, 2.5] {
      let hard = try mean { x, draw in
        draw < 1 / (1 + exp(Tensor<Double>(-slope * (x[0] - x[2] / 2))).scalar)
      }
      #expect(hard < 0.7, "slope \(slope): \(hard)")
    }
  }

  @Test("classes that hardly differ are not taken for noise, and labels that were turned round are")
  func weakClasses() throws {
    for seed in 1...3 {
      let weak = try profile(seed: seed) { x, draw in
        draw < 1 / (1 + exp(Tensor<Double>(-0.7 * (x[0] - x[2] / 2))).scalar)
      }
      #expect(weak.error > 0.3 && !weak.isFlat(own: 0.75), "\(weak)")
      let turned = try profile(seed: seed) { x, draw in (x[0] > 0.4 * x[1]) != (draw < 0.28) }
      #expect(turned.isFlat(own: 0.9), "\(turned)")
    }
  }

  @Test("a feature of a few values has chances of its own")
  func steps() throws {
    let width = 3
    let values = Key(seed: 5)["features"].normal(400 * width)
    let draws = Key(seed: 5)["draws"].uniform(400)
    var features = values
    for row in 0..<400 { features[row * width] = values[row * width] > 0 ? 1 : 0 }
    let targets = (0..<400).map { row -> Float in
      draws[row] < (features[row * width] > 0 ? 0.75 : 0.25) ? 1 : 0
    }
    let examples = Examples<Float>(
      features: Tensor([400, width], nearestTo: features), targets: Tensor([400, 1], targets))
    let profile = try #require(
      NoiseProfile(of: examples, loss: .binaryCrossEntropy, limit: 400, key: Key(seed: 1)))
    #expect(profile.hasSteps && !profile.isFlat(own: 1))
  }
}
