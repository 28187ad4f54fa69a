/// The value of an attribute: text, which is escaped, or a number, which is printed as a coordinate.
package enum AttributeValue: Sendable, ExpressibleByStringInterpolation, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral
{
  case text(String)
  case number(Double)

  package init(stringLiteral value: String) { self = .text(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
}

/// Writes the elements of an SVG document in order; well-formed by construction.
package struct SVGWriter {
  /// The text written so far.
  package private(set) var body = ""

  package init() {}

  /// Families in order of preference; every system has one of them, so no font is ever fetched.
  package static let fontFamily =
    "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', "
    + "'DejaVu Sans', sans-serif"
  package static let monospacedFamily =
    "ui-monospace, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace"

  /// Writes an element without content.
  package mutating func element(_ name: String, _ attributes: KeyValuePairs<String, AttributeValue>)
  {
    tag(name, attributes, end: "/>\n")
  }

  /// Writes an element without content, with attributes determined at run time.
  package mutating func element(_ name: String, _ attributes: [(String, AttributeValue)]) {
    body += "<\(name)"
    for (key, value) in attributes { write(key, value) }
    body += "/>\n"
  }

  /// Writes a group (or another container) and what `content` writes into it.
  package mutating func group(
    _ name: String = "g", _ attributes: KeyValuePairs<String, AttributeValue> = [:],
    _ content: (inout SVGWriter) -> Void
  ) {
    tag(name, attributes, end: ">\n")
    content(&self)
    body += "</\(name)>\n"
  }

  /// Writes an element that holds text.
  package mutating func text(
    _ content: String, element name: String = "text",
    _ attributes: KeyValuePairs<String, AttributeValue>
  ) {
    tag(name, attributes, end: ">")
    body += Self.escaped(content)
    body += "</\(name)>\n"
  }

  /// Writes an element that holds text, with attributes determined at run time.
  package mutating func text(_ content: String, _ attributes: [(String, AttributeValue)]) {
    body += "<text"
    for (key, value) in attributes { write(key, value) }
    body += ">" + Self.escaped(content) + "</text>\n"
  }

  /// Writes an outline with the text that a pointer shows over it.
  package mutating func path(
    _ outline: String, tooltip: String, _ attributes: [(String, AttributeValue)]
  ) {
    body += "<path d=\"\(outline)\""
    for (key, value) in attributes { write(key, value) }
    body += "><title>\(Self.escaped(tooltip))</title></path>\n"
  }

  private mutating func tag(
    _ name: String, _ attributes: KeyValuePairs<String, AttributeValue>, end: String
  ) {
    body += "<\(name)"
    write(attributes)
    body += end
  }

  private mutating func write(_ attributes: KeyValuePairs<String, AttributeValue>) {
    for (key, value) in attributes { write(key, value) }
  }

  private mutating func write(_ key: String, _ value: AttributeValue) {
    switch value {
    case .text(let text): body += " \(key)=\"\(Self.escaped(text))\""
    case .number(let number): body += " \(key)=\"\(NumberText.coordinate(number))\""
    }
  }

  /// Text as XML character data: the five special characters as entities, characters that XML 1.0
  /// forbids as the replacement character.
  package static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\r", "\t": result += " "
      case _ where scalar.value < 32 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result.unicodeScalars.append("\u{FFFD}")
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The outline of a polyline, or of a polygon if `closed`.
  package static func outline(_ points: [PlanePoint], closed: Bool = false) -> String {
    var text = ""
    for (index, point) in points.enumerated() {
      text += index == 0 ? "M" : "L"
      text += NumberText.coordinate(point.x) + " " + NumberText.coordinate(point.y)
    }
    return closed ? text + "Z" : text
  }

  /// A whole document around a body: a white page with a title and a description for people who hear the figure instead of seeing
  /// it.
  ///
  /// Identifiers are a digest of the content, so that several figures can be in one HTML page. On a dark screen light and dark are
  /// exchanged and hues kept; a figure for paper has no such rule.
  ///
  /// - Parameter millimetresPerUnit: The size on paper; `nil` for as many pixels as there are units.
  package static func document(
    width: Double, height: Double, title: String, description: String,
    millimetresPerUnit: Double? = nil, body: String
  ) -> String {
    func length(_ units: Double) -> AttributeValue {
      millimetresPerUnit.map { .text(NumberText.coordinate(units * $0) + "mm") } ?? .number(units)
    }
    let digest = digest(title + description + body)
    var writer = SVGWriter()
    writer.group(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": length(width), "height": length(height),
        "viewBox": "0 0 \(NumberText.coordinate(width)) \(NumberText.coordinate(height))",
        "role": "img", "aria-labelledby": "figure-\(digest)-title figure-\(digest)-description",
        "font-family": .text(fontFamily), "style": "max-width: 100%; height: auto",
      ]
    ) { writer in
      writer.text(title, element: "title", ["id": "figure-\(digest)-title"])
      writer.text(description, element: "desc", ["id": "figure-\(digest)-description"])
      if millimetresPerUnit == nil { writer.body += "<style>\(darkScreen)</style>\n" }
      writer.element("rect", ["width": .number(width), "height": .number(height), "fill": "#fff"])
      writer.body += body
    }
    return writer.body
  }

  /// A white page becomes nearly black.
  private static let darkScreen =
    "@media screen and (prefers-color-scheme: dark) { svg { filter: invert(0.9) hue-rotate(180deg) } }"

  /// FNV-1a, 64 bits, in hexadecimal.
  private static func digest(_ text: String) -> String {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return String(digest, radix: 16)
  }
}
