import Findings

/// A residual block with a norm, N, at one of the positions that are in use.
///
/// | position | y | known as |
/// | --- | --- | --- |
/// | `pre` | c x + s f(a N(x)) | pre-norm (Xiong et al., arXiv:2002.04745); with a = 1/√l in block l LayerNorm scaling (Sun et al., arXiv:2502.05795) |
/// | `post` | N(c x + s f(a x)) | post-norm (Vaswani et al., arXiv:1706.03762); with c = (2 N)^(1/4) DeepNorm (Wang et al., arXiv:2203.00555) |
/// | `peri` | c x + s N(f(a N(x))), two norms | Peri-LN (Kim et al., arXiv:2502.02732), before it sandwich norm (Ding et al., arXiv:2105.13290) |
/// | `output` | c x + s N(f(a x)) | residual post-norm (Liu et al., arXiv:2111.09883) |
///
/// f is the branch, a the input scale, s the scale and c the skip scale; each is 1 by default. The norm is any layer that keeps the
/// shape: ``LayerNorm``, ``RMSNorm``, ``DynamicTanh``, ``DynamicErf``.
public struct NormalizedResidual: Layer, CustomStringConvertible {
  /// Where the norm is.
  public enum Position: String, Sendable, CaseIterable, Codable {
    /// On the branch's input, on the sum, on the branch's input and its output, on the branch's output.
    case pre, post, peri, output
  }

  /// What is added to the input.
  public let branch: any Layer
  /// The norm, and at `peri` that of the branch's output.
  public let norm: any Layer, outputNorm: (any Layer)?
  /// Where the norm is.
  public let position: Position
  /// The factors on what the branch is given, on the branch, and on the skip.
  public let inputScale: Double, scale: Double, skipScale: Double
  /// How far an optimizer moves the parameters of the block.
  public let updates: UpdateScale
  private let name = LayerName()

  /// A block around `branch`, which keeps the shape of its input: a mismatch stops the program with both shapes.
  ///
  /// - Parameters:
  ///   - branch: What is added to the input.
  ///   - position: Where the norm is.
  ///   - inputScale: The factor on what the branch is given.
  ///   - scale: The factor on the branch.
  ///   - skipScale: The factor on the skip.
  ///   - updates: How far an optimizer moves the parameters of the block; see ``DepthScaling``.
  ///   - norm: Makes a norm; called twice at `peri`.
  public init(
    _ branch: any Layer, _ position: Position, inputScale: Double = 1, scale: Double = 1,
    skipScale: Double = 1, updates: UpdateScale = .one, norm: () -> any Layer
  ) {
    self.branch = branch
    self.position = position
    self.inputScale = inputScale
    self.scale = scale
    self.skipScale = skipScale
    self.updates = updates
    self.norm = norm()
    outputNorm = position == .peri ? norm() : nil
  }

  /// The skip scale and the factor on initial weights of a network of so many DeepNorm blocks: (2N)^(1/4) and (8N)^(-1/4).
  public static func deepNorm(blocks: Int) -> (skipScale: Double, gain: Double) {
    require(blocks > 0, "DeepNorm's scales for \(blocks) blocks")
    let root = { (value: Double) in value.squareRoot().squareRoot() }
    return (root(2 * Double(blocks)), 1 / root(8 * Double(blocks)))
  }

  /// The block's output, of the shape of its input.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    func scaled(_ x: T, by factor: Double) -> T { factor == 1 ? x : x * factor }
    func normalized(_ x: T) -> T { pass.output(of: norm, x, named: "norm", in: name) }
    return pass.named(name) {
      let normalizesInput = position == .pre || position == .peri
      var change = pass.output(
        of: branch, scaled(normalizesInput ? normalized(input) : input, by: inputScale),
        named: "branch", in: name)
      require(
        change.shape == input.shape,
        "a residual block adds shapes that are equal; the input has \(input.shape) and the branch "
          + "\(change.shape)")
      if let outputNorm {
        change = pass.output(of: outputNorm, change, named: "outputNorm", in: name)
      }
      if position == .output { change = normalized(change) }
      let sum = scaled(input, by: skipScale) + scaled(change, by: scale)
      return position == .post ? normalized(sum) : sum
    }
  }
}

