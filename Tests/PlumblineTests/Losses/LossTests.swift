import Plumbline
import Testing

@Suite("Losses")
struct LossTests {
  @Test("of large logits keep the digits of their difference, in Float too")
  func largeLogits() {
    let key = Key(seed: 6)
    let logits = key["logits"].tensor([8, 5])
    let labels = (0..<8).map { key["label"][$0].integer(in: 0...4) }
    // A common shift changes no loss. It is chosen so that the shifted logits are exact.
    let rounded = Tensor<Double>(logits.shape, logits.scalars.map { ($0 * 16).rounded() / 16 })
    let exact = softmaxCrossEntropy(rounded, labels: Tensor(classes: labels)).scalar
    for shift in [0, 1000, 100_000, 1e6] {
      let loss = softmaxCrossEntropy(rounded + shift, labels: Tensor(classes: labels)).scalar
      #expect(abs(loss - exact) <= 1e-14 * exact, "shift \(shift)")
    }
    for shift in [0, 1000, 100_000, -65_536.0] {
      let single = Tensor<Float>(converting: rounded + shift)
      let loss = softmaxCrossEntropy(single, labels: Tensor(classes: labels)).scalar
      #expect(abs(Double(loss) - exact) <= 4e-7 * exact, "shift \(shift)")
    }
  }

  private func abs(_ x: Double) -> Double { Swift.abs(x) }
}
