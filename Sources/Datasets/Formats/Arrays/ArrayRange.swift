/// The smallest and the largest value of an array, and whether anything in it is not a number.
struct ArrayRange {
  /// The smallest finite value; infinite when there is none.
  private(set) var minimum = Double.infinity
  /// The largest finite value; minus infinity when there is none.
  private(set) var maximum = -Double.infinity
  /// Whether all finite values are whole numbers.
  private(set) var isWhole = true
  /// How many values are infinite or not a number.
  private(set) var nonFiniteCount = 0
  /// The position of the first of them in row-major order.
  private(set) var firstNonFinite: Int?

  init(_ array: NumericArray) {
    if array.elementType == .uint8 {
      // Pictures are most of what is read, and need no conversion.
      if let least = array.bytes.min(), let most = array.bytes.max() {
        (minimum, maximum) = (Double(least), Double(most))
      }
      return
    }
    // One part at a time, so that a large array is not converted at once.
    let size = array.elementType.size
    for start in stride(from: 0, to: array.count, by: Self.partSize) {
      let end = min(start + Self.partSize, array.count)
      let part = NumericArray(
        array.elementType, [end - start],
        checkedBytes: Array(array.bytes[start * size..<end * size]))
      add(part.doubles(), from: start)
    }
  }

  private static let partSize = 1 << 16

  private mutating func add(_ values: [Double], from start: Int) {
    for (position, value) in values.enumerated() {
      guard value.isFinite else {
        nonFiniteCount += 1
        if firstNonFinite == nil { firstNonFinite = start + position }
        continue
      }
      if value < minimum { minimum = value }
      if value > maximum { maximum = value }
      if isWhole, value != value.rounded() { isWhole = false }
    }
  }
}
