import Plots

/// A report as one self-contained HTML file: text, tables, and the figure. It suits phones, dark mode and
/// printing.
public struct HTMLReport: Sendable {
  /// What is in the report, in order.
  public indirect enum Part: Sendable {
    /// The verdict, in a highlighted sentence.
    case verdict(String)
    /// The title of a section.
    case heading(String)
    /// Running text.
    case paragraph(String)
    /// A table: the header, then the rows. One that is wider than the page scrolls sideways.
    case table(header: [String], rows: [[String]])
    /// An SVG document, as it is.
    case figure(svg: String)
    /// An SVG document, and the same with its panels stacked for a narrow page.
    case figures(wide: String, narrow: String)
    /// A command or a file's content.
    case code(String)
    /// Collapsed parts.
    case details(String, [Part])
    /// Several parts.
    case group([Part])

    /// A figure, and the same for a phone: its panels stacked, and narrow enough for their text to keep its size. A figure with
    /// more than two rows becomes one figure per row, since pages do not break within a figure.
    ///
    /// - Parameters:
    ///   - figure: The figure.
    ///   - svg: The figure if already drawn; `nil` to draw it.
    public static func figure(_ figure: FigureGrid, wide svg: String? = nil) -> Part {
      let rows = figure.rows
      if rows.count > 2 { return .group(rows.map { .figure($0) }) }
      var narrow = figure
      (narrow.columns, narrow.width) = (1, 400)
      return .figures(wide: svg ?? figure.svg(), narrow: narrow.svg())
    }
  }

  private let title: String
  /// What is in it.
  let parts: [Part]

  /// A report.
  public init(title: String, _ parts: [Part]) {
    self.title = title
    self.parts = parts
  }

  /// The file's text.
  public var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(Self.escaped(title))</title>
    <style>
    :root { --ink: #222; --page: #fff; --line: #ddd; --shade: #f4f4f4; }
    body { font-family: system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5; color: var(--ink); background: var(--page); }
    h1 { line-height: 1.25; overflow-wrap: anywhere; }
    .verdict { font-size: 1.2rem; font-weight: 600; border-left: 0.3rem solid var(--ink); padding-left: 0.8rem; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { padding: 0.2rem 0.8rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
    th:first-child, td:first-child { text-align: left; }
    figure { margin: 1rem 0; }
    svg { max-width: 100%; height: auto; background: #fff; }
    .narrow { display: none; }
    pre { background: var(--shade); padding: 0.6rem 1rem; overflow-x: auto; }
    @media (max-width: 40rem) { body { margin: 1rem auto; } .wide { display: none; } .narrow { display: block; } td:first-child { white-space: normal; min-width: 8rem; } }
    @media (prefers-color-scheme: dark) { :root { --ink: #ddd; --page: #16181b; --line: #444; --shade: #24272b; } }
    @media print { :root { --ink: #000; --page: #fff; --line: #bbb; --shade: #fff; } .wide { display: block; } .narrow { display: none; } figure, tr { break-inside: avoid; } th, td { white-space: normal; padding: 0.15rem 0.4rem; font-size: 0.85rem; } }
    </style>
    </head>
    <body>
    <h1>\(Self.escaped(title))</h1>
    \(parts.map(Self.html).joined(separator: "\n"))
    </body>
    </html>

    """
  }

  private static func html(_ part: Part) -> String {
    switch part {
    case .group(let parts): parts.map(html).joined(separator: "\n")
    case .verdict(let text): "<p class=\"verdict\">\(escaped(text))</p>"
    case .heading(let text): "<h2>\(escaped(text))</h2>"
    case .paragraph(let text): "<p>\(escaped(text))</p>"
    case .code(let text): "<pre>\(escaped(text))</pre>"
    case .figure(let svg): "<figure>\(svg)</figure>"
    case .figures(let wide, let narrow):
      "<figure class=\"wide\">\(wide)</figure>\n<figure class=\"narrow\">\(narrow)</figure>"
    case .details(let title, let parts):
      "<details><summary>\(escaped(title))</summary>\n"
        + parts.map(html).joined(separator: "\n") + "\n</details>"
    case .table(let header, let rows):
      "<div class=\"scroll\"><table><thead>\(row(header, "th"))</thead><tbody>"
        + rows.map { row($0, "td") }.joined(separator: "\n") + "</tbody></table></div>"
    }
  }

  private static func row(_ cells: [String], _ tag: String) -> String {
    "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
