/// A line or point cloud in a chart, with its label.
public struct Series: Sendable, Hashable {
  /// One measurement.
  public struct Point: Sendable, Hashable {
    /// Position along the horizontal axis.
    public var x: Double

    /// The measured value: nil if nothing was measured, which leaves a gap; NaN or an infinity
    /// if a run diverged, which leaves a gap and a mark in the row "diverged" above the chart.
    public var y: Double?

    /// Lower end of the interval around the value; nil for none.
    public var lower: Double?

    /// Upper end of the interval around the value; nil for none.
    public var upper: Double?

    /// Creates a measurement, with an interval if `lower` and `upper` are both given.
    public init(_ x: Double, _ y: Double?, lower: Double? = nil, upper: Double? = nil) {
      self.x = x
      self.y = y
      self.lower = lower
      self.upper = upper
    }

    /// A cell whose run diverged.
    public static func diverged(at x: Double) -> Point { Point(x, .infinity) }

    /// Whether there is a value that is not finite.
    public var isDiverged: Bool { y.map { !$0.isFinite } ?? false }
  }

  /// What is drawn for the points.
  public enum Style: Sendable, Hashable {
    /// A line without a marker at each point. A line with more than 120 points, such as the loss after
    /// every step, is solid and thin, with a few markers to identify it.
    case line
    /// Markers without a line.
    case points
    /// A line with a marker at each point, for a few measured points.
    case lineAndPoints
    /// A thin gray dashed line, for a prediction or a reference; it uses no color.
    case reference
  }

  /// How the intervals are drawn.
  public enum Interval: Sendable, Hashable {
    /// A translucent area with thin edges; whiskers for an isolated point.
    case band
    /// A whisker with caps at each point.
    case whiskers
  }

  /// The label at the line's end; empty for none.
  public var label: String

  /// The measurements, in the order in which the line connects them.
  public var points: [Point]

  /// What is drawn for the points.
  public var style: Style

  /// How the intervals are drawn; nil for whiskers with ``Style/points`` and a band otherwise.
  public var interval: Interval?

  /// The index, from 0, of the appearance (color, dashes, marker) of the series; nil for
  /// the first that is free. Give the same number to the same arm in every figure of a report.
  public var slot: Int?

  /// Creates a series.
  public init(
    _ label: String, _ points: [Point], style: Style = .lineAndPoints, interval: Interval? = nil,
    slot: Int? = nil
  ) {
    self.label = label
    self.points = points
    self.style = style
    self.interval = interval
    self.slot = slot
  }

  /// Creates a series from coordinates.
  ///
  /// - Precondition: `x` and `y` have the same number of values.
  public init(
    _ label: String, x: [Double], y: [Double?], style: Style = .lineAndPoints, slot: Int? = nil
  ) {
    guard x.count == y.count else {
      fatalError("series \"\(label)\" has \(x.count) x values and \(y.count) y values")
    }
    self.init(label, zip(x, y).map { Point($0, $1) }, style: style, slot: slot)
  }
}
