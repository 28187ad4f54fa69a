import Testing

@testable import Verification

@Suite("What names of arrays say")
struct ArrayNameTests {
  private func read(_ name: String, among names: [String] = []) -> ArrayName {
    ArrayName(name, among: Set((names + [name]).map(ArrayName.words)))
  }

  @Test(
    "of gradients",
    arguments: [
      ("dW1", "W1"), ("l1_dw", "l1_w"), ("L1.dW", "L1.W"), ("dLdb1", "b1"), ("dLdW2", "W2"),
      ("grads.db1", "b1"), ("grads.dW1", "W1"), ("weights1_derivative", "weights1"), ("dZh", "zh"),
      ("dao", "ao"), ("dC_dw3", "w3"), ("fc1.bias.grad", "fc1.bias"), ("nabla_b_0", "b_0"),
    ])
  func gradients(gradient: String, parameter: String) {
    let (own, other) = (read(gradient), read(parameter))
    #expect(own.isGradient && !other.isGradient)
    #expect(own.role == other.role && own.role != nil)
    #expect(own.key.sorted() == other.key.sorted(), "\(own.key) \(other.key)")
  }

  @Test("of values that are none, and of what is wanted and what came out")
  func values() {
    // The derivative of a layer may be that of its function.
    #expect(!read("hidden_derivative").isGradient)
    // The gradient of layer 1, unless it has a gradient of its own.
    #expect(read("g1").isGradient && !read("g1", among: ["grad_g1"]).isGradient)
    #expect(read("expected_output").role == .target)
    #expect(read("target_output").role == .target)
    #expect(read("predicted_output").role == .activation)
    #expect(read("y_pred").role == .activation)
    // Of which sign an error is, and whether of A or of Z, no name tells.
    #expect(read("layer1_error").role == .error)
    #expect(read("zh").role == .preactivation && read("ao").role == .activation)
  }
}
