/// A part of a network: a value that holds layers and parameters and maps a tensor to a tensor.
///
/// A layer declares its parameters but does not hold their values: these live in ``Parameters``,
/// one contiguous vector, and a ``Pass`` brings the two together. So one network serves training in
/// `Float`, verification in `Double` and dual numbers, and any number of seeds. Nothing is registered:
/// parameters are found in the stored properties and named by their path, such as `blocks.3.first.weight`.
///
/// ```swift
/// struct Block: Layer {
///   let first: Dense, second: Dense
///   let scale = Parameter([], .zero)
///
///   init(width: Int) {
///     first = Dense(width, width)
///     second = Dense(width, width)
///   }
///
///   func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
///     x + pass[scale] * second(relu(first(x, pass)), pass)
///   }
/// }
/// ```
///
/// A layer value used twice shares its parameters: that is how weights are tied. New weights need a new
/// layer, so write `(0..<8).map { _ in Block(width: 64) }`, not `Array(repeating:count:)`.
///
/// **Depth** counts weight layers: matrix products with their own weight, whatever lies between
/// them. A residual block of two dense layers adds two to the depth.
public protocol Layer: SpecializedLayer {
  /// The output for an input, with the parameters, mode and randomness of `pass`.
  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T
}

/// The tag of a layer that records its name wherever it is called: if a stored property holds one, the layer's outputs and operations
/// carry its path. See ``Pass/named(_:_:)``. A layer in a ``Sequential``, ``Residual`` or another holder is named without one.
public struct LayerName: Sendable {
  let identity = Identity()

  /// A new tag.
  public init() {}
}
