import Findings

/// The header of a safetensors file: where each tensor is, checked against the file's size.
struct SafetensorsHeader {
  /// One tensor: its type, its shape and its bytes in the file.
  struct Entry {
    let elementType: NumericArray.ElementType
    let shape: [Int]
    /// The bytes, counted from the start of the file.
    let range: Range<Int>
  }

  /// The largest header that is read. The format's own readers stop there too.
  static let sizeLimit = 100_000_000

  private static let types: [String: NumericArray.ElementType] = [
    "BOOL": .bool, "U8": .uint8, "I8": .int8, "U16": .uint16, "I16": .int16, "U32": .uint32,
    "I32": .int32, "U64": .uint64, "I64": .int64, "F16": .float16, "BF16": .bfloat16,
    "F32": .float32, "F64": .float64,
  ]

  /// The name of an element type in the format.
  static func name(of elementType: NumericArray.ElementType) -> String {
    guard let name = types.first(where: { $0.value == elementType })?.key else {
      fatalError("no safetensors name for \(elementType.rawValue)")
    }
    return name
  }

  private(set) var names: [String] = []
  private(set) var entries: [String: Entry] = [:]
  private(set) var metadata: [String: String] = [:]

  private let file: String
  private var scanner: LiteralScanner

  init(_ source: ByteSource) throws(Problem) {
    file = source.file
    let start = try source.read(8, at: 0)
    guard start.count == 8 else {
      throw Problem(
        .truncated, subject: source.file, location: "byte \(start.count)",
        problem: "a safetensors file starts with 8 bytes that give the size of its header",
        remedy: "the file is cut off: download or copy it again")
    }
    let size = start.littleEndian(at: 0, size: 8)
    let next = try source.read(1, at: 8)
    guard next.isEmpty || next == [UInt8(ascii: "{")], size >= 2, size <= UInt64(Self.sizeLimit)
    else {
      throw Problem(
        .wrongFormat, subject: source.file, location: "byte 0",
        problem:
          "a safetensors file starts with the size of its header (here \(size)) and a \"{\"; "
          + "this is \(FileContent(startingWith: start + next).phrase)",
        remedy: "save the tensors with safetensors.torch.save_file(tensors, file)")
    }
    guard size <= UInt64(max(0, source.size - 8)) else {
      throw Problem(
        .truncated, subject: source.file, location: "byte \(source.size)",
        problem: "the header is declared to have \(size) bytes, but \(source.size - 8) follow",
        remedy: "the file is cut off: download or copy it again")
    }
    let dataStart = 8 + Int(size)
    scanner = LiteralScanner(try source.read(Int(size), at: 8), 0..<Int(size))
    guard scanner.take("{") else { throw malformed("{") }
    while !scanner.take("}") {
      guard names.isEmpty && metadata.isEmpty || scanner.take(",") else {
        throw malformed("a comma")
      }
      guard let name = scanner.takeString(), scanner.take(":") else { throw malformed("a name") }
      if name == "__metadata__" {
        try readMetadata()
      } else {
        try readEntry(name, dataStart: dataStart)
      }
    }
    guard scanner.peek() == nil else { throw malformed("the end of the header") }
    try checkRanges(from: dataStart, to: source.size)
  }

  // MARK: The grammar

  private mutating func readMetadata() throws(Problem) {
    guard metadata.isEmpty, scanner.take("{") else { throw malformed("metadata, once") }
    var isFirst = true
    while !scanner.take("}") {
      guard isFirst || scanner.take(",") else { throw malformed("a comma") }
      guard let key = scanner.takeString(), scanner.take(":"), let value = scanner.takeString(),
        metadata.updateValue(value, forKey: key) == nil
      else { throw malformed("a new key and a text") }
      isFirst = false
    }
  }

  private mutating func readEntry(_ name: String, dataStart: Int) throws(Problem) {
    guard scanner.take("{") else { throw malformed("{") }
    var (type, shape, offsets) = (String?.none, [Int]?.none, [Int]?.none)
    while !scanner.take("}") {
      guard type == nil && shape == nil && offsets == nil || scanner.take(",") else {
        throw malformed("a comma")
      }
      guard let key = scanner.takeString(), scanner.take(":") else { throw malformed("a key") }
      switch key {
      case "dtype" where type == nil: type = scanner.takeString()
      case "shape" where shape == nil:
        shape = scanner.take("[") ? scanner.takeNumbers(upTo: "]") : nil
      case "data_offsets" where offsets == nil:
        offsets = scanner.take("[") ? scanner.takeNumbers(upTo: "]") : nil
      default: throw malformed("one each of dtype, shape and data_offsets")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1],
      offsets[1] <= Int.max - dataStart
    else {
      throw malformed("a dtype, a shape and two ascending data_offsets, before this position,")
    }
    guard let elementType = Self.types[type] else {
      throw Problem(
        .unsupported, subject: file, location: "tensor \(name)",
        problem:
          "the dtype \(type.prefix(40)) is not one of \(Self.types.keys.sorted().joined(separator: ", "))",
        remedy: "convert before saving: tensors[\"\(name)\"] = tensors[\"\(name)\"].float()")
    }
    guard NumericArray.byteCount(elementType, shape) == offsets[1] - offsets[0] else {
      throw Problem(
        .inconsistent, subject: file, location: "tensor \(name)",
        problem: "\(offsets[1] - offsets[0]) bytes are declared for \(type) "
          + NumericArray.description(of: shape),
        remedy: "the header is damaged: download or make the file again")
    }
    guard entries[name] == nil else {
      throw Problem(
        .inconsistent, subject: file, location: "tensor \(name)",
        problem: "two tensors have this name",
        remedy: "make the file again with distinct names")
    }
    names.append(name)
    entries[name] = Entry(
      elementType: elementType, shape: shape,
      range: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  /// The tensors lie one after another and fill the file: no overlap, no gap.
  private func checkRanges(from start: Int, to end: Int) throws(Problem) {
    var position = start
    let sorted = entries.sorted {
      ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
        < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
    }
    for (name, entry) in sorted {
      guard entry.range.lowerBound == position else {
        throw Problem(
          .inconsistent, subject: file, location: "tensor \(name)",
          problem: "it starts at byte \(entry.range.lowerBound), "
            + "\(entry.range.lowerBound < position ? "inside" : "after a gap behind") what ends at "
            + "byte \(position)",
          remedy: "the header is damaged: download or make the file again")
      }
      position = entry.range.upperBound
    }
    guard position <= end else {
      throw Problem(
        .truncated, subject: file, location: "byte \(end)",
        problem: "the tensors end at byte \(position), beyond the end of the file",
        remedy: "the file is cut off: download or copy it again")
    }
    guard position == end else {
      throw Problem(
        .trailingBytes, subject: file, location: "byte \(position)",
        problem: "the tensors end here, but \(end - position) bytes follow",
        remedy: "the file was appended to or damaged: download or make it again")
    }
  }

  private func malformed(_ expected: String) -> Problem {
    Problem(
      .wrongFormat, subject: file, location: "byte \(8 + scanner.position)",
      problem: "the header is malformed: expected \(expected) here",
      remedy: "the file is damaged: download or make it again")
  }
}
