/// Reversible residual blocks: the features are halved into two streams, x₁ and x₂, and the branches are added to
/// them in turn, x₁ ← x₁ + f₁(x₂), x₂ ← x₂ + f₂(x₁), ...; the output is both streams again.
///
/// The reverse pass computes every value from the one after it, so the memory of the activations does not grow with
/// the number of branches (see ``Plumbline/reversible(_:_:branches:)``). x is `[..., 2 width]`; each branch maps
/// `[..., width]` to the same shape. Source: Gomez et al., arXiv:1707.04585.
public struct Reversible: Layer {
  /// What is added to the streams in turn.
  public let branches: [any Layer]
  /// The factor on each branch.
  public let scale: Double
  private let name = LayerName()

  /// Couplings with these branches.
  public init(_ branches: [any Layer], scale: Double = 1) {
    self.branches = branches
    self.scale = scale
  }

  /// Both streams after the last branch.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let features = input.shape[-1]
      require(
        features.isMultiple(of: 2),
        "reversible blocks halve the features, and the input has shape \(input.shape)")
      let (first, second) = reversible(
        input.sliced(axis: -1, 0..<features / 2), input.sliced(axis: -1, features / 2..<features),
        branches: branches.map { branch in
          { h in scale == 1 ? T.call(branch, h, pass) : T.call(branch, h, pass) * scale }
        })
      return T.concatenate([first, second], alongAxis: -1)
    }
  }
}
