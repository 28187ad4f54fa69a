import Plots
import Plumbline

// What studies share that measure an ensemble of random networks: means over draws, and how they are drawn in a figure next to the
// law.

extension StudySession {
  /// What is measured of each draw of an ensemble, on all cores and recorded.
  ///
  /// - Parameters:
  ///   - name: What is measured, in words; a study measures nothing else under the same name.
  ///   - count: The number of draws.
  ///   - key: The root of the draws: equal keys give equal draws, so that measurements under two names can share them.
  ///   - measure: Measures one draw, from its key alone.
  public func sample<Value: Codable & Sendable>(
    _ name: String, draws count: Int, _ key: Key, _ measure: @escaping @Sendable (Key) -> Value
  ) throws -> [Value] {
    try value(name) { draws(count) { measure(key[$0]) } }
  }

  /// Means over an ensemble, measured on all cores and recorded.
  ///
  /// - Parameters:
  ///   - name: What is measured, in words; a study measures nothing else under the same name.
  ///   - count: The number of draws.
  ///   - key: The root of the draws: equal keys give equal draws, so that measurements under two names can share them.
  ///   - measure: The quantities of one draw, the same number each time, from its key alone.
  public func means(
    _ name: String, draws count: Int, _ key: Key, _ measure: @escaping @Sendable (Key) -> [Double]
  ) throws -> [SampleMean] {
    try value(name) {
      let draws = draws(count) { measure(key[$0]) }
      return draws[0].indices.map { index in SampleMean(of: draws.map { $0[index] }) }
    }
  }

  /// The mean of one quantity over an ensemble; see ``means(_:draws:_:_:)``.
  public func mean(
    _ name: String, draws count: Int, _ key: Key, _ measure: @escaping @Sendable (Key) -> Double
  ) throws -> SampleMean {
    try means(name, draws: count, key) { [measure($0)] }[0]
  }
}

extension Axis {
  /// An axis of depths, or of other sizes that double from one to the next: logarithmic, with a tick at each.
  public static func doubling(_ label: String, _ sizes: [Int]) -> Axis {
    Axis(label, scale: .log2, ticks: sizes.map(Double.init))
  }
}

extension Series {
  /// A law, drawn dashed.
  public static func law(_ x: [Double], _ law: (Double) -> Double) -> Series {
    Series("", x: x, y: x.map(law), style: .reference)
  }

  /// A law of depths, drawn dashed.
  public static func law(_ depths: [Int], _ law: (Double) -> Double) -> Series {
    .law(depths.map(Double.init), law)
  }

  /// Means with two standard errors on either side: only a point for each x.
  public static func measured(_ label: String, _ x: [Double], _ means: [SampleMean]) -> Series {
    Series(
      label,
      zip(x, means).map { x, mean in
        let margin = 2 * mean.standardError
        return Point(x, mean.mean, lower: mean.mean - margin, upper: mean.mean + margin)
      }, style: .points)
  }

  /// Medians with their intervals, one for each x.
  public static func medians(
    _ label: String, _ x: [Double], _ intervals: [MedianInterval], style: Style = .lineAndPoints
  ) -> Series {
    Series(
      label,
      zip(x, intervals).map { x, interval in
        Point(x, interval.median, lower: interval.low, upper: interval.high)
      }, style: style)
  }

  /// Medians with their intervals over rows of values, a row for each draw (or seed) with a value for each x.
  public static func medians(
    _ label: String, _ x: [Double], over rows: [[Double]], style: Style = .lineAndPoints
  ) -> Series {
    medians(
      label, x, x.indices.map { column in MedianInterval(of: rows.map { $0[column] }) },
      style: style)
  }

  /// Medians with the quartiles of the values themselves, for what is a random number rather than known inexactly: a list of values for each x.
  public static func quartiles(_ label: String, _ x: [Double], _ values: [[Double]]) -> Series {
    Series(
      label,
      zip(x, values).map { x, values in
        let sorted = values.sorted()
        return Point(
          x, median(values), lower: sorted[sorted.count / 4], upper: sorted[3 * sorted.count / 4])
      })
  }
}
