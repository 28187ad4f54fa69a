/// A report as one HTML file that needs nothing else: text, tables, and the figure inside it.
public struct HTMLReport: Sendable {
  /// What is in the report, in order.
  public enum Part: Sendable {
    /// A paragraph.
    case paragraph(String)
    /// A table: the header, then the rows.
    case table(header: [String], rows: [[String]])
    /// An SVG document, as it is.
    case figure(svg: String)
    /// A command or a file's content.
    case code(String)
  }

  private let title: String
  private let parts: [Part]

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
    <title>\(Self.escaped(title))</title>
    <style>
    body { font-family: system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5; color: #222; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { padding: 0.2rem 0.8rem; text-align: right; border-bottom: 1px solid #ddd; }
    th:first-child, td:first-child { text-align: left; }
    svg { max-width: 100%; height: auto; }
    pre { background: #f4f4f4; padding: 0.6rem 1rem; overflow-x: auto; }
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
    case .paragraph(let text): "<p>\(escaped(text))</p>"
    case .code(let text): "<pre>\(escaped(text))</pre>"
    case .figure(let svg): "<figure>\(svg)</figure>"
    case .table(let header, let rows):
      "<table><thead>\(row(header, "th"))</thead><tbody>"
        + rows.map { row($0, "td") }.joined(separator: "\n") + "</tbody></table>"
    }
  }

  private static func row(_ cells: [String], _ tag: String) -> String {
    "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
