import Networks
import Plumbline
import Training

/// A network whose blocks can be left out one at a time, so that the signal bypasses them.
protocol BlockDeletable: Layer {
  /// The number of blocks.
  var blockCount: Int { get }
  /// The same network with one block bypassed; its parameters are unchanged.
  func deleting(_ block: Int) -> any Layer
}

extension DepthNetwork: BlockDeletable {}

extension BlockNetwork: BlockDeletable {}

extension BlockDeletable where Self: BlockSkipping {
  func deleting(_ block: Int) -> any Layer { passing((0..<blockCount).filter { $0 != block }) }
}

extension Network: BlockDeletable {
  var blockCount: Int { layers.blockCount }
  func deleting(_ block: Int) -> any Layer { layers.deleting(block) }
}

/// In a sequence of layers, the blocks are the residual ones.
extension Sequential: BlockDeletable {
  private var blocks: [Int] { layers.indices.filter { layers[$0] is any Bypassable } }
  var blockCount: Int { blocks.count }

  func deleting(_ block: Int) -> any Layer {
    var changed = layers
    let position = blocks[block]
    if let block = changed[position] as? any Bypassable { changed[position] = block.bypassed }
    return Sequential(changed, checkpointInterval: checkpointInterval)
  }
}

/// A block that can be bypassed.
private protocol Bypassable: Layer {
  /// The block without what it adds, with the same parameters.
  var bypassed: any Layer { get }
}

extension Residual: Bypassable {
  fileprivate var bypassed: any Layer {
    Residual(
      branch, scale: 0, learnedScale: learnedScale.map { _ in 0 }, before: before, after: after,
      projection: projection)
  }
}

/// How the loss changes without each of the blocks of a trained network, one at a time, on the first 512 training examples.
///
/// Source: Veit, Wilber and Belongie, arXiv:1605.06431.
struct BlockDeletion {
  /// How much the loss rises without each block; 0 where it falls.
  let rises: [Double]

  /// `nil` for a network that has no blocks, or does not say what they are.
  init?(of run: MeasuredRun) {
    guard let network = run.network as? any BlockDeletable, network.blockCount > 0 else {
      return nil
    }
    self.init(network, run)
  }

  private init(_ network: some BlockDeletable, _ run: MeasuredRun) {
    let examples = run.train.prefix(512)
    func loss(_ network: any Layer) -> Double {
      Evaluation(of: network, run.result.parameters, on: examples, loss: run.settings.loss).loss
    }
    let whole = loss(network)
    rises = (0..<network.blockCount).map { block in
      let rise = loss(network.deleting(block)) - whole
      // Deleting an essential block may leave no finite loss: use the largest value.
      return rise.isFinite ? max(0, rise) : .greatestFiniteMagnitude.squareRoot()
    }
  }

  /// The number of blocks that the loss depends on, (Σ r)² / Σ r²: all of them if all matter alike, 1 if only one matters, and 0 if
  /// none does.
  var effectiveDepth: Double {
    guard let largest = rises.max(), largest > 0 else { return 0 }
    // Relative to the largest, so that no square overflows.
    let shares = rises.map { $0 / largest }
    let sum = shares.reduce(0, +)
    return sum * sum / shares.reduce(0) { $0 + $1 * $1 }
  }
}
