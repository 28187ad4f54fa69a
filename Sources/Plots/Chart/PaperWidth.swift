/// The width of a figure in a paper.
public struct PaperWidth: Sendable, Hashable {
  /// In millimeters.
  public let millimetres: Double

  /// A width; at least 40 and at most 1,000 mm.
  public init?(millimetres: Double) {
    guard (40...1000).contains(millimetres) else { return nil }
    self.millimetres = millimetres
  }

  /// The named widths, from the author instructions of conferences and journals.
  public static let named: [(name: String, width: PaperWidth)] = [
    ("icml-column", PaperWidth(inches: 3.25)), ("icml-text", PaperWidth(inches: 6.75)),
    ("neurips-text", PaperWidth(inches: 5.5)), ("iclr-text", PaperWidth(inches: 5.5)),
  ]

  /// The width given by text: a name, or a number of millimeters.
  public init?(parsing text: String) {
    if let named = Self.named.first(where: { $0.name == text }) {
      self = named.width
    } else if let number = Double(text), let width = PaperWidth(millimetres: number) {
      self = width
    } else {
      return nil
    }
  }

  private init(inches: Double) { millimetres = inches * 25.4 }

  /// The width in pixels of a figure drawn for it, chosen so that axis labels of 12 pixels are 8 points on paper.
  var pixels: Double { millimetres / 25.4 * 72 * 12 / 8 }
}

extension FigureGrid {
  /// The figure for a paper width: its panels side by side as far as they stay readable, its text in a paper's sizes, and its own
  /// size in millimeters.
  public func fitted(to paper: PaperWidth) -> FigureGrid {
    var figure = self
    figure.paper = paper
    figure.width = paper.pixels
    // A panel needs this much, with the numbers of its axis and the names of its lines.
    figure.columns = max(1, min(columns, charts.count, Int(paper.pixels / 290)))
    let panel = paper.pixels / Double(figure.columns)
    figure.charts = charts.map { chart in
      var chart = chart
      chart.plotHeight = min(chart.plotHeight, max(140, panel * 0.55))
      return chart
    }
    return figure
  }
}
