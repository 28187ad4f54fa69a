import Console
import Findings

/// The records of a file of separated values, one after the other, from a stream.
///
/// Fields may be in double quotes, which may then contain separators, line ends and doubled quotes
/// (RFC 4180). Lines end with LF, CRLF or CR; empty lines and comments, which start with `#`, `;` or `//`, are passed
/// over; spaces around a field do not belong to it.
struct CSVRecordReader: ~Copyable {
  /// The largest size of one record: beyond it, a quote has surely been left open.
  static let recordLimit = 1 << 24

  private static let pieceSize = 1 << 18
  private static let (quote, lineFeed, carriageReturn, hash, percent, space):
    (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) =
      (0x22, 0x0A, 0x0D, 0x23, 0x25, 0x20)
  private static let (semicolon, slash) = (UInt8(ascii: ";"), UInt8(ascii: "/"))

  /// The line of the file where the current record starts, counted from 1.
  private(set) var line = 1
  /// The text of the current record's fields, without quotes, one after another.
  private(set) var text: [UInt8] = []
  /// Where each field ends in ``text``.
  private(set) var ends: [Int] = []
  /// How many of the lines are comments.
  private(set) var commentCount = 0
  private var lastFieldCount = 0
  /// The last line that started with `#`, without that character.
  private(set) var comment: [UInt8] = []

  private var reader: ByteReader
  private let separator: UInt8
  private let expansionLimit: Int
  private var piece: [UInt8]
  private var position: Int
  private var nextLine = 1
  private var isAtEnd = false
  private var hasRecords = false

  private static let ruleBytes: Set<UInt8> = Set("-=+|:".utf8)

  /// The number of fields of the current record.
  var fieldCount: Int { ends.count }

