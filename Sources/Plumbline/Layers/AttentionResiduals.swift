import Findings

/// Blocks each of which receives a mean of all earlier values, by attention over depth: with v₀ the input, vₗ = fₗ(hₗ) and
/// hₗ = Σ_{i < l} pᵢ vᵢ, p = softmax over i of q · N(vᵢ), N the root-mean-square norm; the output is such a mean of all v.
///
/// The queries q `[width]` are trained, one for each mean of more than one value, and start at 0, where the mean is the plain one:
/// instead of a sum, which grows, each block gets a mean. x is `[..., width]`, y the same, and every example, or step, has its own
/// shares. Source: attention residuals, arXiv:2603.15031.
///
/// Complexity: the means of L blocks take time and memory that grow with L².
public struct AttentionResiduals: Layer, CustomStringConvertible {
  /// The blocks in order.
  public let branches: [any Layer]
  /// The queries of the second block on, and of the output.
  public let queries: [Parameter]
  private let name = LayerName()

  /// These blocks, for `width` features.
  public init(_ width: Int, branches: [any Layer]) {
    require(width > 0, "attention over depth of \(width) features")
    self.branches = branches
    queries = branches.indices.map { _ in Parameter([width], .zero) }
  }

  /// The mean of the input and the outputs of all blocks.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let width = input.shape[-1]
      let rows = input.shape.elementCount / max(width, 1)
      var values = [input.reshaped(to: [rows, 1, width])]
      var keys = [normalized(values[0])]
      var h = input
      for (index, branch) in branches.enumerated() {
        let v = pass.output(of: branch, h, named: "branches.\(index)", in: name)
        require(
          v.shape == input.shape,
          "attention over depth takes shapes that are equal; the input has \(input.shape) and "
            + "block \(index) outputs \(v.shape)")
        values.append(v.reshaped(to: [rows, 1, width]))
        keys.append(normalized(values[index + 1]))
        let query = pass[queries[index]].reshaped(to: [width, 1])
        // [rows, 1, values]
        let scores = matmul(T.concatenate(keys, alongAxis: 1), query)
          .reshaped(to: [rows, 1, values.count])
        h = matmul(softmax(scores), T.concatenate(values, alongAxis: 1))
          .reshaped(to: input.shape)
      }
      return h
    }
  }

  private func normalized<T: TensorProtocol>(_ x: T) -> T {
    x / sqrt(x.squared().mean(alongAxes: [-1], keepingAxes: true) + 1e-5)
  }
}

/// ``AttentionResiduals``: `attention-residuals`.
public struct AttentionResidualsForm: LayerForm {
  /// The blocks, each a list of layers.
  public var branches: [[LayerDescription]] = []
  public let title = "attention-residuals"
  public static let fields: [Field<Self>] = [
    .branches("branches", \.branches)
  ]

  public init() {}

  public var inner: [[LayerDescription]] {
    get { branches }
    set { branches = newValue }
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let made = try builder.branches(branches)
    return builder.layer(
      AttentionResiduals(builder.input[-1], branches: made.map(\.sequence)),
      children: made.enumerated().flatMap { $1.labelled("branches.\($0)") })
  }

  public func signal(inside signal: Signal) -> Signal? { nil }
}

extension LayerForm where Self == AttentionResidualsForm {
  /// ``AttentionResiduals``.
  public static func attentionResiduals(branches: [[LayerDescription]]) -> Self {
    var form = AttentionResidualsForm()
    form.branches = branches
    return form
  }
}
