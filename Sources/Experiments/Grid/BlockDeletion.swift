import Plumbline
import Training

/// A network of which a block can be left out, so that the signal passes it by.
protocol BlockDeletable: Layer {
  /// The number of blocks.
  var blockCount: Int { get }
  /// The block that is left out; `nil` for none.
  var deletedBlock: Int? { get set }
}

extension DepthNetwork: BlockDeletable {
  /// Two layers each where there are skips, and each layer otherwise.
  var blockCount: Int { hidden.count / layersOfABlock }
}

extension BlockNetwork: BlockDeletable {
  var blockCount: Int { hidden.count }
}

/// What the loss is without each of the blocks of a trained network, one at a time, on the first 512 training examples.
///
/// Source: Veit, Wilber and Belongie, arXiv:1605.06431.
struct BlockDeletion {
  /// How much the loss rises without each block; 0 where it falls.
  let rises: [Double]

  /// `nil` for a network that does not say what its blocks are.
  init?(of run: MeasuredRun) {
    guard let network = run.network as? any BlockDeletable else { return nil }
    self.init(network, run)
  }

  private init(_ network: some BlockDeletable, _ run: MeasuredRun) {
    let examples = run.train.prefix(512)
    func loss(_ network: any Layer) -> Double {
      Evaluation(of: network, run.result.parameters, on: examples, loss: run.settings.loss).loss
    }
    let whole = loss(network)
    rises = (0..<network.blockCount).map { block in
      var changed = network
      changed.deletedBlock = block
      let rise = loss(changed) - whole
      // Without a block that everything rests on nothing may be left: as much as can be told.
      return rise.isFinite ? max(0, rise) : .greatestFiniteMagnitude.squareRoot()
    }
  }

  /// The number of blocks that the loss depends on: as many as there are where all matter alike, and 1 where one does,
  /// (Σ r)² / Σ r²; 0 where none does.
  var effectiveDepth: Double {
    guard let largest = rises.max(), largest > 0 else { return 0 }
    // Relative to the largest, so that no square overflows.
    let shares = rises.map { $0 / largest }
    let sum = shares.reduce(0, +)
    return sum * sum / shares.reduce(0) { $0 + $1 * $1 }
  }
}
