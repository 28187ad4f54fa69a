import Experiments
import Plumbline
import Testing

@testable import research

@Suite("Every residual stream holds the branches of a transformer")
struct TransformerTests {
  private static func network(_ arm: Arm, depth: Int) throws -> any Layer {
    try arm.network(GridPoint(inputs: 5, width: 8, classes: 3, depth: depth))
  }

  @Test("with the same matrices", arguments: transformer.arms)
  func matrices(arm: Arm) throws {
    func weights(_ layer: any Layer) -> Int {
      ParameterLayout(of: layer).entries.filter { $0.name.lowercased().hasSuffix("weight") }
        .reduce(0) { $0 + $1.shape.elementCount }
    }
    let reference = try #require(transformer.arms.first { $0.rawValue == transformer.reference })
    #expect(
      try weights(Self.network(arm, depth: 2)) == weights(Self.network(reference, depth: 2)))
  }

  @Test("and carries a gradient to the first layer", arguments: transformer.arms)
  func gradient(arm: Arm) throws {
    func check(_ network: some Layer) {
      let parameters = Parameters<Double>(of: network, key: Key(seed: 3))
      let steps = Tensor<Double>([2, 5], (0..<10).map { Double(($0 * 7) % 3) })
      let (loss, gradient) = parameters.valueWithGradient { pass in
        softmaxCrossEntropy(
          network(pass.constant(steps), pass),
          labels: pass.constant(Tensor<Double>(classes: [0, 2])))
      }
      #expect(loss.isFinite && gradient.vector.isFinite)
      #expect(gradient["embedding.table"].squared().sum().scalar > 0)
    }
    check(try Self.network(arm, depth: 6))
  }
}
