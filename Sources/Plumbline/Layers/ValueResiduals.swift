import Findings

/// Blocks one after another, in which every layer of attention but the first applies its weights to a v₁ + b v, where v are its own
/// values and v₁ those of the first.
///
/// What the first layer reads of each step then reaches every depth directly. a and b are trained numbers of each later attention, ½ at
/// the start. The layers of attention may be anywhere in the blocks, in residual blocks for example, but not where values are computed
/// again for the gradient (``Sequential`` with a checkpoint interval); they have the same width and number of heads. x is
/// `[examples, steps, width]`, y the same. Source: Zhou et al., arXiv:2410.17897 (ResFormer).
public struct ValueResiduals: Layer, CustomStringConvertible {
  /// The blocks in order.
  public let blocks: [any Layer]
  /// a and b of the second attention and those after it, `[2]` each.
  public let shares: [Parameter]
  private let name = LayerName()

  /// These blocks.
  public init(_ blocks: [any Layer]) {
    self.blocks = blocks
    let count = blocks.reduce(0) { $0 + Self.attentions(in: $1) }
    shares = (0..<max(0, count - 1)).map { _ in Parameter([2], .constant(0.5)) }
  }

  private static func attentions(in value: Any) -> Int {
    if value is Attention { return 1 }
    return Mirror(reflecting: value).children.reduce(0) { $0 + attentions(in: $1.value) }
  }

  /// The output of the last block.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let sharing = pass.sharingValues(shares.map { pass[$0] })
      return blocks.enumerated().reduce(input) { x, block in
        sharing.output(of: block.element, x, named: "blocks.\(block.offset)", in: name)
      }
    }
  }
}

/// ``ValueResiduals``: `value-residuals`.
public struct ValueResidualsForm: LayerForm {
  /// The blocks, each a list of layers.
  public var blocks: [[LayerDescription]] = []
  public let title = "value-residuals"
  public static let fields: [Field<Self>] = [.branches("blocks", \.blocks)]

  public init() {}

  public var inner: [[LayerDescription]] {
    get { blocks }
    set { blocks = newValue }
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let forms = blocks.flatMap { $0.flatMap(\.forms) }
    let attention = forms.compactMap { $0 as? AttentionForm }
    if attention.contains(where: { $0.heads != attention[0].heads }) {
      throw builder.problem(
        "values of layers with different numbers of heads cannot be added", field: "blocks",
        "give every attention \(attention[0].heads) heads")
    }
    if forms.contains(where: { ($0 as? SequenceForm)?.checkpointInterval != nil }) {
      throw builder.problem(
        "shared values cannot be computed again for the gradient", field: "blocks",
        "leave out checkpoint_interval inside this layer")
    }
    let made = try builder.branches(blocks, "blocks")
    return builder.layer(
      ValueResiduals(made.map(\.sequence)),
      children: made.enumerated().flatMap { $1.labelled("blocks.\($0)") })
  }
}

extension LayerForm where Self == ValueResidualsForm {
  /// ``ValueResiduals``.
  public static func valueResiduals(blocks: [[LayerDescription]]) -> Self {
    var form = ValueResidualsForm()
    form.blocks = blocks
    return form
  }
}
