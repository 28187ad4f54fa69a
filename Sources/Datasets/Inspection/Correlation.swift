/// How two lists of numbers are related.
package enum Correlation {
  /// Pearson's correlation; 0 if one of them does not vary.
  package static func pearson(_ a: [Double], _ b: [Double]) -> Double {
    let count = Double(max(a.count, 1))
    let (meanA, meanB) = (a.reduce(0, +) / count, b.reduce(0, +) / count)
    var (product, squareA, squareB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += (x - meanA) * (y - meanB)
      squareA += (x - meanA) * (x - meanA)
      squareB += (y - meanB) * (y - meanB)
    }
    // A variance that is only rounding does not count.
    guard squareA > 1e-12 * max(meanA * meanA * count, 1e-300),
      squareB > 1e-12 * max(meanB * meanB * count, 1e-300)
    else { return 0 }
    return product / squareA.squareRoot() / squareB.squareRoot()
  }

  /// The square of Pearson's correlation: the share of the variance of one that a line through the other explains.
  static func squared(_ a: [Double], _ b: [Double]) -> Double {
    let correlation = pearson(a, b)
    return correlation * correlation
  }

  /// The position of each number in ascending order, from 0; equal numbers share the mean of theirs.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for position in start..<end { ranks[order[position]] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }
}
