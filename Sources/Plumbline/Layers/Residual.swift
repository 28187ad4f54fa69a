/// A residual block: y = after(skip(x) + scale · branch(before(x))), with the identity as skip.
///
/// The unscaled block doubles the second moment of a He-initialized ReLU signal, so a stack of n blocks
/// multiplies it by 2ⁿ and does not train at depth; `scale: 1 / √n` keeps it below e. Source of the block:
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
public struct Residual<Branch: Layer>: Layer {
  /// What is added to the input.
  public let branch: Branch
  /// The constant factor on the branch.
  public let scale: Double
  /// A trained factor on the branch, a single number for the whole block; `nil` for none.
  public let learnedScale: Parameter?
  /// The activation before the branch, which the skip does not pass (pre-activation).
  public let before: Activation
  /// The activation after the sum, which the skip does pass (post-activation).
  public let after: Activation
  /// What stands on the skip, for a branch that changes the shape; `nil` for the identity.
  public let projection: (any Layer)?
  private let name = LayerName()

  /// A block around `branch`. Without a projection the branch must keep the shape of its input: a
  /// mismatch stops the program with both shapes.
  ///
  /// - Parameter learnedScale: The initial value of a trained factor, beside `scale`. With 0 the block starts
  ///   as its skip: ReZero (Bachlechner et al., arXiv:2003.04887), or SkipInit where the factor stands in place
  ///   of a normalization (De and Smith, arXiv:2002.10444).
  public init(
    _ branch: Branch, scale: Double = 1, learnedScale: Double? = nil, before: Activation = .linear,
    after: Activation = .linear, projection: (any Layer)? = nil
  ) {
    self.branch = branch
    self.scale = scale
    self.learnedScale = learnedScale.map { Parameter([], .constant($0)) }
    self.before = before
    self.after = after
    self.projection = projection
  }

  /// after(skip(x) + scale · branch(before(x))).
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      var change = branch(before(input), pass)
      let skip = projection.map { $0(input, pass) } ?? input
      require(
        skip.shape == change.shape,
        "a residual block adds shapes that are equal; the skip has \(skip.shape) and the branch "
          + "\(change.shape)" + (projection == nil ? ": give a projection, or keep the width" : ""))
      if let learnedScale { change = change * pass[learnedScale] }
      return after(skip + (scale == 1 ? change : change * scale))
    }
  }
}

/// A block that keeps its input beside what it computes: y = [x, branch(x)] along the axis of features.
///
/// A stack of them gives every layer the outputs of all earlier ones. Source: Huang et al.,
/// arXiv:1608.06993.
public struct ConcatenatingSkip<Branch: Layer>: Layer {
  /// What is computed from the input.
  public let branch: Branch
  /// The axis along which the two are put together.
  public let axis: Int
  private let name = LayerName()

  /// A block around `branch`, which must keep every axis but one.
  ///
  /// - Parameter axis: By default the second: the features of `[examples, features]` and the channels of
  ///   `[examples, channels, height, width]`.
  public init(_ branch: Branch, axis: Int = 1) {
    self.branch = branch
    self.axis = axis
  }

  /// The input and the branch's output, one after the other.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let output = branch(input, pass)
      let place = input.shape.normalized(axis)
      require(
        input.shape.rank == output.shape.rank
          && zip(input.shape.extents, output.shape.extents).enumerated().allSatisfy {
            $0 == place || $1.0 == $1.1
          },
        "a concatenating skip along axis \(axis) takes shapes that agree elsewhere; the input has "
          + "\(input.shape) and the branch \(output.shape)")
      return .concatenate([input, output], alongAxis: place)
    }
  }
}
