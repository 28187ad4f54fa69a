import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// Whether a deeper net does something new in its further blocks, or the same in smaller steps.
struct RelativeDepth: ClaimStudy {
  static let name = "relative-depth"
  static let claim =
    "of two trained pre-norm nets of 8 and 16 blocks, layer i of the shallower one is best mapped linearly from a layer near 2i of "
    + "the deeper one, and deleting a block of the second half costs less than deleting one of the first"
  static let source =
    "Csordás, Manning and Potts 2025 (arXiv:2505.13898), on language models; here on dense nets"
  static let derivation = """
    If a deeper net spreads the same work over more blocks, what layer i of 8 holds is found again at layer 2i of 16; if it used its \
    additional blocks for something new, it would be found at layer i. For each pair of layers, one is mapped to the other by least squares, on examples \
    that neither net was trained on; the partner of layer i is the layer of the deeper net whose map leaves the smallest share of the variance \
    unexplained. (Fitting on the same examples lowers the shares of all layers alike.) In the published direction, from the shallower net to the \
    deeper one, partners come in the same order but are not proportional: most layers of the deeper net's second half are best mapped from the \
    last layers of the shallower one.
    """
  static let control = "the deeper net at its initial weights"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "10 s", full: "1 min")

  private static let width = 48
  private static let blocks = [8, 16]

  let conditions: ClaimConditions

  /// What one pair of nets came to.
  private struct Run: Codable, Sendable {
    /// What is left of the variance of each layer of the shallower net, mapped from each of the deeper, and the other way round.
    let down: [[Double]], up: [[Double]]
    /// By how much the loss rises without each block.
    let rises: [[Double]]

    static func partners(_ left: [[Double]]) -> [Double] {
      left.map { row in Double(row.indices.min { row[$0] < row[$1] } ?? 0) }
    }
    /// The mean over layers of how much farther the partner is from i than from 2i.
    var preference: Double {
      let distances = Self.partners(down).enumerated().map { layer, partner in
        abs(partner - Double(layer)) - abs(partner - 2 * Double(layer))
      }
      return distances.reduce(0, +) / Double(distances.count)
    }
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let (train, test) = try Examples.glyphs(train: 3000, test: 400, key: key["pictures"])
    let seeds = effort.choose(quick: 11, full: 21)
    let steps = effort.choose(quick: 600, full: 3000)
    let runs = try session.values((1...seeds).map { "seed \($0)" }, stage: "pairs of trained nets")
    {
      [conditions] number in
      let nets = try Self.blocks.enumerated().map { order, blocks in
        // The two start from draws of their own.
        try TrainedBlocks(
          "pre-norm", blocks: blocks, width: Self.width, on: train,
          steps: conditions.isControl && order == 1 ? 0 : steps, rate: 0.002,
          seed: conditions.seed(of: 500 * order + number + 1))
      }
      let streams = nets.map { $0.streams(of: test.features) }
      let bases = streams.map { $0.map(LinearMap.basis) }
      func left(_ targets: [Tensor<Double>], _ sources: [Tensor<Double>]) -> [[Double]] {
        targets.map { target in
          sources.map { LinearMap.leftVariance(of: target, mappedFrom: $0) }
        }
      }
      return Run(
        down: left(streams[0], bases[1]), up: left(streams[1], bases[0]),
        rises: nets.map { $0.risesWithout(on: test) })
    }
    func interval(_ value: (Run) -> Double) -> MedianInterval {
      MedianInterval(of: runs.map(value))
    }
    func order(_ left: [[Double]]) -> Double {
      rankCorrelation(left.indices.map(Double.init), Run.partners(left))
    }
    let checks =
      [
        Check(
          "rank correlation of the layers of 8 blocks and their partners of 16", .above, 0.9,
          median: interval { order($0.down) }),
        Check(
          "and of the layers of 16 and their partners of 8", .above, 0,
          median: interval { order($0.up) }),
        Check(
          "blocks by which the partner of layer i is farther from i than from 2i", .above, 0,
          median: interval(\.preference)),
      ]
      + Self.blocks.enumerated().map { order, blocks in
        Check(
          "\(blocks) blocks: rise of the loss without a block, first half less second (nats)",
          .above, 0,
          median: interval { run in
            let rises = run.rises[order]
            func mean(_ half: ArraySlice<Double>) -> Double {
              half.reduce(0, +) / Double(half.count)
            }
            return mean(rises.prefix(blocks / 2)) - mean(rises.suffix(blocks / 2))
          })
      }
    return CheckedClaim(of: self, checks: checks, figure: figure(runs, steps: steps))
  }

  private func figure(_ runs: [Run], steps: Int) -> FigureGrid {
    let layers = (0...Self.blocks[0]).map(Double.init)
    let ticks = (0...8).map { 2 * Double($0) }
    let partners = Chart(
      title: "Partners", x: Axis("layer i of 8 blocks", ticks: layers),
      y: Axis("layer of 16 blocks", ticks: ticks),
      series: [
        .law(layers) { 2 * $0 }, .law(layers) { $0 },
        .medians("best partner", layers, over: runs.map { Run.partners($0.down) }),
      ], annotations: [.text(x: 6, y: 12, "2i"), .text(x: 6, y: 6, "i")])
    let left = Chart(
      title: "Unexplained by a linear map", x: Axis("layer of 16 blocks mapped from", ticks: ticks),
      y: Axis("share of the variance unexplained", format: .percent),
      series: [2, 4, 6, 8].map { layer in
        .medians(
          "layer \(layer) of 8", (0...Self.blocks[1]).map(Double.init),
          over: runs.map { $0.down[layer] })
      })
    let rises = Chart(
      title: "Without a block", x: Axis("position in the net", format: .percent),
      y: Axis("rise of the loss (nats)"),
      series: Self.blocks.enumerated().map { order, blocks in
        .medians(
          "\(blocks) blocks", (0..<blocks).map { (Double($0) + 0.5) / Double(blocks) },
          over: runs.map { $0.rises[order] })
      })
    return Self.figure(
      [partners, left, rises], title: "Twice the blocks do the same work in smaller steps",
      note:
        "Generated digits, width \(Self.width), \(steps) steps of Adam; medians over \(runs.count) pairs of nets with their intervals. Layer 0 is the stream before the first block.",
      width: 1180)
  }
}
