import Findings

/// Reversible residual blocks: the features are halved into two streams, x₁ and x₂, and the branches are added to
/// them in turn, x₁ ← x₁ + f₁(x₂), x₂ ← x₂ + f₂(x₁), ...; the output is both streams again.
///
/// The reverse pass computes every value from the one after it, so the memory of the activations does not grow with
/// the number of branches (see ``Plumbline/reversible(_:_:branches:)``). x is `[..., 2 width]`; each branch maps
/// `[..., width]` to the same shape. Source: Gomez et al., arXiv:1707.04585.
public struct Reversible: Layer, CustomStringConvertible {
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
        "reversible blocks halve the features, but the input has shape \(input.shape)")
      let (first, second) = reversible(
        input.sliced(axis: -1, 0..<features / 2), input.sliced(axis: -1, features / 2..<features),
        branches: branches.indices.map { index in
          { h in
            let change = pass.output(of: branches[index], h, named: "branches.\(index)", in: name)
            return scale == 1 ? change : change * scale
          }
        })
      return T.concatenate([first, second], alongAxis: -1)
    }
  }
}

/// ``Reversible``: `reversible`.
public struct ReversibleForm: LayerForm {
  /// What is added to the streams in turn.
  public var branches: [[LayerDescription]] = []
  /// The factor on each branch.
  public var scale = 1.0
  public let title = "reversible"
  public static let fields: [Field<Self>] = [
    .value("branches", \.branches, isRequired: true, "a list of lists of layers"),
    .number("scale", \.scale),
  ]

  public init() {}

  public var inner: [[LayerDescription]] {
    get { branches }
    set { branches = newValue }
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let features = builder.input[-1]
    guard features.isMultiple(of: 2) else {
      throw builder.problem(
        "reversible blocks halve the features, but there are \(features)",
        "give the layer before an even number of outputs")
    }
    let half = builder.input(withFeatures: features / 2)
    var made: [[BuiltLayer]] = []
    for (index, branch) in branches.enumerated() {
      let name = "branches[\(index)]"
      let inside = try builder.layers(branch, name, from: half)
      guard inside.last?.output ?? half == half else {
        throw builder.problem(
          "a reversible branch keeps the shape \(half), but this one gives "
            + "\(inside.last?.output ?? half)", field: name,
          "make its last layer output \(half[-1]) features")
      }
      made.append(inside)
    }
    return builder.layer(
      Reversible(made.map(\.sequence), scale: scale),
      children: made.enumerated().flatMap { $1.labelled("branches.\($0)") })
  }

  public func signal(inside signal: Signal) -> Signal? { nil }
}

extension LayerForm where Self == ReversibleForm {
  /// ``Reversible``.
  public static func reversible(branches: [[LayerDescription]], scale: Double = 1) -> Self {
    var form = ReversibleForm()
    (form.branches, form.scale) = (branches, scale)
    return form
  }
}
