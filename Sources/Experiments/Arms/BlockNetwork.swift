import Plumbline
import Training

/// An input layer with its ReLU, blocks one after another, and a linear output layer: the frame of the library's arms, for
/// custom blocks.
///
/// Its parameters are called `input`, `hidden.<block>...`, `norm...` and `output`, and the first and the last start like those of the
/// library's arms with the same seed.
public struct BlockNetwork: BlockSkipping {
  /// Features to width.
  public let input: Dense
  /// The blocks.
  public let hidden: [any Layer]
  /// A norm of what the last block puts out; `nil` for none.
  public let norm: (any Layer)?
  /// Width to classes.
  public let output: Dense
  /// The blocks that the signal passes, in this order; `nil` for all in their usual order.
  public var passedBlocks: [Int]?

  /// The number of blocks.
  public var blockCount: Int { hidden.count }

  /// A network of a point.
  ///
  /// - Parameters:
  ///   - point: Provides inputs, width, classes and depth.
  ///   - blocks: The first takes and the last returns `[examples, width]`; anything may pass between them.
  ///   - norm: Stands between the last block and the output layer.
  public init(_ point: GridPoint, blocks: [any Layer], norm: (any Layer)? = nil) {
    input = Dense(point.inputs, point.width)
    output = Dense(point.width, point.classes, initializer: .lecun())
    hidden = blocks
    self.norm = norm
  }

  /// A network for examples of ten classes, as the studies' pictures are.
  public init(
    of examples: Examples<Float>, width: Int, blocks: [any Layer], norm: (any Layer)? = nil
  ) {
    self.init(
      GridPoint(of: examples, width: width, depth: blocks.count), blocks: blocks, norm: norm)
  }

  /// The logits `[examples, classes]` of inputs `[examples, features]`.
  public func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    var h = relu(input(x, pass))
    for block in passedBlocks ?? Array(hidden.indices) { h = pass.output(of: hidden[block], h) }
    if let norm { h = pass.output(of: norm, h) }
    return output(h, pass)
  }
}
