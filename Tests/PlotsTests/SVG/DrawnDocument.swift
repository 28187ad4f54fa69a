import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An SVG document as a reader sees it: parsed, with its elements and texts.
final class DrawnDocument: NSObject, XMLParserDelegate {
  struct Element {
    let name: String
    let attributes: [String: String]
    var text = ""
  }

  private(set) var elements: [Element] = []
  private var open: [Int] = []

  /// Parses a document, and records an issue unless it is well-formed and all its numbers are
  /// numbers.
  init(_ svg: String, sourceLocation: SourceLocation = #_sourceLocation) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    #expect(parser.parse(), "not well-formed", sourceLocation: sourceLocation)
    for element in elements {
      for (key, value) in element.attributes where Self.numericKeys.contains(key) {
        #expect(
          Double(value)?.isFinite == true, "\(element.name) \(key)=\(value)",
          sourceLocation: sourceLocation)
      }
      if let outline = element.attributes["d"] {
        let isSound = outline.allSatisfy { "MLHVCQaZ0123456789.- ".contains($0) }
        #expect(isSound, "\(outline.prefix(80))", sourceLocation: sourceLocation)
      }
    }
  }

  private static let numericKeys: Set<String> = [
    "x", "y", "width", "height", "font-size", "stroke-width", "rx", "fill-opacity",
  ]

  func elements(_ name: String) -> [Element] { elements.filter { $0.name == name } }

  /// Everything that is written in the picture.
  var texts: [String] { elements("text").map(\.text) }

  /// What the picture says in its title element.
  var title: String? { elements.first { $0.name == "title" }?.text }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    open.append(elements.count)
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if let last = open.last { elements[last].text += string }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) { open.removeLast() }
}
