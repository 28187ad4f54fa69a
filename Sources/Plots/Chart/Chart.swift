import Foundation

/// A chart as a value: data and labels, without positions.
///
/// ```swift
/// let chart = Chart(
///   title: "Training loss rises with depth without skip connections",
///   x: Axis("depth", scale: .log2, ticks: [2, 4, 8, 16, 32]),
///   y: Axis("training loss", scale: .log10),
///   series: [Series("plain", x: depths, y: losses), Series("residual", x: depths, y: others)])
/// let text = chart.svg()
/// ```
///
/// Each line is labeled at its end, so no legend is needed. Series differ in
/// lightness, dashes and markers as well as in hue, so the figure can be read in gray and by color-blind readers.
public struct Chart: Sendable, Hashable {
  /// The title, preferably the finding itself.
  public var title: String

  /// One more line under the title: setting, data, number of seeds; empty for none.
  public var subtitle: String

  /// The horizontal axis.
  public var x: Axis

  /// The vertical axis; its label is above it.
  public var y: Axis

  /// The lines and point clouds, drawn in this order.
  public var series: [Series]

  /// Annotations inside the chart.
  public var annotations: [Annotation]

  /// A quantity over the plane, below the series; nil for none.
  public var field: ContourField?

  /// The caption under the chart.
  public var caption: Caption?

  /// Width of the whole picture in pixels, at least 240.
  public var width: Double

  /// Height of the area between the axes in pixels, at least 80; it grows when the labels of the
  /// series need more.
  public var plotHeight: Double

  /// Creates a chart.
  public init(
    title: String, subtitle: String = "", x: Axis, y: Axis, series: [Series],
    annotations: [Annotation] = [], field: ContourField? = nil, caption: Caption? = nil,
    width: Double = 720, plotHeight: Double = 320
  ) {
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.series = series
    self.annotations = annotations
    self.field = field
    self.caption = caption
    self.width = width
    self.plotHeight = plotHeight
  }

  /// The chart as a self-contained SVG document; the same chart gives the same bytes.
  ///
  /// Complexity: O(n) in the number of points. A line with more points than the picture can show is
  /// reduced to the smallest and largest values in each column of pixels.
  public func svg() -> String { FigureGrid([self], columns: 1).svg() }

  /// Writes ``svg()`` to a file, whole or not at all.
  ///
  /// - Throws: The system's error if the file cannot be written.
  public func write(to path: String) throws {
    try svg().write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// The data of the chart as comma-separated values, one line per point:
  /// `series,x,y,lower,upper,state`, with state `measured`, `missing` or `diverged`; of a field without series `x,y,value`.
  public func csv() -> String {
    if let field, series.isEmpty { return field.csv }
    var text = "series,x,y,lower,upper,state\n"
    for series in series {
      for point in series.points { text += Self.csvLine(series.label, point) }
    }
    return text
  }

  private static func csvLine(_ label: String, _ point: Series.Point) -> String {
    func cell(_ value: Double?) -> String {
      guard let value, value.isFinite else { return "" }
      return "\(value)"
    }
    let needsQuotes = label.contains { $0 == "," || $0 == "\"" || $0.isNewline }
    let name = needsQuotes ? "\"" + label.replacing("\"", with: "\"\"") + "\"" : label
    let state = point.y == nil ? "missing" : point.isDiverged ? "diverged" : "measured"
    let cells = [point.x, point.y, point.lower, point.upper].map(cell).joined(separator: ",")
    return "\(name),\(cells),\(state)\n"
  }
}

/// The text under a figure: an explanation, the source of the claim or data, and the
/// command that reproduces the figure.
public struct Caption: Sendable, Hashable {
  /// What a reader needs to know: the meaning of the intervals, the number of seeds.
  public var text: String

  /// The source of the data or claim; empty for none.
  public var source: String

  /// The command that made the figure; empty for none.
  public var command: String

  /// Creates a caption.
  public init(_ text: String = "", source: String = "", command: String = "") {
    self.text = text
    self.source = source
    self.command = command
  }
}

/// An annotation inside a chart, placed, if possible, where it covers neither a line nor another annotation.
public enum Annotation: Sendable, Hashable {
  /// A vertical line at this x.
  case verticalLine(at: Double, String)
  /// A horizontal line at this y.
  case horizontalLine(at: Double, String)
  /// A shaded band between two values of x.
  case region(ClosedRange<Double>, String)
  /// Text near a point.
  case text(x: Double, y: Double, String)

  /// The text of the annotation.
  public var label: String {
    switch self {
    case .verticalLine(_, let label), .horizontalLine(_, let label), .region(_, let label),
      .text(_, _, let label):
      label
    }
  }
}
