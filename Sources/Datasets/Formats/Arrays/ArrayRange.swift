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
    for (position, value) in array.doubles().enumerated() {
      guard value.isFinite else {
        nonFiniteCount += 1
        if firstNonFinite == nil { firstNonFinite = position }
        continue
      }
      if value < minimum { minimum = value }
      if value > maximum { maximum = value }
      if isWhole, value != value.rounded() { isWhole = false }
    }
  }
}
