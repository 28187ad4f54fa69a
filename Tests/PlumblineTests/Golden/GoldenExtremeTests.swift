import Plumbline
import TestSupport
import Testing

@Suite("Extreme arguments give the value and the slope of exact arithmetic, rounded")
struct GoldenExtremeTests {
  private let cases: [GoldenOperation]

  init() throws {
    let file: GoldenOperationTests.File = try GoldenFile.load("operations.json")
    cases = file.extremes
  }

  /// How a number may differ from the exact one. The rules of the whole suite stand here:
  /// - Elementwise values to 1e-15 of the value; subnormal numbers have fewer digits.
  /// - Where one term of a sum of exponentials dominates, the rest is lost in log(1 + tiny) = 0; and the
  ///   slopes of expm1, elu, tanh and sigmoid are taken from the rounded output, as PyTorch takes them.
  ///   These tails are right to 1e-13 of one, not of themselves.
  private static func found(
    _ result: Tensor<Double>, _ expected: GoldenTensor, isTail: Bool, without: Set<Int> = []
  ) -> [String] {
    differences(
      result, expected, relative: 1e-15, absolute: isTail ? 1e-13 : 1e-307,
      without: without)
  }

  /// The positions of infinite arguments, where two things are not promised: the slopes of gelu and silu
  /// (infinity times zero), and the binary cross-entropy (infinity minus itself).
  private static func unpromised(_ item: GoldenOperation, isSlope: Bool) -> Set<Int> {
    let isUnpromised =
      isSlope
      ? ["gelu", "silu"].contains(item.operation)
      : item.operation == "binary_cross_entropy_with_logits"
    guard isUnpromised else { return [] }
    return Set(item.inputs[0].values.indices.filter { item.inputs[0].values[$0].isInfinite })
  }

  @Test("in value")
  func values() throws {
    #expect(cases.count > 60)
    let tails: Set = [
      "logsumexp", "log_softmax", "cross_entropy", "binary_cross_entropy_with_logits",
    ]
    for item in cases {
      let output = try #require(item(item.inputs.map(\.tensor)))
      let found = Self.found(
        output, item.output, isTail: tails.contains(item.operation),
        without: Self.unpromised(item, isSlope: false))
      #expect(found.isEmpty, "\(item.name): \(found.joined(separator: "; "))")
    }
  }

  @Test("in slope")
  func slopes() throws {
    let tails: Set = [
      "expm1", "elu", "tanh", "sigmoid", "cross_entropy", "binary_cross_entropy_with_logits",
    ]
    for item in cases where !item.gradients.isEmpty {
      let tape = Tape<Double>()
      let inputs = item.inputs.map { tape.variable($0.tensor) }
      let gradients = tape.gradients(of: try #require(item(inputs)).sum())
      let found = Self.found(
        gradients[inputs[0]], item.gradients[0], isTail: tails.contains(item.operation),
        without: Self.unpromised(item, isSlope: true))
      #expect(found.isEmpty, "\(item.name): \(found.joined(separator: "; "))")
    }
  }
}
