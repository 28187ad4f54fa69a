import Testing

@testable import Verification

@Suite("The causes that an audit names")
struct KnownCauseTests {
  /// The ids that scripts depend on.
  private static let promised: Set<String> = [
    "sign-flipped", "missing-batch-average", "extra-batch-average", "missing-activation-derivative",
    "derivative-of-wrong-activation", "derivative-taken-at-activation",
    "output-derivative-missing", "transposed", "missing-regularization", "extra-regularization",
    "regularized-bias", "bias-not-summed", "bias-averaged-twice", "wrong-layer-input",
    "weights-not-transposed", "skip-gradient-dropped", "skip-gradient-counted-twice",
    "mask-missing", "dropout-scale-missing", "constant-factor", "zero-gradient", "stale",
    "non-finite", "unknown", "inherited", "bias-summed-over-wrong-axis",
    "bias-from-wrong-quantity", "activation-as-derivative", "gradient-of-another-loss",
    "diagonal-jacobian", "labels-broadcast", "error-not-carried-through-weights",
    "summed-before-product", "rows-assigned-not-added", "updated-weights",
    "statistics-held-constant", "time-steps-missing",
  ]

  @Test("are in one list, each once, with every id that is promised")
  func ids() {
    let listed = knownCauses.map { $0.id.rawValue }
    #expect(Set(listed).count == listed.count)
    #expect(Self.promised.subtracting(listed).isEmpty)
    // What is listed besides has to be promised too.
    let others: Set<String> = [
      "extra-activation-derivative", "normalization-scale-missing", "examples-missing",
      "examples-not-summed", "path-missing", "factor-missing", "changed-afterwards",
    ]
    #expect(Set(listed).subtracting(Self.promised) == others)
  }
}
