import Findings

/// The texts of a NumPy array of fixed-width strings, such as labels that are names.
///
/// `U` holds four bytes a character, `S` one; shorter texts end with zeros.
enum NPYTexts {
  /// The elements of the file in row-major order, with the shape; nil if the elements are not texts.
  ///
  /// - Throws: ``/Findings/Problem`` if the file ends before what its header promises.
  static func read(
    _ bytes: [UInt8], _ origin: NPYHeader.Origin
  ) throws(Problem) -> (shape: [Int], texts: [String])? {
    guard bytes.starts(with: NPYHeader.magic), bytes.count > 10, (1...3).contains(bytes[6]) else {
      return nil
    }
    let sizeWidth = bytes[6] == 1 ? 2 : 4
    let start = 8 + sizeWidth + Int(bytes.littleEndian(at: 8, size: sizeWidth))
    guard start <= bytes.count, start < 1 << 16 else { return nil }
    let header = String(decoding: bytes[(8 + sizeWidth)..<start], as: UTF8.self)
    guard let type = header.firstMatch(of: /'descr': *'([<>|=]?)([US])(\d{1,6})'/),
      let dimensions = header.firstMatch(of: /'shape': *\(([\d, ]*)\)/),
      let width = Int(type.3)
    else { return nil }
    let isWide = type.2 == "U"
    let size = width * (isWide ? 4 : 1)
    let shape = dimensions.1.split(whereSeparator: { $0 == "," || $0 == " " }).compactMap {
      Int($0)
    }
    var count = 1
    for dimension in shape {
      let (next, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else { return nil }
      count = next
    }
    let (needed, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, needed <= bytes.count - start else {
      throw origin.failure(
        .truncated, "byte \(bytes.count)",
        "the header promises \(count) strings of \(size) bytes, but \(bytes.count - start) bytes follow",
        "the file is cut off: download or save it again")
    }
    let isBigEndian = type.1 == ">"
    let texts = (0..<count).map { index in
      let element = bytes[(start + index * size)..<(start + (index + 1) * size)]
      guard isWide else { return CellText.string(element.prefix { $0 != 0 }) }
      var text = String.UnicodeScalarView()
      for position in stride(from: element.startIndex, to: element.endIndex, by: 4) {
        let word = element[position..<position + 4]
        let value = (isBigEndian ? Array(word) : word.reversed()).reduce(UInt32(0)) {
          $0 << 8 | UInt32($1)
        }
        guard value != 0 else { break }
        text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
      }
      return String(text)
    }
    return (shape, texts)
  }
}
