import Findings

/// Blocks each of which is followed by a weighted sum of all values so far: with x₀ the input, yᵢ = fᵢ(xᵢ₋₁) and y₀ = x₀,
/// xᵢ = Σ_{j ≤ i} wᵢⱼ yⱼ; the output is the last x.
///
/// The weights wᵢ `[i + 1]` are trained numbers that start at 1 for yᵢ and at 0 for all earlier ones, so that the layer starts as
/// blocks one after another. A block is anything that can be a layer of the list, such as a residual block, and keeps the shape of
/// its input. Source: Pagliardini et al., arXiv:2402.02622 (DenseFormer).
///
/// Complexity: the sums of L blocks take time and memory that grow with L².
public struct DepthWeightedAverage: Layer, CustomStringConvertible {
  /// The blocks in order.
  public let blocks: [any Layer]
  /// The weights after each block, `[2]`, `[3]`, ....
  public let weights: [Parameter]
  private let name = LayerName()

  /// These blocks, each followed by a sum.
  public init(_ blocks: [any Layer]) {
    self.blocks = blocks
    weights = blocks.indices.map { block in
      Parameter([block + 2], .listed(Array(repeating: 0, count: block + 1) + [1]))
    }
  }

  /// The sum after the last block.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      var outputs = [input.reshaped(to: [1, input.shape.elementCount])]
      var x = input
      for (index, block) in blocks.enumerated() {
        let y = pass.output(of: block, x, named: "blocks.\(index)", in: name)
        require(
          y.shape == input.shape,
          "a weighted sum takes shapes that are equal; the input has \(input.shape) and block "
            + "\(index) outputs \(y.shape)")
        outputs.append(y.reshaped(to: [1, input.shape.elementCount]))
        let weight = pass[weights[index]].reshaped(to: [1, outputs.count])
        x = matmul(weight, T.concatenate(outputs, alongAxis: 0)).reshaped(to: input.shape)
      }
      return x
    }
  }
}

/// ``DepthWeightedAverage``: `depth-weighted-average`.
public struct DepthWeightedAverageForm: LayerForm {
  /// The blocks, each a list of layers.
  public var blocks: [[LayerDescription]] = []
  public let title = "depth-weighted-average"
  public static let fields: [Field<Self>] = [
    .branches("blocks", \.blocks)
  ]

  public init() {}

  public var inner: [[LayerDescription]] {
    get { blocks }
    set { blocks = newValue }
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let made = try builder.branches(blocks, "blocks")
    return builder.layer(
      DepthWeightedAverage(made.map(\.sequence)),
      children: made.enumerated().flatMap { $1.labelled("blocks.\($0)") })
  }

  /// The signal of blocks one after another, as the layer starts.
  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    layer.children.signal(after: signal)
  }
}

extension LayerForm where Self == DepthWeightedAverageForm {
  /// ``DepthWeightedAverage``.
  public static func depthWeightedAverage(blocks: [[LayerDescription]]) -> Self {
    var form = DepthWeightedAverageForm()
    form.blocks = blocks
    return form
  }
}
