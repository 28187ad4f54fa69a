import Datasets
import Foundation
import Plumbline
import Testing

@Suite("Normalization")
struct NormalizationTests {
  private func make(_ features: [Float], width: Int) throws -> LabelledSet {
    try LabelledSet(
      name: "numbers", features: features, exampleShape: [width],
      labels: [Int](repeating: 0, count: features.count / width), classCount: 1,
      provenance: "made here")
  }

  @Test("known statistics")
  func knownValues() throws {
    let data = try make([1, 10, 3, 10, 5, 40], width: 2)
    let global = try Normalization(fitting: data, scope: .global)
    #expect(global.mean == [11.5])
    // Squares of the deviations: 110.25, 2.25, 72.25, 2.25, 42.25, 812.25.
    #expect(abs(global.standardDeviation[0] - (1041.5 / 6).squareRoot()) < 1e-12)
    let separate = try Normalization(fitting: data, scope: .perFeature)
    #expect(separate.mean == [3, 20])
    #expect(abs(separate.standardDeviation[0] - (8.0 / 3).squareRoot()) < 1e-14)
    #expect(abs(separate.standardDeviation[1] - 200.0.squareRoot()) < 1e-13)
    #expect(try separate.applied(to: data).floats()[0] == Float(-2 / (8.0 / 3).squareRoot()))
  }

  @Test("normalized training data have mean 0 and standard deviation 1", arguments: 0..<6)
  func standardized(seed: Int) throws {
    let key = Key(seed: seed)
    let (count, width) = (50 + key.integer(at: 0, below: 50), 1 + key.integer(at: 1, below: 9))
    let offset = key["offset"].uniform(width, from: -100, to: 100)
    let features = (0..<count * width).map { position in
      let column = position % width
      return Float(offset[column] + key["noise"].uniform(at: position) * Double(column + 1))
    }
    let data = try make(features, width: width)
    for scope in [Normalization.Scope.global, .perFeature] {
      let normalization = try Normalization(fitting: data, scope: scope)
      let again = try Normalization(fitting: normalization.applied(to: data), scope: scope)
      // Each value is rounded to Float, half a unit in 2²⁴ of values of a few units at most.
      for mean in again.mean { #expect(abs(mean) < 1e-6, "seed \(seed)") }
      for deviation in again.standardDeviation {
        #expect(abs(deviation - 1) < 1e-6, "seed \(seed)")
      }
    }
  }

  @Test(
    "a constant becomes 0, whatever its value", arguments: [Float(0), 0.1, -7.3, 1e30, 0x1p-140])
  func constants(value: Float) throws {
    // Added up in Float, 0.1 would not give a mean of 0.1, and the rounding would become a feature.
    let features = (0..<1001).flatMap { [value, Float($0)] }
    let data = try make(features, width: 2)
    let separate = try Normalization(fitting: data, scope: .perFeature)
    #expect(separate.mean[0] == Double(value))
    #expect(separate.standardDeviation[0] == 1)
    let result = try separate.applied(to: data).floats()
    #expect(stride(from: 0, to: result.count, by: 2).allSatisfy { result[$0] == 0 })
    let constant = try make([Float](repeating: value, count: 999), width: 3)
    let global = try Normalization(fitting: constant, scope: .global)
    #expect(global.standardDeviation == [1])
    #expect(try global.applied(to: constant).floats().allSatisfy { $0 == 0 })
  }

  @Test("values whose squares do not fit a Double have a deviation", arguments: [1e160, 1e-200])
  func extremes(unit: Double) {
    let features = Tensor<Double>([4, 2], [unit, 1, -unit, 2, 3 * unit, 3, unit, 4])
    let normalization = Normalization(fitting: features, scope: .perFeature)
    let expected = unit * 2.0.squareRoot()
    #expect(abs(normalization.standardDeviation[0] / expected - 1) < 1e-14)
    let result = normalization.applied(to: features).scalars
    #expect(abs(result[4] - 2.0.squareRoot()) < 1e-14)
  }

  @Test("other data get the training data's statistics, not their own")
  func otherData() throws {
    let training = try make([0, 2], width: 1)
    let test = try make([5, 1], width: 1)
    let normalization = try Normalization(fitting: training, scope: .perFeature)
    let result = try normalization.applied(to: test)
    #expect(result.floats() == [4, 0])
    #expect(result.labels == test.labels)
    #expect(result.provenance == "made here; normalized (per_feature)")
  }

  @Test("what cannot be normalized")
  func unusable() throws {
    expectError(.inconsistent) {
      try Normalization(fitting: make([], width: 2), scope: .global)
    }
    let narrow = try Normalization(fitting: make([1, 2], width: 1), scope: .perFeature)
    expectError(.inconsistent, naming: ["2 features", "fitted on 1"]) {
      try narrow.applied(to: make([1, 2], width: 2))
    }
    let steep = try Normalization(fitting: make([0, 0x1p-140], width: 1), scope: .global)
    expectError(.outOfRange, naming: ["inf"]) { try steep.applied(to: make([1e30], width: 1)) }
  }

  @Test("it survives JSON, and damaged JSON is refused")
  func coding() throws {
    for scope in [Normalization.Scope.global, .perFeature] {
      let original = try Normalization(fitting: make([0.1, 3, 5, 0.2], width: 2), scope: scope)
      let json = try JSONEncoder().encode(original)
      #expect(try JSONDecoder().decode(Normalization.self, from: json) == original)
    }
    for json in [
      #"{"scope":"global","mean":[1,2],"standard_deviation":[1,1]}"#,
      #"{"scope":"global","mean":[],"standard_deviation":[]}"#,
      #"{"scope":"per_feature","mean":[1,2],"standard_deviation":[1]}"#,
      #"{"scope":"per_feature","mean":[1],"standard_deviation":[0]}"#,
      #"{"scope":"per_feature","mean":[1],"standard_deviation":[-1]}"#,
      #"{"scope":"other","mean":[1],"standard_deviation":[1]}"#,
    ] {
      #expect(throws: DecodingError.self, "\(json)") {
        try JSONDecoder().decode(Normalization.self, from: Data(json.utf8))
      }
    }
  }
}
