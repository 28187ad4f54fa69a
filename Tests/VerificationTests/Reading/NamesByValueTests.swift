import Plumbline
import TestSupport
import Testing

@testable import Verification

@Suite("Names that values tell")
struct NamesByValueTests {
  /// Letters of several alphabets, none of which anybody calls weights.
  private static let alphabet = Array("qkvwxjzfµλßøжщ")

  /// The arrays under names that say nothing; those of gradients differ from those of what they are the gradients of by a mark.
  private func disguised(
    _ arrays: [String: Tensor<Double>], _ key: Key
  ) -> [String: Tensor<Double>] {
    let mark = ["∂", "_abl", "pente_", "'"][key["mark"].uniform(1).map { Int($0 * 4) }[0]]
    var names: [String: String] = [:]
    for name in arrays.keys.sorted() where !name.hasPrefix("d") {
      let numbers = key[name].uniform(4).map { Int($0 * Double(Self.alphabet.count)) }
      names[name] = String(numbers.map { Self.alphabet[$0] }) + "\(names.count)"
    }
    return Dictionary(
      uniqueKeysWithValues: arrays.map { name, value in
        guard name.hasPrefix("d") else { return (names[name]!, value) }
        let own = names[String(name.dropFirst())]!
        return (mark.hasPrefix("_") || mark == "'" ? own + mark : mark + own, value)
      })
  }

  private func report(_ arrays: [String: Tensor<Double>]) throws -> AuditReport {
    try Audit.report(on: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 1e-5))
  }

  /// A step of a random network with all of its values.
  private func step(_ key: Key) -> (arrays: [String: Tensor<Double>], layers: Int) {
    let numbers = key["shape"].uniform(8)
    let layers = 1 + Int(numbers[0] * 3)
    let widths = (0...layers).map { 2 + Int(numbers[$0 + 1] * 6) }
    let functions: [Nonlinearity] = [
      .elementwise(.tanh), .elementwise(.relu), .elementwise(.sigmoid), .leaky(slope: 0.15),
    ]
    let examples = 9 + Int(numbers[6] * 6)
    let targets = Tensor<Double>(
      [examples, widths[layers]], key["targets"].normal(examples * widths[layers]))
    let step = DenseStep(
      widths, Array(repeating: functions[Int(numbers[7] * 4)], count: layers - 1) + [.linear],
      ProgramLoss(kind: .squaredError, scale: 1 / Double(examples)), targets: targets,
      seed: key["step"].uniform(1).map { Int($0 * 1000) }[0])
    var arrays = step.arrays
    arrays["cost"] = Tensor(step.cost)
    for layer in 0..<layers {
      arrays["A\(layer + 1)"] = step.truth.a[layer]
      if numbers[5] < 0.5 { arrays["Z\(layer + 1)"] = step.truth.z[layer] }
    }
    return (arrays, layers)
  }

  @Test("are found in files whose names say nothing, for right and for wrong gradients")
  func namesThatSayNothing() throws {
    let seed = TestSeed.value
    for index in 0..<12 {
      let key = Key(seed: seed)["\(index)"]
      let (arrays, layers) = step(key)
      guard let right = try? report(disguised(arrays, key)) else {
        Issue.record("seed \(seed), network \(index)")
        continue
      }
      #expect(right.verdict == .pass, "seed \(seed), network \(index): \(right.paragraph)")
      #expect(
        right.reading.names.values.contains("W\(layers)"),
        "seed \(seed), network \(index): \(right.paragraph)")
      var wrong = arrays
      wrong["dW1"] = arrays["dW1"]! * 3
      let found = try report(disguised(wrong, key)).firstDivergence
      #expect(found?.quantity == Quantity(.weightGradient, 1), "seed \(seed), network \(index)")
      #expect(found?.cause?.id == .constantFactor)
    }
  }

  @Test("of gradients differ by a mark from those of their parameters")
  func marks() throws {
    func mark(_ names: [String]) -> [String: String] {
      let arrays = names.enumerated().map { index, name in
        SavedArray(
          name: name,
          value: Tensor([2, 3], Key(seed: index).normal(6)))
      }
      return GradientMark(arrays)?.gradients ?? [:]
    }
    #expect(mark(["poids1", "poids2", "gpoids1", "gpoids2"])["poids2"] == "gpoids2")
    #expect(mark(["A", "a", "dA", "da"]) == ["A": "dA", "a": "da"])
    #expect(mark(["nn_W_1", "nn_W_2", "nn_dW_1", "nn_dW_2"])["nn_W_2"] == "nn_dW_2")
    #expect(mark(["Ω1", "∂Ω1"]) == ["Ω1": "∂Ω1"])
    // Numbers alone count, and tell no gradient.
    #expect(mark(["w", "w1", "w12"]).isEmpty)
  }

  @Test("are not taken where neither the cost nor a gradient confirms them")
  func unconfirmed() throws {
    let key = Key(seed: 3)
    var (arrays, _) = step(key)
    arrays["cost"] = Tensor(1234.5)
    let disguised = disguised(arrays, key)
    let verdict = try? report(disguised).verdict
    #expect(verdict == nil || verdict == .undecided)
  }
}
