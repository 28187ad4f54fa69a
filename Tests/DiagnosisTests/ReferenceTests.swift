import Datasets
import Foundation
import Plumbline
import Testing
import Training

@testable import Diagnosis

@Suite struct ReferenceTests {
  /// Examples with targets by a rule of the features.
  private func examples(
    _ count: Int, _ width: Int, _ features: [Double], _ target: ([Double]) -> Double
  ) -> Examples<Float> {
    let targets = (0..<count).map { target(Array(features[$0 * width..<($0 + 1) * width])) }
    return Examples(
      features: Tensor([count, width], nearestTo: features),
      targets: Tensor([count, 1], nearestTo: targets))
  }

  private func fit(_ examples: Examples<Float>, limit: Int = 192) throws -> FitReference {
    try #require(
      FitReference(
        of: examples, loss: .meanSquaredError, limits: .init(fit: limit, single: 1024),
        fitsAffine: true, key: Key(seed: 3)))
  }

  @Test(arguments: [1, 2, 3]) func affineFunctionIsLearned(seed: Int) throws {
    let key = Key(seed: seed)
    let reference = try fit(
      examples(200, 5, key["x"].normal(1000)) { 2 * $0[0] - $0[3] + 1 })
    #expect(reference.linear < 0.01 && reference.seesRelation)
    #expect(try #require(reference.linearTraining) < 1e-3)
  }

  @Test(arguments: [1, 2, 3]) func smoothFunctionIsLearnedByTheWideNetworkAlone(seed: Int) throws {
    let key = Key(seed: seed)
    let reference = try fit(examples(400, 2, key["x"].normal(800)) { $0[0] * $0[1] }, limit: 400)
    #expect(reference.wideNetwork < 0.3 && reference.linear > 0.8 && reference.seesRelation)
  }

  @Test func targetsByChanceShowNoRelation() throws {
    var seen = 0
    for seed in 1...20 {
      let key = Key(seed: seed)
      let noise = key["y"].normal(300)
      var next = 0
      let reference = try fit(
        examples(300, 4, key["x"].normal(1200)) { _ in
          next += 1
          return noise[next - 1]
        })
      if reference.seesRelation { seen += 1 }
    }
    #expect(seen == 0)
  }

  @Test func parityIsSeenInProductsOfBits() throws {
    let bits = Key(seed: 5)["bits"].uniform(600 * 6).map { $0 < 0.5 ? -1.0 : 1 }
    let reference = try fit(examples(600, 6, bits) { $0[0] * $0[2] * $0[5] })
    #expect(reference.seesRelation && reference.relations[0].test == "a product of bits")
    #expect(reference.product == .init(features: [0, 2, 5], share: reference.best))
    #expect(reference.best < 1e-6)
  }

  @Test("a closer look takes as many examples as a tenth of a second allows")
  func thoroughLimits() {
    let few = FitReference.Limits(fit: 192, single: 1024)
    let (narrow, wide) = (few.thorough(features: 20), few.thorough(features: 3072))
    #expect(narrow.fit == 2048 && narrow.single == 1_000_000 && narrow.arePairsCompared)
    #expect(wide.fit == 806 && wide.single == 6510)
  }

  @Test("a product of two features that answers depend on alone", arguments: [1, 2, 3])
  func pairs(seed: Int) throws {
    let key = Key(seed: seed)
    for target in [{ $0[3] * $0[7] > 0 ? 1.0 : -1 }, { 0.4 * $0[3] * $0[7] + $0[0] * 0.1 }]
      as [([Double]) -> Double]
    {
      let data = examples(2000, 20, key["x"].normal(40_000), target)
      let limits = FitReference.Limits(fit: 192, single: 2000, arePairsCompared: true)
      let reference = try #require(
        FitReference(
          of: data, loss: .meanSquaredError, limits: limits, fitsAffine: false, key: Key(seed: 3)))
      let product = try #require(reference.product)
      #expect(product.features == [3, 7] && reference.seesRelation, "seed \(seed)")
      #expect(product.share < 0.7 && reference.best <= product.share)
    }
  }

  @Test("a correlation as large as what is said to be visible is seen, in most draws")
  func visibleCorrelation() throws {
    let (count, width) = (4000, 10)
    var seen = 0
    for seed in 1...20 {
      let key = Key(seed: seed)
      let noise = key["y"].normal(count)
      var next = -1
      // The threshold for these numbers, and a relation at twice that.
      let visible =
        (1.5 + FeatureComparison.expectedMaximum(of: width)) / Double(count).squareRoot()
      let data = examples(count, width, key["x"].normal(count * width)) { features in
        next += 1
        return 2 * visible * features[0] + noise[next]
      }
      let reference = try fit(data)
      let stated = try #require(reference.visibleCorrelation)
      // 1,024 of the examples were compared one feature at a time.
      #expect(abs(stated - 2 * visible * (Double(count) / 4096).squareRoot()) < 1e-9)
      let thorough = try #require(
        FitReference(
          of: data, loss: .meanSquaredError,
          limits: FitReference.Limits(fit: 192, single: count),
          fitsAffine: false, key: Key(seed: 3)))
      #expect(abs(try #require(thorough.visibleCorrelation) - visible) < 1e-9)
      if !thorough.seesNothing { seen += 1 }
    }
    #expect(seen >= 19)
  }
}
