/// A random constant of a pass and how it was made, so that whoever replays a recorded pass can make it anew
/// for another key.
package struct RandomDraw<T: TensorProtocol> {
  /// The constant.
  package let constant: T
  /// The path of the layer that asked for it, which names the child of the pass's key.
  package let layer: String
  /// The values for a key of that layer.
  package let values: @Sendable (Key) -> Tensor<T.Scalar>
}

/// The random constants of one pass, in the order in which they were drawn.
package final class RandomDraws<T: TensorProtocol> {
  package private(set) var all: [RandomDraw<T>] = []

  func add(_ draw: RandomDraw<T>) { all.append(draw) }
}

extension Pass {
  /// The key of a layer in this pass: the child of the pass's key that has the layer's path as its name.
  /// Traps where the layer is not part of the network that the parameters were made for.
  public func key(for name: LayerName) -> Key { key[path(of: name)] }

  /// A random tensor of a layer, as a constant of this pass.
  ///
  /// The values have to depend on the key alone. The pass notes how they are made; a layer that draws through
  /// this method, and not from ``key``, can be replayed with new values in every step.
  public func random(
    for name: LayerName, beside input: T,
    _ values: @escaping @Sendable (Key) -> Tensor<T.Scalar>
  ) -> T {
    let constant = input.constant(values(key(for: name)))
    randomDraws.add(RandomDraw(constant: constant, layer: path(of: name), values: values))
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
