/// Reads the small literals of file headers, piece by piece, and says where it stopped.
///
/// The headers of NumPy files are Python literals and those of safetensors files are JSON. Both are read by the few forms that they
/// may contain, never evaluated, and never by recursion, so that no header can make the reader do more than its length allows.
struct LiteralScanner {
  let bytes: [UInt8]
  /// The next byte.
  private(set) var position: Int
  private let end: Int

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next byte, after spaces and line ends; nil at the end.
  mutating func peek() -> UInt8? {
    while position < end, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    return position < end ? bytes[position] : nil
  }

  /// Whether this character comes next; if so, passes over it.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Whether this word comes next; if so, passes over it.
  mutating func take(word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard peek() != nil, end - position >= count else { return false }
    let isHere = word.withUTF8Buffer { bytes[position..<position + count].elementsEqual($0) }
    if isHere { position += count }
    return isHere
  }

  /// A whole number without sign, or nil when none comes next or it does not fit.
  mutating func takeWholeNumber() -> Int? {
    guard let first = peek(), Self.isDigit(first) else { return nil }
    var number = 0
    while position < end, Self.isDigit(bytes[position]) {
      let (shifted, first) = number.multipliedReportingOverflow(by: 10)
      let (next, second) = shifted.addingReportingOverflow(Int(bytes[position] - UInt8(ascii: "0")))
      guard !first, !second else { return nil }
      number = next
      position += 1
    }
    return number
  }

  /// Whole numbers with commas between them, up to `close`; nil when something else comes.
  mutating func takeNumbers(upTo close: Unicode.Scalar) -> [Int]? {
    var numbers: [Int] = []
    while !take(close) {
      guard numbers.isEmpty || take(",") else { return nil }
      // Python writes a comma after the only element of a tuple.
      if take(close) { break }
      guard let number = takeWholeNumber() else { return nil }
      // Python 2 wrote its long integers this way.
      _ = take("L")
      numbers.append(number)
    }
    return numbers
  }

  /// A string between `quote`s with the escapes of JSON, or nil when none comes next or it is not
  /// closed or not UTF-8.
  mutating func takeString(quote: Unicode.Scalar = "\"") -> String? {
    guard take(quote) else { return nil }
    var content: [UInt8] = []
    while position < end {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: quote): return String(validating: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let character = takeEscape() else { return nil }
        content += Array(String(character).utf8)
      default: content.append(byte)
      }
    }
    return nil
  }

  private mutating func takeEscape() -> Unicode.Scalar? {
    guard position < end else { return nil }
    let character = bytes[position]
    position += 1
    switch character {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "'"):
      return Unicode.Scalar(character)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let unit = takeHexadecimal() else { return nil }
      guard 0xD800..<0xDC00 ~= unit else { return Unicode.Scalar(unit) }
      guard end - position >= 2, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      else { return nil }
      position += 2
      guard let low = takeHexadecimal(), 0xDC00..<0xE000 ~= low else { return nil }
      return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    default: return nil
    }
  }

  private mutating func takeHexadecimal() -> UInt32? {
    guard end - position >= 4 else { return nil }
    var number: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      number = number << 4 | UInt32(digit)
    }
    position += 4
    return number
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }
}
