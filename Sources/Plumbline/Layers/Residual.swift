import Findings

/// A residual block: y = after(skip(x) + scale · branch(before(x))), with the identity as skip.
///
/// The unscaled block doubles the second moment of a He-initialized ReLU signal, so a stack of n blocks
/// multiplies it by 2ⁿ and does not train at depth; `scale: 1 / √n` keeps the factor below e. Source of the block:
/// He et al., arXiv:1512.03385 and 1603.05027.
///
/// The two arrangements of those papers:
///
/// ```swift
/// Residual(Sequential(conv(), BatchNorm(16), Activation.relu, conv(), BatchNorm(16)), after: .relu)
/// Residual(Sequential(BatchNorm(16), Activation.relu, conv(), BatchNorm(16), Activation.relu, conv()))
/// ```
///
/// The first, post-activation, has its last ReLU on the sum; the second, pre-activation, keeps the skip an
/// identity from the first block to the last.
public struct Residual<Branch: Layer>: Layer, CustomStringConvertible {
  /// What is added to the input.
  public let branch: Branch
  /// The constant factor on the branch.
  public let scale: Double
  /// A trained factor on the branch, a single number for the whole block; `nil` for none.
  public let learnedScale: Parameter?
  /// The activation before the branch, which the skip bypasses (pre-activation).
  public let before: Activation
  /// The activation after the sum, which the skip also passes through (post-activation).
  public let after: Activation
  /// The layer on the skip, for a branch that changes the shape; `nil` for the identity.
  public let projection: (any Layer)?
  /// How far an optimizer moves the parameters of the block.
  public let updates: UpdateScale
  private let name = LayerName()

  /// A block around `branch`. Without a projection the branch must keep the shape of its input: a
  /// mismatch stops the program with both shapes.
  ///
  /// - Parameters:
  ///   - branch: What is added to the skip.
  ///   - scale: A constant factor on the branch.
  ///   - learnedScale: The initial value of a trained factor, in addition to `scale`. With 0 the block starts as its skip:
  ///     ReZero (Bachlechner et al., arXiv:2003.04887), or SkipInit if the factor replaces a normalization (De and
  ///     Smith, arXiv:2002.10444).
  ///   - before: The function applied to the input before the branch; the skip bypasses it.
  ///   - after: The function applied to the sum.
  ///   - projection: A layer on the skip, for a branch that changes the shape.
  ///   - updates: How far an optimizer moves the parameters of the block; see ``DepthScaling``.
  public init(
    _ branch: Branch, scale: Double = 1, learnedScale: Double? = nil, before: Activation = .linear,
    after: Activation = .linear, projection: (any Layer)? = nil, updates: UpdateScale = .one
  ) {
    self.branch = branch
    self.scale = scale
    self.learnedScale = learnedScale.map { Parameter([], .constant($0)) }
    self.before = before
    self.after = after
    self.projection = projection
    self.updates = updates
  }

  /// after(skip(x) + scale · branch(before(x))).
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      var change = pass.output(of: branch, before(input), named: "branch", in: name)
      let skip =
        projection.map { pass.output(of: $0, input, named: "projection", in: name) } ?? input
      require(
        skip.shape == change.shape,
        "a residual block adds equal shapes; the skip has \(skip.shape) and the branch "
          + "\(change.shape)" + (projection == nil ? ": give a projection, or keep the width" : ""))
      if let learnedScale { change = change * pass[learnedScale] }
      return after(skip + (scale == 1 ? change : change * scale))
    }
  }
}

/// A layer that adds a branch, times a factor, to its input.
public protocol ResidualBlockForm: LayerForm {
  /// The constant factor on the branch.
  var scale: Double { get set }
  /// How far an optimizer moves the parameters of the block.
  var updates: UpdateScale { get set }
}

extension ResidualBlockForm {
  /// The settings of ``updates``.
  static var updateFields: [Field<Self>] {
    [
      .number(
        "step_factor", \.updates.step, in: .above(0),
        "the factor on an optimizer's steps in the block"),
      .number(
        "gradient_factor", \.updates.gradient, in: .above(0),
        "how much larger or smaller gradients are in the block"),
    ]
  }
}

/// ``Residual``: `residual`.
public struct ResidualForm: ResidualBlockForm {
  /// What is added to the input, and the layer on the skip; an empty projection is the identity.
  public var branch: [LayerDescription] = [], projection: [LayerDescription] = []
  /// The constant factor on the branch, and the initial value of a trained factor; `nil` for none.
  public var scale = 1.0, learnedScale: Double?
  /// The activations before the branch and after the sum.
  public var before = Activation.linear, after = Activation.linear
  /// How far an optimizer moves the parameters of the block.
  public var updates = UpdateScale.one
  public let title = "residual"
  public static let fields: [Field<Self>] =
    [
      .layers("branch", \.branch), .number("scale", \.scale),
      .number("learned_scale", \.learnedScale, "the initial value of the trained factor"),
      .choice("before", \.before), .choice("after", \.after),
      .layers("projection", \.projection, isRequired: false),
    ] + updateFields

  public init() {}

  public var inner: [[LayerDescription]] {
    get { [branch, projection] }
    set { (branch, projection) = (newValue[0], newValue[1]) }
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let inside = try builder.layers(branch, "branch")
    let skip = try builder.layers(projection, "projection")
    let input = builder.input
    let (change, kept) = (inside.last?.output ?? input, skip.last?.output ?? input)
    guard change == kept else {
      throw builder.problem(
        "a residual block adds equal shapes; the skip has \(kept) and the branch "
          + "\(change)",
        "make the branch preserve the shape of its input, or give a \"projection\"")
    }
    return builder.layer(
      Residual(
        inside.sequence, scale: scale, learnedScale: learnedScale, before: before, after: after,
        projection: skip.isEmpty ? nil : skip.count == 1 ? skip[0].layer : skip.sequence,
        updates: updates),
      output: kept, children: inside.labelled("branch") + skip.labelled("projection"))
  }

  /// Adds mean squares, since a branch ends in a weight of mean 0: (1 + η²) for a branch that keeps the signal.
  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    func through(_ role: String, _ start: Signal?) -> Signal? {
      layer.children.filter { $0.role == role }.signal(after: start)
    }
    guard let skip = through("projection", signal) else { return nil }
    let factor = scale * (learnedScale ?? 1)
    if factor == 0 { return skip.after(after) }
    guard let branch = through("branch", signal.after(before)) else { return nil }
    // The mean square of a sum is the sum of the mean squares where the branch has mean 0 for any given input.
    if branch.meanSquare > 0, branch.distribution != .normal { return nil }
    let sum = Signal(
      meanSquare: skip.meanSquare + factor * factor * branch.meanSquare,
      distribution: branch.meanSquare == 0
        ? skip.distribution : skip.distribution == .normal ? .normal : .other)
    return sum.after(after)
  }

  public func signal(inside signal: Signal) -> Signal? { signal.after(before) }
}

extension LayerForm where Self == ResidualForm {
  /// ``Residual``; an empty projection is the identity.
  public static func residual(
    branch: [LayerDescription], scale: Double = 1, learnedScale: Double? = nil,
    before: Activation = .linear, after: Activation = .linear, projection: [LayerDescription] = [],
    updates: UpdateScale = .one
  ) -> Self {
    var form = ResidualForm()
    (form.branch, form.projection, form.updates) = (branch, projection, updates)
    (form.scale, form.learnedScale, form.before, form.after) = (scale, learnedScale, before, after)
    return form
  }
}
