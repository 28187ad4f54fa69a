import Plumbline

// Numbers of a whole tensor in one pass over its values, summed as Doubles: a probe takes them at every layer of a deep
// network, where an operation for each intermediate result would cost more than the network itself.
extension Tensor where Scalar: TrainableScalar {
  /// The mean of the squared values.
  @inline(__always)
  var meanSquare: Double {
    withValues { values in
      Self.sum(0, count) { values[$0].real * values[$0].real } / Double(Swift.max(count, 1))
    }
  }

  /// The mean square of a tensor whose first axis counts examples, and how much these differ in direction: 1 - |mean of
  /// the examples' directions|², 0 where all point the same way, whatever their lengths.
  @inline(__always)
  var signal: (meanSquare: Double, distinguishingShare: Double) {
    let examples = shape[0]
    let width = count / Swift.max(examples, 1)
    return withValues { values in
      var square = 0.0
      let sum = withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { directions in
        directions.initialize(repeating: 0)
        for start in stride(from: 0, to: examples * width, by: width) {
          let length = Self.sum(start, width) { values[$0].real * values[$0].real }
          square += length
          // An example without any signal has no direction.
          guard length > 0 else { continue }
          let scale = 1 / length.squareRoot()
          for unit in 0..<width { directions[unit] += values[start + unit].real * scale }
        }
        return Self.sum(0, width) { directions[$0] * directions[$0] }
      }
      let mean = square / Double(Swift.max(count, 1))
      return (mean, mean > 0 ? Swift.max(0, 1 - sum / Double(examples * examples)) : 0)
    }
  }

  /// The share of the elements for which `condition` holds.
  @inline(__always)
  func share(_ condition: (Scalar) -> Bool) -> Double {
    withValues { values in
      Self.sum(0, count) { condition(values[$0]) ? 1 : 0 } / Double(Swift.max(count, 1))
    }
  }

  /// For each unit the share of the examples, and of the positions in a picture, at which it is positive. The axes are the
  /// examples, the units, and those of the picture.
  @inline(__always)
  var positiveShares: [Double] {
    let units = shape.rank > 1 ? shape[1] : 1
    let examples = shape[0]
    let positions = count / Swift.max(examples * units, 1)
    let size = Double(Swift.max(examples * positions, 1))
    return withValues { values in
      [Double](unsafeUninitializedCapacity: units) { shares, initializedCount in
        shares.initialize(repeating: 0)
        for example in 0..<examples {
          let values = values + example * units * positions
          // A loop without an inner loop can become vector instructions.
          if positions == 1 {
            for unit in 0..<units { shares[unit] += values[unit] > 0 ? 1 : 0 }
            continue
          }
          for unit in 0..<units {
            shares[unit] += Self.sum(unit * positions, positions) { values[$0] > 0 ? 1 : 0 }
          }
        }
        for unit in 0..<units { shares[unit] /= size }
        initializedCount = units
      }
    }
  }

  /// The sum of a function over `count` positions from `start` on: four sums side by side, so that none waits for another.
  @inline(__always)
  static func sum(_ start: Int, _ count: Int, _ value: (Int) -> Double) -> Double {
    var sums = SIMD4<Double>.zero
    let whole = start + (count & ~3)
    for position in stride(from: start, to: whole, by: 4) {
      sums += SIMD4(value(position), value(position + 1), value(position + 2), value(position + 3))
    }
    var sum = sums.sum()
    for position in whole..<start + count { sum += value(position) }
    return sum
  }
}