  /// A reader of records from the start of `source`; `separator` 0x20 means runs of spaces or tabs.
  init(
    _ source: ByteSource, separator: UInt8, expansionLimit: Int = InflateStream.expansionLimit
  ) throws(Problem) {
    var reader = try ByteReader(source)
    let start = try reader.read(Self.pieceSize)
    try Self.requireText(start, at: 0, of: reader.file)
    self.reader = reader
    self.separator = separator
    self.expansionLimit = expansionLimit
    piece = start
    if Self.declaredSeparator(start) != nil,
      let end = start.firstIndex(where: { $0 == Self.lineFeed || $0 == Self.carriageReturn })
    {
      position = end + (start[end...].starts(with: [Self.carriageReturn, Self.lineFeed]) ? 2 : 1)
      nextLine = 2
    } else {
      position = start.starts(with: Self.byteOrderMark) ? 3 : 0
    }
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The separator of a first line such as `sep=;`, as Excel reads and writes it; nil without one.
  static func declaredSeparator(_ start: [UInt8]) -> UInt8? {
    var content = start[...]
    if content.starts(with: byteOrderMark) { content = content.dropFirst(3) }
    if content.first == quote { content = content.dropFirst() }
    let word = content.prefix(4).map { $0 | 0x20 }
    guard word.elementsEqual("sep=".utf8), let separator = content.dropFirst(4).first else {
      return nil
    }
    let next = content.dropFirst(5).first
    return next == lineFeed || next == carriageReturn || next == quote ? separator : nil
  }

  /// The bytes of a field.
  func field(_ index: Int) -> ArraySlice<UInt8> { text[start(of: index)..<ends[index]] }

  /// Where a field starts in ``text``.
  func start(of index: Int) -> Int { index == 0 ? 0 : ends[index - 1] }

  // MARK: Records

  /// Advances to the next record; false at the end of the file.
  ///
  /// - Throws: ``/Findings/Problem`` for a quote that is not closed, text after a closed one, and whatever error a damaged file
  ///   causes.
  mutating func next() throws(Problem) -> Bool {
    text.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    guard try findRecord() else { return false }
    hasRecords = true
    repeat {
      try readField()
      // Empty fields add no text.
      if text.count + ends.count > Self.recordLimit { throw tooLong() }
    } while try passSeparator()
    lastFieldCount = ends.count
    return true
  }

  /// The end of the line that starts at the position; afterwards all of the line is in memory.
  private mutating func endOfLine() throws(Problem) -> Int {
    var end = position
    while true {
      while end < piece.count, piece[end] != Self.lineFeed, piece[end] != Self.carriageReturn {
        end += 1
      }
      if end < piece.count || isAtEnd || end - position > Self.recordLimit { return end }
      let bytes = try nextPiece()
      isAtEnd = bytes.isEmpty
      piece += bytes
    }
  }

  /// How many fields the line at the position would have, if it is not a comment.
  private mutating func fieldCountOfLine() throws(Problem) -> Int {
    let end = try endOfLine()
    var (count, isQuoted, wasSeparator) = (1, false, false)
    for byte in piece[position..<end] {
      if byte == Self.quote { isQuoted.toggle() }
      let isSeparator = !isQuoted && byte == separator
      // A run of blanks counts as one separator.
      if isSeparator, separator != Self.space || !wasSeparator { count += 1 }
      wasSeparator = isSeparator
    }
    return count
  }

  /// Passes over empty lines and comments.
  private mutating func findRecord() throws(Problem) -> Bool {
    while true {
      try passSpaces()
      line = nextLine
      switch try peek() {
      case nil: return false
      case Self.lineFeed, Self.carriageReturn: try passLineEnd()
      case Self.semicolon where separator == Self.semicolon: return true
      case Self.slash where !(try beginsWithSlashes()): return true
      case Self.hash, Self.percent, Self.semicolon, Self.slash:
        // A lone # is the name of a column, and a percent sign starts comments only before the table.
        guard try peek() != Self.percent || !hasRecords else { return true }
        // Spreadsheets write #N/A, and people #1: a line with as many fields as the rows is a row.
        if hasRecords, try fieldCountOfLine() == lastFieldCount { return true }
        position += 1
        guard try peek() != separator || separator == Self.space else {
          position -= 1
          return true
        }
        commentCount += 1
        comment.removeAll()
        while let byte = try peek(), byte != Self.lineFeed, byte != Self.carriageReturn {
          if comment.count < 1 << 16 { comment.append(byte) }
          position += 1
        }
      default:
        guard try passRule() else { return true }
      }
    }
  }

  /// Whether the line at the position begins with two slashes.
  private mutating func beginsWithSlashes() throws(Problem) -> Bool {
    let end = try endOfLine()
    return piece[position..<end].starts(with: [Self.slash, Self.slash])
  }

  /// Passes over a line of dashes, as in tables drawn with characters, below the header; false if the line is a different one.
  private mutating func passRule() throws(Problem) -> Bool {
    guard let first = try peek(), Self.ruleBytes.contains(first) else { return false }
    let end = try endOfLine()
    var dashes = 0
    for byte in piece[position..<end] {
      guard Self.ruleBytes.contains(byte) || byte == Self.space else { return false }
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "=") { dashes += 1 }
    }
    // A single dash is a missing value.
    guard dashes > 2 else { return false }
    position = end
    return true
  }

  private mutating func readField() throws(Problem) {
    try passSpaces()
    let start = text.count
    if try peek() == Self.quote {
      position += 1
      try readQuoted()
    } else {
      try readPlain()
      while text.count > start, text[text.count - 1] == Self.space || text[text.count - 1] == 0x09 {
        text.removeLast()
      }
    }
    ends.append(text.count)
  }

  /// Passes over the end of a field; true when another one follows in the record.
  private mutating func passSeparator() throws(Problem) -> Bool {
    let spaces = try passSpaces()
    switch try peek() {
    case nil: return false
    case Self.lineFeed, Self.carriageReturn:
      try passLineEnd()
      return false
    case _ where separator == Self.space && spaces > 0: return true
    case separator:
      position += 1
      return true
    default:
      throw Problem(
        .wrongFormat, subject: reader.file, location: "row \(line), column \(ends.count)",
        problem: "text follows the closing quote",
        remedy: "double the quotes within a quoted field, as in \"a \"\"b\"\" c\"")
    }
  }

  private mutating func readPlain() throws(Problem) {
    while try peek() != nil {
      let start = position
      while position < piece.count {
        let byte = piece[position]
        if byte == separator || byte == Self.lineFeed || byte == Self.carriageReturn
          || byte == 0x09 && separator == Self.space
        {
          text.append(contentsOf: piece[start..<position])
          return
        }
        position += 1
      }
      text.append(contentsOf: piece[start..<position])
      if text.count > Self.recordLimit { throw tooLong() }
    }
  }

