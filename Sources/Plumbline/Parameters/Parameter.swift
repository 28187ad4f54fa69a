/// A trainable tensor of a layer: its shape and initialization. The value itself is in ``Parameters``.
public struct Parameter: Sendable {
  /// The shape of the value.
  public let shape: Shape
  /// How the value is initialized.
  public let initializer: Initializer

  package let identity = Identity()

  /// A parameter of `shape`; weights of dense layers are `[in, out]`.
  public init(_ shape: Shape, _ initializer: Initializer) {
    self.shape = shape
    self.initializer = initializer
  }
}
