/// A random constant of a pass and how it was made, so that a replay can make it anew
/// for another key.
package struct RandomDraw<T: TensorProtocol> {
  package let constant: T
  /// The path of the layer that asked for it, which names the child of the pass's key.
  package let layer: String
  /// The values for a key of that layer.
  package let values: RandomValues<T.Scalar>
}

/// How a random tensor is made from a key.
package enum RandomValues<Scalar: TensorScalar>: Sendable {
  /// A mask of a shape.
  case mask(Shape, RandomMask)
  /// By a function of only the key.
  case function(@Sendable (Key) -> Tensor<Scalar>)

  /// The values for a key.
  package func callAsFunction(_ key: Key) -> Tensor<Scalar> {
    switch self {
    case .mask(let shape, let mask):
      Tensor(shape) {
        Scalar.mask(
          count: shape.elementCount, key: key, from: 0, below: mask.threshold, kept: mask.kept,
          into: $0)
      }
    case .function(let values): values(key)
    }
  }
}

/// The random constants of one pass, in the order in which they were drawn.
package final class RandomDraws<T: TensorProtocol> {
  package private(set) var all: [RandomDraw<T>] = []

  func add(_ draw: RandomDraw<T>) { all.append(draw) }
}

extension Pass {
  /// A random tensor of a layer, as a constant of this pass.
  ///
  /// The values must depend only on the key. The pass notes how they are generated; a layer that draws through
  /// this method, and not from ``key``, is replayed with new values in every step.
  public func random(
    for name: LayerName, like input: T,
    _ values: @escaping @Sendable (Key) -> Tensor<T.Scalar>
  ) -> T {
    random(for: name, like: input, .function(values))
  }

  func random(for name: LayerName, like input: T, _ values: RandomValues<T.Scalar>) -> T {
    let layer = path(of: name)
    // Not by ``key``: what is drawn here is noted, so that a recording does not depend on it.
    let constant = input.constant(values(passKey[layer]))
    randomDraws.add(RandomDraw(constant: constant, layer: layer, values: values))
    return constant
  }

  private func path(of name: LayerName) -> String {
    guard let layer = layout.layerIndex(of: name) else {
      fatalError(
        "a random layer does not belong to these parameters; is it part of the network that they were "
          + "made for?")
    }
    return layout.layerPaths[layer]
  }
}
