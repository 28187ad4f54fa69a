import Findings

extension ByteSource {
  /// The whole text, decompressed and in one encoding.
  ///
  /// - Throws: ``/Findings/Problem`` if it is larger than a text that is read at once may be.
  func wholeText() throws(Problem) -> String {
    let limit = 1 << 30
    var reader = try ByteReader(self)
    let bytes = try reader.read(limit)
    guard try reader.read(1).isEmpty else {
      throw Problem(
        .tooLarge, subject: file, location: "byte \(limit)",
        problem: "the text is larger than \(limit) bytes", remedy: "save the data as NPZ")
    }
    let source = try ByteSource(bytes, named: file).decoded().source
    var text = try source.read(source.size, at: 0)[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    return CellText.string(text)
  }
}
