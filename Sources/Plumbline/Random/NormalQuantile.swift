import CKernels

/// The inverse of the standard normal distribution function, to about 1 part in 10¹⁶.
///
/// Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
/// Applied Statistics 37 (1988), 477-484, routine PPND16.
package enum NormalQuantile {
  /// The x with Φ(x) = `probability`, for a probability in (0, 1).
  package static func value(at probability: Double) -> Double {
    var values = [probability]
    replace(&values)
    return values[0]
  }

  /// Replaces each probability by its x.
  static func replace(_ probabilities: inout [Double]) {
    probabilities.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      plumb_normal_quantile(.double, values.count, base, base)
    }
  }
}
