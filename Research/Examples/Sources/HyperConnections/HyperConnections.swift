import Experiments
import Plumbline

/// Blocks of two layers on two streams: each reads a mixture of both, mixes them, and adds its output to each, all with trained
/// factors. At the start a block reads one of the streams in turn, and does not mix them.
struct HyperConnections: Layer {
  let first: [Dense], second: [Dense], read: [[Parameter]], mix: [[Parameter]], write: [[Parameter]]

  init(_ point: GridPoint) {
    let (blocks, scale) = (0..<point.depth / 2, (2 / Double(point.depth)).squareRoot())
    func factors(_ values: Double...) -> [Parameter] { values.map { Parameter([], .constant($0)) } }
    first = blocks.map { _ in Dense(point.width, point.width) }
    second = blocks.map { _ in Dense(point.width, point.width) }
    read = blocks.map { factors($0 % 2 == 0 ? 1 : 0, $0 % 2 == 0 ? 0 : 1) }
    mix = blocks.map { _ in factors(1, 0, 0, 1) }
    write = blocks.map { _ in factors(scale, scale) }
  }

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    var h = [input, input]
    for block in first.indices {
      let (read, mix) = (read[block].map { pass[$0] }, mix[block].map { pass[$0] })
      let inner = relu(first[block](h[0] * read[0] + h[1] * read[1], pass))
      let y = second[block](inner, pass)
      h = (0..<2).map { h[0] * mix[2 * $0] + h[1] * mix[2 * $0 + 1] + y * pass[write[block][$0]] }
    }
    return (h[0] + h[1]) * 0.5
  }
}

public let hyperConnections = Experiment(
  "hyper-connections", claim: "two streams with trained connections stay below plain nets",
  source: "Zhu et al. 2024 (arXiv:2409.19606), on dense nets",
  arms: [
    .plain, .residual,
    Arm("hyper", summary: "blocks on two streams", layersOfABlock: 2) {
      BlockNetwork($0, blocks: [HyperConnections($0)])
    },
  ], depths: [4, 16, 64], predictions: [.isBelow("hyper", "plain")])
