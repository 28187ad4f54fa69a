import Plumbline

/// A network that can be told which of its blocks the signal passes.
public protocol BlockSkipping: Layer {
  /// The number of blocks.
  var blockCount: Int { get }
  /// The blocks that the signal passes, in this order; `nil` for all in their usual order.
  var passedBlocks: [Int]? { get set }
}

extension BlockSkipping {
  /// The network, with the same parameters, whose signal passes only these of its blocks, in this order: without one that was
  /// deleted, or in another order if some were exchanged.
  public func passing(_ blocks: [Int]) -> Self {
    require(blocks.allSatisfy((0..<blockCount).contains), "blocks of the network")
    var changed = self
    changed.passedBlocks = blocks
    return changed
  }
}
