/// The tags and texts of an XML document, one after the other.
///
/// It supports what the parts of office documents contain: elements, attributes, texts, the five named characters and those by
/// number. Declarations and comments are passed over.
struct XMLScanner {
  enum Event {
    case start(name: String, attributes: [String: String], isEmpty: Bool)
    case text(String)
    case end(name: String)
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next event; nil at the end, and if a tag is not closed.
  mutating func next() -> Event? {
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "<") else {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        defer { position = end }
        return .text(Self.decoded(bytes[position..<end]))
      }
      if starts(with: "<!--") {
        skip(behind: "-->")
      } else if starts(with: "<![CDATA[") {
        let start = position + 9
        skip(behind: "]]>")
        return .text(
          String(
            decoding: bytes[min(start, bytes.count)..<max(min(start, bytes.count), position - 3)],
            as: UTF8.self))
      } else if starts(with: "<?") || starts(with: "<!") {
        skip(behind: ">")
      } else {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
        let tag = String(decoding: bytes[position + 1..<end], as: UTF8.self)
        position = end + 1
        return Self.tag(tag)
      }
    }
    return nil
  }

  private func starts(with text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

  private mutating func skip(behind text: String) {
    let mark = Array(text.utf8)
    while position < bytes.count, !bytes[position...].starts(with: mark) { position += 1 }
    position = min(bytes.count, position + mark.count)
  }

  private static func tag(_ text: String) -> Event {
    if text.hasPrefix("/") {
      return .end(name: local(text.dropFirst().filter { !$0.isWhitespace }))
    }
    let isEmpty = text.hasSuffix("/")
    var rest = (isEmpty ? text.dropLast() : text[...])
    let name = rest.prefix { !$0.isWhitespace }
    rest = rest.dropFirst(name.count)
    var attributes: [String: String] = [:]
    while let sign = rest.firstIndex(of: "=") {
      let key = rest[..<sign].filter { !$0.isWhitespace }
      rest = rest[rest.index(after: sign)...].drop(while: \.isWhitespace)
      guard let quote = rest.first, quote == "\"" || quote == "'" else { break }
      rest = rest.dropFirst()
      let value = rest.prefix { $0 != quote }
      attributes[String(key)] = decoded(Array(value.utf8)[...])
      rest = rest.dropFirst(value.count + 1)
    }
    return .start(name: local(name), attributes: attributes, isEmpty: isEmpty)
  }

  /// A name without the prefix of its namespace.
  private static func local(_ name: some StringProtocol) -> String {
    String(name.split(separator: ":").last ?? "")
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
    let text = CellText.string(bytes)
    guard text.contains("&") else { return text }
    let named = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
    var result = ""
    var rest = text[...]
    while let start = rest.firstIndex(of: "&") {
      result += rest[..<start]
      rest = rest[rest.index(after: start)...]
      guard let end = rest.prefix(12).firstIndex(of: ";") else {
        result += "&"
        continue
      }
      let word = rest[..<end]
      rest = rest[rest.index(after: end)...]
      if let character = named[String(word)] {
        result += character
      } else if word.hasPrefix("#") {
        let digits = word.dropFirst()
        let code =
          digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        result.unicodeScalars.append(code.flatMap(Unicode.Scalar.init) ?? "\u{FFFD}")
      }
    }
    return result + rest
  }
}
