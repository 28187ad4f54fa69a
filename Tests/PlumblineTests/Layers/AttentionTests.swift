import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Attention")
struct AttentionTests {
  @Test("is what the formula says, step by step and head by head", arguments: [false, true])
  func formula(isCausal: Bool) {
    let (examples, steps, width, heads) = (2, 4, 6, 2)
    let layer = Attention(width, heads: heads, isCausal: isCausal)
    var parameters = Parameters<Double>(of: layer, key: Key(seed: 1))
    parameters["inputBias"] = Tensor([3 * width], Key(seed: 3).normal(3 * width))
    let x = Tensor<Double>([examples, steps, width], Key(seed: 2).normal(examples * steps * width))
    let output = layer(x, parameters.pass()).scalars
    let (w, b) = (parameters["inputWeight"].scalars, parameters["inputBias"].scalars)
    let (u, c) = (parameters["outputWeight"].scalars, parameters["outputBias"].scalars)
    let values = x.scalars
    /// q, k or v of a step.
    func projected(_ example: Int, _ step: Int, _ part: Int) -> [Double] {
      (0..<width).map { column in
        (0..<width).reduce(b[part * width + column]) {
          $0 + values[(example * steps + step) * width + $1]
            * w[$1 * 3 * width + part * width + column]
        }
      }
    }
    let size = width / heads
    for example in 0..<examples {
      for step in 0..<steps {
        var mixed = [Double](repeating: 0, count: width)
        for head in 0..<heads {
          let own = head * size..<(head + 1) * size
          let q = projected(example, step, 0)[own]
          let seen = isCausal ? 0...step : 0...steps - 1
          let weights = seen.map { other in
            let k = projected(example, other, 1)[own]
            return Foundation.exp(
              zip(q, k).reduce(0) { $0 + $1.0 * $1.1 } / Double(size).squareRoot())
          }
          let total = weights.reduce(0, +)
          for (other, weight) in zip(seen, weights) {
            for (index, v) in zip(own, projected(example, other, 2)[own]) {
              mixed[index] += weight / total * v
            }
          }
        }
        for column in 0..<width {
          let expected = (0..<width).reduce(c[column]) { $0 + mixed[$1] * u[$1 * width + column] }
          let found = output[(example * steps + step) * width + column]
          #expect(Swift.abs(found - expected) < 1e-12)
        }
      }
    }
  }

  /// A step on a sequence: the loss, the gradient, and the bytes that a replay holds.
  private static func step(
    _ layer: Attention, steps: Int, key: Key = Key(seed: 4)
  ) -> (loss: Double, gradient: Tensor<Double>, bytes: Int) {
    let width = layer.outputWeight.shape[0]
    var step = TrainingStep<Double>(of: layer) { pass, inputs in
      (layer(inputs[0], pass) * inputs[1]).sum()
    }
    let parameters = Parameters<Double>(of: layer, key: Key(seed: 1))
    func random(_ name: String) -> Tensor<Double> {
      Tensor([2, steps, width], key[name].normal(2 * steps * width))
    }
    let loss = step.loss(at: parameters, inputs: [random("x"), random("y")], key: key["pass"])
    return (loss, step.gradient.vector, step.arenaBytes)
  }

  @Test("by blocks is the same up to rounding", arguments: [false, true], [1, 3, 8, 100])
  func blocks(isCausal: Bool, block: Int) {
    let whole = Self.step(Attention(6, heads: 2, isCausal: isCausal), steps: 17)
    let parts = Self.step(
      Attention(6, heads: 2, isCausal: isCausal, queryBlock: block), steps: 17)
    #expect(Swift.abs(whole.loss - parts.loss) < 1e-11)
    #expect(abs(whole.gradient - parts.gradient).max().scalar < 1e-11)
  }

  @Test("by blocks takes memory in proportion to the steps", arguments: [false, true])
  func memory(isCausal: Bool) {
    func bytes(_ steps: Int, _ block: Int?) -> Double {
      Double(
        Self.step(Attention(8, heads: 2, isCausal: isCausal, queryBlock: block), steps: steps).bytes
      )
    }
    // Twice the steps: four times the weights, or twice those of a block.
    #expect(bytes(512, nil) / bytes(256, nil) > 3.2)
    #expect(bytes(512, 16) / bytes(256, 16) < 2.4)
    #expect(bytes(512, 16) < 0.2 * bytes(512, nil))
  }

  @Test("drops weights in training only, others in every step and block")
  func dropout() {
    let dropping = Attention(8, heads: 2, dropout: 0.5)
    let x = Tensor<Double>([3, 12, 8], Key(seed: 2).normal(3 * 12 * 8))
    let parameters = Parameters<Double>(of: dropping, key: Key(seed: 1))
    func output(_ layer: Attention, _ mode: Mode, _ seed: Int) -> Tensor<Double> {
      let own = Parameters<Double>(
        layout: ParameterLayout(of: layer), vector: parameters.vector)
      return layer(x, own.pass(mode: mode, key: Key(seed: seed)))
    }
    let plain = output(Attention(8, heads: 2), .training, 1)
    #expect(output(dropping, .inference, 1) == plain)
    #expect(output(dropping, .training, 1) == output(dropping, .training, 1))
    #expect(output(dropping, .training, 1) != output(dropping, .training, 2))
    // The mean over masks is the layer without them; so it is by blocks.
    for block in [nil, 4] as [Int?] {
      let layer = Attention(8, heads: 2, dropout: 0.5, queryBlock: block)
      let count = 2000
      let sum = (0..<count).reduce(Tensor<Double>.zeros(x.shape)) {
        $0 + output(layer, .training, $1)
      }
      let difference = sum / Double(count) - plain
      #expect(
        difference.squared().mean().scalar < 1e-3 * plain.squared().mean().scalar,
        "blocks of \(block ?? 0)")
    }
  }
}
