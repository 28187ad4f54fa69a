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
}