/// ``NormalizedResidual``: `normalized-residual`.
public struct NormalizedResidualForm: ResidualBlockForm {
  /// What is added to the input, and the norm, which is made twice at `peri`.
  public var branch: [LayerDescription] = [], norm = [LayerDescription(.layerNorm())]
  /// Where the norm is.
  public var position = NormalizedResidual.Position.pre
  /// The factors on what the branch is given, on the branch, and on the skip.
  public var inputScale = 1.0, scale = 1.0, skipScale = 1.0
  /// How far an optimizer moves the parameters of the block.
  public var updates = UpdateScale.one
  public let title = "normalized-residual"
  public static let fields: [Field<Self>] =
    [
      .layers("branch", \.branch), .choice("position", \.position),
      .layers("norm", \.norm, isRequired: false), .number("input_scale", \.inputScale),
      .number("scale", \.scale), .number("skip_scale", \.skipScale),
    ] + updateFields

  public init() {}

  public var inner: [[LayerDescription]] {
    get { [branch, norm] }
    set { (branch, norm) = (newValue[0], newValue[1]) }
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let inside = try builder.keepingShape(branch, "branch")
    let first = try builder.keepingShape(norm, "norm")
    var norms = [first]
    if position == .peri { norms.append(try builder.keepingShape(norm, "norm")) }
    var next = norms.makeIterator()
    let block = NormalizedResidual(
      inside.sequence, position, inputScale: inputScale, scale: scale, skipScale: skipScale,
      updates: updates
    ) {
      let layers = next.next() ?? []
      return layers.count == 1 ? layers[0].layer : layers.sequence
    }
    func labelled(_ layers: [BuiltLayer], _ role: String) -> [BuiltLayer] {
      layers.labelled(role)
    }
    return builder.layer(
      block,
      children: labelled(inside, "branch") + labelled(first, "norm")
        + (norms.count > 1 ? labelled(norms[1], "outputNorm") : []))
  }

  /// Adds mean squares, since a branch ends in a weight of mean 0.
  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    func through(_ role: String, _ start: Signal?) -> Signal? {
      layer.children.filter { $0.role == role }.signal(after: start)
    }
    let input = position == .pre || position == .peri ? through("norm", signal) : signal
    var change = through("branch", input?.scaled(by: inputScale * inputScale))
    if position == .peri { change = through("outputNorm", change) }
    if position == .output { change = through("norm", change) }
    guard let change, change.meanSquare == 0 || change.distribution == .normal else { return nil }
    let sum = Signal(
      meanSquare: skipScale * skipScale * signal.meanSquare + scale * scale * change.meanSquare,
      distribution: change.meanSquare == 0
        ? signal.distribution : signal.distribution == .normal ? .normal : .other)
    return position == .post ? through("norm", sum) : sum
  }

  public func signal(inside signal: Signal) -> Signal? { nil }
}

extension LayerForm where Self == NormalizedResidualForm {
  /// ``NormalizedResidual``.
  public static func normalizedResidual(
    branch: [LayerDescription], _ position: NormalizedResidual.Position,
    norm: [LayerDescription] = [LayerDescription(.layerNorm())], inputScale: Double = 1,
    scale: Double = 1, skipScale: Double = 1, updates: UpdateScale = .one
  ) -> Self {
    var form = NormalizedResidualForm()
    (form.branch, form.position, form.norm, form.updates) = (branch, position, norm, updates)
    (form.inputScale, form.scale, form.skipScale) = (inputScale, scale, skipScale)
    return form
  }
}
