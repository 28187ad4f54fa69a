import Plumbline

/// Compares what was given with what it should be.
struct Comparison: Sendable {
  /// The relative distance up to which two values count as equal. It leaves room for the small numbers that people
  /// add to what they divide by.
  let tolerance: Double
  /// The number of examples.
  let examples: Double
  /// The factors that dropout multiplies by.
  var dropoutScales: [Double] = []

  /// Numbers of the run that a gradient may have been multiplied by or divided by without need, with their words.
  var numbers: [(value: Double, words: String)] = []

  /// What a factor is, by the numbers of the run; `nil` if it is none of them.
  func words(ofFactor ratio: Double) -> String? {
    numbers.lazy.compactMap { value, words -> String? in
      if isSame(abs(ratio), value) { return "it is \(words)" }
      return isSame(abs(ratio) * value, 1) ? "it is 1 over \(words)" : nil
    }.first
  }

  /// The rounding of a sum relative to the size of its terms, which may cancel.
  var rounding: Double {
    switch tolerance {
    case ...1e-5: 1e-13
    case ...2e-4: 1e-6
    default: 2e-3
    }
  }

  /// Whether two values are equal but for rounding. What is not finite equals nothing.
  ///
  /// - Parameter noise: What rounding may leave; evaluated only if it decides.
  func agree(
    _ given: Tensor<Double>, _ value: Tensor<Double>, noise: @autoclosure () -> Double = 0
  ) -> Bool {
    guard given.shape == value.shape else { return false }
    if given.relativeDistance(to: value) <= tolerance { return true }
    let difference = (given - value).norm
    guard difference.isFinite else { return false }
    let noise = noise()
    return difference <= noise && noise.isFinite
  }

  /// The ratio c with given = c value; `nil` if there is none.
  func ratio(of given: Tensor<Double>, to value: Tensor<Double>, noise: Double = 0) -> Double? {
    guard given.shape == value.shape else { return nil }
    let size = value.largest
    guard size > 0, size.isFinite else { return nil }
    let unit = value * (1 / Swift.max(size, 1e-300))
    let ratio = given.dot(unit) / unit.dot(unit) / size
    guard ratio.isFinite, ratio != 0 else { return nil }
    return agree(given, value * ratio, noise: noise) ? ratio : nil
  }

  /// Whether two numbers are the same factor: a distance of ten times what rounding explains means another factor.
  func isSame(_ ratio: Double, _ other: Double) -> Bool {
    Swift.abs(ratio - other) <= 10 * tolerance * Swift.abs(other)
  }
}
