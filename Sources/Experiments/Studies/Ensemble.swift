import Plots
import Plumbline

// What studies share that measure an ensemble of random networks: means over draws, and how they are drawn in a figure next to the
// law.

extension StudySession {
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

/// The branch V relu(W h) of the residual blocks whose laws the studies check: Var W = 2/n and Var V = 1/n, without biases, so that
/// it has the energy of its input in expectation, at any width.
public func residualBranch(width: Int, _ activation: Activation = .relu) -> Sequential {
  Sequential(
    Dense(width, width, bias: nil), activation,
    Dense(width, width, initializer: .lecun(), bias: nil))
}

extension Series {
  /// A law, drawn dashed.
  public static func law(_ x: [Double], _ law: (Double) -> Double) -> Series {
    Series("", x: x, y: x.map(law), style: .reference)
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
}
