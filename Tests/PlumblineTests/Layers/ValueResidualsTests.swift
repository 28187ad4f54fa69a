import Findings
import Plumbline
import TestSupport
import Testing

@Suite("Value residuals")
struct ValueResidualsTests {
  private static let width = 4

  /// Three blocks, one of them without attention, and the same layers one after another.
  private static func layers() -> (shared: ValueResiduals, plain: Sequential, x: Tensor<Double>) {
    let blocks: [any Layer] = [
      Residual(Sequential([Attention(width, heads: 2)])), Residual(Dense(width, width)),
      NormalizedResidual(Attention(width, heads: 2, isCausal: true), .pre) { LayerNorm(width) },
    ]
    return (
      ValueResiduals(blocks), Sequential(blocks),
      Tensor([2, 3, width], Key(seed: 5).normal(2 * 3 * width))
    )
  }

  @Test("are the blocks alone where the first values have no share")
  func withoutShare() {
    let (shared, plain, x) = Self.layers()
    var parameters = Parameters<Double>(of: shared, key: Key(seed: 1))
    #expect(parameters.names.filter { $0.hasPrefix("shares") } == ["shares.0"])
    #expect(parameters["shares.0"] == Tensor([2], [0.5, 0.5]))
    parameters["shares.0"] = Tensor([2], [0, 1])
    var own = Parameters<Double>(of: plain, key: Key(seed: 1))
    // The same values, in whatever order the two layouts have them.
    for name in own.names { own[name] = parameters["blocks." + name] }
    #expect(
      shared(x, parameters.pass()).isClose(to: plain(x, own.pass()), absoluteTolerance: 1e-13))
    parameters["shares.0"] = Tensor([2], [0.5, 0.5])
    #expect(
      !shared(x, parameters.pass()).isClose(to: plain(x, own.pass()), absoluteTolerance: 1e-3))
  }

  @Test("add the first layer's values, weighted by the later layer's attention")
  func formula() {
    let attention = [Attention(Self.width, heads: 1), Attention(Self.width, heads: 1)]
    let layer = ValueResiduals(attention)
    let (_, _, x) = Self.layers()
    var parameters = Parameters<Double>(of: layer, key: Key(seed: 2))
    parameters["shares.0"] = Tensor([2], [0.7, -0.4])
    func part(_ input: Tensor<Double>, _ block: Int, _ index: Int) -> Tensor<Double> {
      matmul(input, parameters["blocks.\(block).inputWeight"])
        .sliced(axis: -1, index * Self.width..<(index + 1) * Self.width)
    }
    func attended(_ input: Tensor<Double>, _ block: Int, _ values: Tensor<Double>) -> Tensor<Double>
    {
      let scores = matmul(part(input, block, 0), part(input, block, 1), transposingSecond: true)
      return matmul(
        matmul(softmax(scores / Tensor(Double(Self.width).squareRoot())), values),
        parameters["blocks.\(block).outputWeight"])
    }
    let first = part(x, 0, 2)
    let between = attended(x, 0, first)
    let expected = attended(between, 1, first * 0.7 - part(between, 1, 2) * 0.4)
    #expect(layer(x, parameters.pass()).isClose(to: expected, absoluteTolerance: 1e-12))
  }

  @Test("are not computed again for the gradient")
  func checkpoints() throws {
    let attention = LayerDescription(.attention(heads: 2))
    var builder = LayerBuilder(input: [3, 4])
    var form = ValueResidualsForm.valueResiduals(
      blocks: [[attention], [LayerDescription(.sequence([attention], checkpointInterval: 1))]])
    let problem = #expect(throws: Problem.self) { try form.build(&builder) }
    #expect(problem?.remedy.contains("checkpoint_interval") == true)
    form.blocks = [[attention], [LayerDescription(.attention(heads: 4))]]
    let heads = #expect(throws: Problem.self) { try form.build(&builder) }
    #expect(heads?.remedy == "give every attention 2 heads")
  }

  @Test("have the same gradient where a later block is computed again")
  func recomputation() {
    let (first, later) = (Attention(Self.width, heads: 2), Attention(Self.width, heads: 2))
    func gradient(_ interval: Int?) -> Tensor<Double> {
      let layer = ValueResiduals([first, Sequential([later], checkpointInterval: interval)])
      let (_, _, x) = Self.layers()
      return Parameters<Double>(of: layer, key: Key(seed: 1)).valueWithGradient { pass in
        layer(pass.constant(x), pass).squared().sum()
      }.gradient.vector
    }
    #expect(gradient(nil) == gradient(1))
  }
}