  private mutating func readQuoted() throws(Problem) {
    while let byte = try peek() {
      position += 1
      if byte == UInt8(ascii: "\\"), try isEscapedQuote() {
        // MySQL and R write \" for a quote within a text.
        text.append(Self.quote)
        position += 1
        continue
      }
      if byte == Self.quote {
        guard try peek() == Self.quote else { return }
        position += 1
      } else if byte == Self.lineFeed {
        nextLine += 1
      }
      text.append(byte)
      if text.count > Self.recordLimit { throw tooLong() }
    }
    throw Problem(
      .truncated, subject: reader.file, location: "row \(line), column \(ends.count + 1)",
      problem: "the quote that opens this field is never closed",
      remedy: "close it, or double a quote that is meant as text; or the file is cut off")
  }

  /// Whether the quote after a backslash belongs to the text: text follows, or the quote that ends the field.
  private mutating func isEscapedQuote() throws(Problem) -> Bool {
    guard try peek() == Self.quote, position + 1 < piece.count else { return false }
    let ends = [separator, Self.lineFeed, Self.carriageReturn]
    guard piece[position + 1] == Self.quote else { return !ends.contains(piece[position + 1]) }
    // A doubled quote belongs to the text too, and does not end the field.
    return position + 2 >= piece.count ? isAtEnd : ends.contains(piece[position + 2])
  }

  /// Whether the file is compressed, so that its size is not a bound.
  var isCompressed: Bool { reader.isCompressed }

  /// The error for a compressed file with more content than is accepted.
  func expandsTooFar(to size: String) -> Problem {
    Problem(
      .tooLarge, subject: reader.file, location: "row \(line)",
      problem: "the compressed file expands beyond \(size)",
      remedy: "decompress it first (gunzip), if you trust its source")
  }

  private func tooLong() -> Problem {
    Problem(
      .tooLarge, subject: reader.file, location: "row \(line), column \(ends.count + 1)",
      problem: "the row has more than \(Self.recordLimit) bytes and columns",
      remedy: "close the open quote, or write one example per line")
  }

  // MARK: Bytes

  /// Passes over spaces and tabs that do not separate, and says how many there were.
  @discardableResult
  private mutating func passSpaces() throws(Problem) -> Int {
    var count = 0
    while let byte = try peek(), byte == Self.space || byte == 0x09,
      byte != separator || separator == Self.space
    {
      position += 1
      count += 1
    }
    return count
  }

  private mutating func passLineEnd() throws(Problem) {
    guard let byte = try peek() else { return }
    position += 1
    if byte == Self.carriageReturn, try peek() == Self.lineFeed { position += 1 }
    nextLine += 1
  }

  /// The next byte, or nil at the end. After it, `position` may go back by one.
  private mutating func peek() throws(Problem) -> UInt8? {
    if position < piece.count { return piece[position] }
    if isAtEnd { return nil }
    try refill()
    return position < piece.count ? piece[position] : nil
  }

  private mutating func refill() throws(Problem) {
    // The last byte stays, so that a position can be taken back.
    let kept = Array(piece.suffix(1))
    if reader.isCompressed, reader.offset > expansionLimit {
      throw expandsTooFar(to: "\(expansionLimit) bytes")
    }
    let bytes = try nextPiece()
    isAtEnd = bytes.isEmpty
    piece = kept + bytes
    position = kept.count
  }

  private mutating func nextPiece() throws(Problem) -> [UInt8] {
    let bytes = try reader.read(Self.pieceSize)
    try Self.requireText(bytes, at: reader.offset - bytes.count, of: reader.file)
    return bytes
  }

  /// Refuses bytes that no text has: among digits they would make a number a name.
  private static func requireText(
    _ bytes: [UInt8], at offset: Int, of file: String
  ) throws(Problem) {
    guard let index = bytes.firstIndex(where: FileContent.isControl) else { return }
    let codes = Set(bytes.filter(FileContent.isControl)).sorted().map { byte in
      "\\" + String(repeating: "0", count: 3 - String(byte, radix: 8).count)
        + String(byte, radix: 8)
    }
    let name =
      bytes[index] == 0
      ? "a zero byte" : "the control character 0x\(String(bytes[index], radix: 16))"
    throw Problem(
      .wrongFormat, subject: file, location: "byte \(offset + index)",
      problem: "this is not text: it contains \(name)",
      remedy:
        "to remove it wherever it is: \(TextAccess(file).shell("tr -d '\(codes.joined())'", into: FilePaths.unused("data.csv")))"
    )
  }
}
