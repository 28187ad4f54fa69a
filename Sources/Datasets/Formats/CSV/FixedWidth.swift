/// Texts whose columns begin at the same places in every line.
enum FixedWidth {
  private static let sampleSize = 1 << 14

  /// Whether all lines of a file have a blank at the same place, with something before and after it.
  static func isAligned(_ file: String) -> Bool {
    guard let source = try? ByteSource(contentsOfFile: file), var reader = try? ByteReader(source),
      let bytes = try? reader.read(sampleSize)
    else {
      // A member of an archive is not looked into.
      return true
    }
    var lines = bytes.split { $0 == 0x0A || $0 == 0x0D }.map(Array.init)
    if bytes.count == sampleSize { lines.removeLast() }
    let width = lines.map(\.count).min() ?? 0
    guard lines.count > 2 else { return false }
    let margins: [Int] = lines.map { line in line.prefix(while: { $0 == 0x20 }).count }
    let margin = margins.max() ?? 0
    guard margin < width else { return false }
    return (margin..<width).contains { place in
      lines.allSatisfy { line in
        line[place] == 0x20 && line[..<place].contains { $0 != 0x20 }
      }
    }
  }
}
