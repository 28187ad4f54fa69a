/// The values that layers of one pass share with later ones, whatever stands between them.
final class SharedValues<T: TensorProtocol> {
  /// The share of the first values and that of a later layer's own, `[2]` each, in the order of the layers.
  private let shares: [T]
  private var first: T?
  private var count = 0

  init(shares: [T]) { self.shares = shares }

  /// The values of the next layer with its share of the first ones; the first layer's as they are.
  func mixed(_ values: T) -> T {
    guard let first else {
      self.first = values
      return values
    }
    require(
      first.shape == values.shape,
      "layers that share values have the same shapes of them, not \(first.shape) and \(values.shape)"
    )
    require(count < shares.count, "a layer shares its values once in a pass")
    let own = shares[count]
    count += 1
    func share(_ index: Int) -> T { own.sliced(axis: 0, index..<index + 1).reshaped(to: []) }
    return first * share(0) + values * share(1)
  }
}
