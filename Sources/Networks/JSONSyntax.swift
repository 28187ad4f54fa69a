import Findings

/// Looks through a JSON text for what a decoder tells without its location or passes over: mistakes of syntax, and fields
/// that an object holds twice, of which a decoder takes one.
///
/// The grammar is that of RFC 8259, so that a text means the same on every platform. Complexity: O(length).
struct JSONSyntax {
  /// Objects and lists inside one another; Foundation's decoder gives up soon after.
  private static let depthLimit = 500

  private let bytes: [UInt8]
  private var position = 0

  /// Throws the first mistake, with line and column or with the location of the field.
  static func check(_ text: String) throws(Problem) {
    var syntax = JSONSyntax(bytes: Array(text.utf8))
    // The mark of the byte order, which some editors write.
    if syntax.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { syntax.position = 3 }
    try syntax.value(at: "", depth: 0)
    syntax.skipBlanks()
    if syntax.next != nil { throw syntax.unexpected("the end of the text") }
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  /// Passes over a character, if it is the next.
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// The line and column, from 1, of a position in the text.
  private func lineAndColumn(_ position: Int) -> String {
    let before = bytes[..<position]
    let line = before.count { $0 == 0x0A } + 1
    let column = position - (before.lastIndex(of: 0x0A) ?? -1)
    return "line \(line), column \(column)"
  }

  private func unexpected(_ expected: String) -> Problem {
    var found = "the text ends"
    if position < bytes.count {
      let rest = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
      found = "\"\(rest.first.map(String.init) ?? "")\" is there"
    }
    return Problem(
      location: lineAndColumn(position),
      problem: "this is not JSON: expected \(expected), but \(found)",
      remedy: "check quotes, commas and brackets")
  }

  private mutating func value(at path: String, depth: Int) throws(Problem) {
    skipBlanks()
    guard depth < Self.depthLimit else {
      throw Problem(
        location: lineAndColumn(position),
        problem: "more than \(Self.depthLimit) objects and lists are nested here",
        remedy: "put the layers one after another in a single list")
    }
    if skip("{") {
      try object(at: path, depth: depth)
    } else if skip("[") {
      try list(at: path, depth: depth)
    } else if next == UInt8(ascii: "\"") {
      _ = try string()
    } else if let literal = ["true", "false", "null"].first(where: {
      bytes[position...].starts(with: $0.utf8)
    }) {
      position += literal.utf8.count
    } else {
      try number()
    }
  }

  private mutating func object(at path: String, depth: Int) throws(Problem) {
    var names: Set<String> = []
    skipBlanks()
    if skip("}") { return }
    repeat {
      skipBlanks()
      let start = position
      let name = try string()
      let field = path.isEmpty ? name : "\(path).\(name)"
      if name.contains("\\") {
        throw Problem(
          location: lineAndColumn(start),
          problem: "the name of a field contains a backslash escape",
          remedy: "write the letters themselves")
      }
      guard names.insert(name).inserted else {
        throw Problem(
          location: field, problem: "the field is repeated at \(lineAndColumn(start))",
          remedy: "keep one of the two")
      }
      skipBlanks()
      guard skip(":") else { throw unexpected("a colon") }
      try value(at: field, depth: depth + 1)
      skipBlanks()
    } while skip(",")
    guard skip("}") else { throw unexpected("a comma or }") }
  }

  private mutating func list(at path: String, depth: Int) throws(Problem) {
    skipBlanks()
    if skip("]") { return }
    var count = 0
    repeat {
      try value(at: "\(path)[\(count)]", depth: depth + 1)
      count += 1
      skipBlanks()
    } while skip(",")
    guard skip("]") else { throw unexpected("a comma or ]") }
  }

  /// What is between quotes, escapes as they are written.
  private mutating func string() throws(Problem) -> String {
    guard skip("\"") else { throw unexpected("a quote") }
    let start = position
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw unexpected("a closing quote in the same line") }
      position += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    position = min(position, bytes.count)
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard skip("\"") else { throw unexpected("a closing quote") }
    return text
  }

  private mutating func number() throws(Problem) {
    _ = skip("-")
    // A further digit after a leading zero is left over, and then nothing takes it.
    if !skip("0") { try digits("a value") }
    if skip(".") { try digits("a digit") }
    if skip("e") || skip("E") {
      _ = skip("+") || skip("-")
      try digits("a digit")
    }
  }

  private mutating func digits(_ expected: String) throws(Problem) {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    if position == start { throw unexpected(expected) }
  }
}
