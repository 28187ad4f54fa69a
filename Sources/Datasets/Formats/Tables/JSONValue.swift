/// A value of JSON text, with the members of objects in their order.
enum JSONValue {
  case number(Double)
  case text(String)
  case truth(Bool)
  case null
  case list([JSONValue])
  case object([(name: String, value: JSONValue)])

  /// The largest depth to which lists and objects may be nested.
  private static let depthLimit = 64

  /// Reads a value from `position` on, and moves `position` past it; nil, with the position of the fault, for anything else.
  static func read(_ bytes: [UInt8], _ position: inout Int, depth: Int = 0) -> JSONValue? {
    skipSpaces(bytes, &position)
    guard position < bytes.count, depth < depthLimit else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      position += 1
      var members: [(name: String, value: JSONValue)] = []
      skipSpaces(bytes, &position)
      if take("}", bytes, &position) { return .object([]) }
      repeat {
        skipSpaces(bytes, &position)
        guard let name = string(bytes, &position) else { return nil }
        skipSpaces(bytes, &position)
        guard take(":", bytes, &position), let value = read(bytes, &position, depth: depth + 1)
        else { return nil }
        members.append((name, value))
        skipSpaces(bytes, &position)
      } while take(",", bytes, &position)
      return take("}", bytes, &position) ? .object(members) : nil
    case UInt8(ascii: "["):
      position += 1
      var values: [JSONValue] = []
      skipSpaces(bytes, &position)
      if take("]", bytes, &position) { return .list([]) }
      repeat {
        guard let value = read(bytes, &position, depth: depth + 1) else { return nil }
        values.append(value)
        skipSpaces(bytes, &position)
      } while take(",", bytes, &position)
      return take("]", bytes, &position) ? .list(values) : nil
    case UInt8(ascii: "\""): return string(bytes, &position).map(JSONValue.text)
    default:
      let start = position
      while position < bytes.count, isWord(bytes[position]) { position += 1 }
      let word = String(decoding: bytes[start..<position], as: UTF8.self)
      switch word {
      case "true": return .truth(true)
      case "false": return .truth(false)
      case "null", "NaN": return .null
      default:
        let value = DecimalNumber.value(bytes, start, position)
        if value == nil { position = start }
        return value.map { $0.isFinite ? .number($0) : .text(word) }
      }
    }
  }

  static func skipSpaces(_ bytes: [UInt8], _ position: inout Int) {
    while position < bytes.count, bytes[position] == 0x20 || (9...13).contains(bytes[position]) {
      position += 1
    }
  }

  /// Whether a byte may be part of a number or of a word such as true.
  static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == 0x2B || byte == 0x2D || byte == 0x2E
  }

  private static func take(
    _ character: Unicode.Scalar, _ bytes: [UInt8], _ position: inout Int
  ) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private static func string(_ bytes: [UInt8], _ position: inout Int) -> String? {
    guard take("\"", bytes, &position) else { return nil }
    var content: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        content.append(byte)
        continue
      }
      guard position < bytes.count else { return nil }
      let escape = bytes[position]
      position += 1
      switch escape {
      case UInt8(ascii: "n"): content.append(0x0A)
      case UInt8(ascii: "t"): content.append(0x09)
      case UInt8(ascii: "r"): content.append(0x0D)
      case UInt8(ascii: "b"): content.append(0x08)
      case UInt8(ascii: "f"): content.append(0x0C)
      case UInt8(ascii: "u"):
        guard let scalar = scalar(bytes, &position) else { return nil }
        content += Array(String(scalar).utf8)
      default: content.append(escape)
      }
    }
    return nil
  }

  /// The character given by four hexadecimal digits, or by two escapes of four digits each.
  private static func scalar(_ bytes: [UInt8], _ position: inout Int) -> Character? {
    func word() -> UInt32? {
      guard position + 4 <= bytes.count else { return nil }
      let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
      position += 4
      return UInt32(digits, radix: 16)
    }
    guard let first = word() else { return nil }
    guard (0xD800..<0xDC00).contains(first) else {
      return Character(Unicode.Scalar(first) ?? "\u{FFFD}")
    }
    guard position + 2 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { return "\u{FFFD}" }
    position += 2
    guard let second = word(), (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
    return Character(
      Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}")
  }
}
