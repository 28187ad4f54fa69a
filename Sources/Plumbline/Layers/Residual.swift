/// A residual block: y = after(skip(x) + scale · branch(before(x))), with the identity as skip.
///
/// The unscaled block doubles the second moment of a He-initialized ReLU signal, so a stack of n blocks
/// multiplies it by 2ⁿ and does not train at depth; `scale: 1 / √n` keeps it below e. Source of the block:
/// He et al., arXiv:1512.03385 and 1603.05027.
public struct Residual<Branch: Layer>: Layer {
  /// What is added to the input.
  public let branch: Branch
  /// The factor on the branch.
  public let scale: Double
  /// The activation before the branch, which the skip does not pass (pre-activation).
  public let before: Activation
  /// The activation after the sum, which the skip does pass (post-activation).
  public let after: Activation
  /// A linear map on the skip, for a branch that changes the width; `nil` for the identity.
  public let projection: Dense?
  private let name = LayerName()

  /// A block around `branch`. Without a projection the branch must keep the shape of its input: a
  /// mismatch stops the program with both shapes.
  public init(
    _ branch: Branch, scale: Double = 1, before: Activation = .linear, after: Activation = .linear,
    projection: Dense? = nil
  ) {
    self.branch = branch
    self.scale = scale
    self.before = before
    self.after = after
    self.projection = projection
  }

  /// after(skip(x) + scale · branch(before(x))).
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let change = branch(before(input), pass)
      let skip = projection.map { $0(input, pass) } ?? input
      require(
        skip.shape == change.shape,
        "a residual block adds shapes that are equal; the skip has \(skip.shape) and the branch "
          + "\(change.shape)" + (projection == nil ? ": give a projection, or keep the width" : ""))
      return after(skip + (scale == 1 ? change : change * scale))
    }
  }
}
