/// The values that layers of one pass share with later ones, whatever stands between them.
package final class SharedValues<T: TensorProtocol> {
  /// The shares of a first value and of each later one's own, `[2]`, in the order of the layers.
  private struct Sharing {
    let shares: [T]
    var first: T?
    var count = 0
  }
  /// The innermost last.
  private var open: [Sharing] = []

  /// Runs layers that share values.
  func share(_ shares: [T], _ body: () -> T) -> T {
    open.append(Sharing(shares: shares))
    defer { open.removeLast() }
    return body()
  }

  /// The values of a layer with its share of the first ones; unchanged for the first layer, and outside of ``share(_:_:)``.
  func mixed(_ values: T) -> T {
    guard let last = open.indices.last else { return values }
    guard let first = open[last].first else {
      open[last].first = values
      return values
    }
    require(
      first.shape == values.shape,
      "layers that share values have the same shapes of them, not \(first.shape) and \(values.shape)"
    )
    require(open[last].count < open[last].shares.count, "a layer shares its values once in a pass")
    let shares = open[last].shares[open[last].count]
    open[last].count += 1
    func share(_ index: Int) -> T { shares.sliced(axis: 0, index..<index + 1).reshaped(to: []) }
    return first * share(0) + values * share(1)
  }
}
