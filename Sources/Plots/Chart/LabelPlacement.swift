/// Positions along one line for items that must not overlap and should stay where they are.
package enum LabelPlacement {
  /// Centers as near as possible to the desired ones, in the same order, without overlap.
  ///
  /// Minimizes the weighted sum of squared moves subject to the distances; the exact optimum, by
  /// isotonic regression with pooled blocks (Ayer et al., 1955; Barlow et al., 1972).
  /// - Parameters:
  ///   - desired: the desired centers, in the order in which the items must be.
  ///   - sizes: how much space each takes, half of it on each side; as many as `desired`.
  ///   - weights: how much each resists being moved; nil for equally.
  ///   - bounds: the interval in which all must lie; nil for none. Items that do not fit start at its low end and go beyond its
  ///     high end.
  ///
  /// Complexity: O(n).
  package static func spread(
    desired: [Double], sizes: [Double], weights: [Double]? = nil, bounds: ClosedRange<Double>? = nil
  ) -> [Double] {
    // With the space of all earlier ones subtracted, "no overlap" becomes "not falling".
    var offsets: [Double] = []
    var used = 0.0
    for size in sizes {
      offsets.append(used + size / 2)
      used += size
    }
    var blocks: [(mean: Double, weight: Double, count: Int)] = []
    for index in desired.indices {
      var block = (mean: desired[index] - offsets[index], weight: weights?[index] ?? 1, count: 1)
      while let last = blocks.last, last.mean > block.mean {
        let weight = last.weight + block.weight
        block = (
          (last.mean * last.weight + block.mean * block.weight) / weight, weight,
          last.count + block.count
        )
        blocks.removeLast()
      }
      blocks.append(block)
    }
    var centres: [Double] = []
    for block in blocks {
      for _ in 0..<block.count {
        var start = block.mean
        if let bounds { start = max(min(start, bounds.upperBound - used), bounds.lowerBound) }
        centres.append(start + offsets[centres.count])
      }
    }
    return centres
  }
}
