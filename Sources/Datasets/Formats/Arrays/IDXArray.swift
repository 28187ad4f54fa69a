import Findings

/// An array in the IDX format, that of the MNIST files: any of its six element types, any rank.
///
/// An IDX file is two zero bytes, a byte for the element type, a byte for the rank, a big-endian
/// 32-bit word for each dimension, and then the elements, row-major and big-endian. It is refused
/// unless its length is exactly what its header says.
///
/// Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
public struct IDXArray: Sendable, Equatable {
  /// The type of the elements, by its byte in the header.
  public enum ElementType: UInt8, Sendable, CaseIterable {
    /// 0 to 255.
    case unsignedByte = 0x08
    /// -128 to 127.
    case signedByte = 0x09
    /// A signed integer of 16 bits.
    case short = 0x0B
    /// A signed integer of 32 bits.
    case int = 0x0C
    /// IEEE 754 single precision.
    case float = 0x0D
    /// IEEE 754 double precision.
    case double = 0x0E

    /// The size of one element in bytes.
    public var size: Int {
      switch self {
      case .unsignedByte, .signedByte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }

    /// The type in words, for messages: "unsigned bytes".
    var plural: String {
      switch self {
      case .unsignedByte: "unsigned bytes"
      case .signedByte: "signed bytes"
      case .short: "16-bit integers"
      case .int: "32-bit integers"
      case .float: "32-bit floats"
      case .double: "64-bit floats"
      }
    }
  }

  /// The type of the elements in the file.
  public let elementType: ElementType
  /// The dimensions; `[]` is a single element.
  public let shape: [Int]
  /// The elements as they are in the file, big-endian.
  public let bytes: [UInt8]

  /// The number of elements.
  public var count: Int { bytes.count / elementType.size }

  // MARK: Reading

  /// Reads an IDX file, plain or compressed with gzip.
  ///
  /// The memory used is bounded by the file's own size: a header that promises more than the file
  /// can hold is refused before anything is allocated, and decompression stops one byte after what
  /// the header promises, and at 1 GiB.
  /// - Throws: ``/Findings/Problem``: missing, unreadable, not IDX, truncated, too long, or damaged.
  /// - Complexity: O(size of the content).
  public init(contentsOfFile path: String) throws(Problem) {
    try self.init(ByteSource(contentsOfFile: path))
  }

  /// Reads such a file from an opened source.
  package init(_ source: ByteSource) throws(Problem) {
    var reader = try ByteReader(source)
    let magic = try reader.read(4)
    guard magic.count == 4 else {
      throw Self.cutOff(reader.file, at: magic.count, "the header starts with 4 bytes")
    }
    guard magic[0] == 0, magic[1] == 0, let elementType = ElementType(rawValue: magic[2]) else {
      throw Self.notIDX(reader.file, magic)
    }
    let rank = Int(magic[3])
    let dimensions = try reader.read(4 * rank)
    guard dimensions.count == 4 * rank else {
      throw Self.cutOff(
        reader.file, at: reader.offset, "a header of rank \(rank) has \(4 + 4 * rank) bytes")
    }
    let shape = stride(from: 0, to: 4 * rank, by: 4).map { start in
      dimensions[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let byteCount = try Self.byteCount(shape, elementType, reader.file)
    let headerCount = reader.offset
    let promise =
      "the header promises \(Self.description(shape, elementType)), which are \(byteCount) bytes"
    guard byteCount <= reader.sizeBound - headerCount else {
      let found = reader.isCompressed ? "at most \(reader.sizeBound)" : "\(reader.sizeBound)"
      throw Self.cutOff(
        reader.file, at: headerCount,
        "\(promise) after \(headerCount) bytes of header, but the file has \(found)")
    }
    guard !reader.isCompressed || byteCount <= InflateStream.expansionLimit else {
      throw Problem(
        .tooLarge, subject: reader.file, location: "byte \(headerCount)",
        problem:
          "\(promise), but compressed data are expanded to at most \(InflateStream.expansionLimit)",
        remedy: "decompress it first (gunzip), if you trust its source")
    }
    let bytes = try reader.read(byteCount)
    guard bytes.count == byteCount else {
      throw Self.cutOff(reader.file, at: reader.offset, "\(promise), but \(bytes.count) follow")
    }
    // This read also makes the decompressor reach the checksum.
    guard try reader.read(1).isEmpty else {
      let end = headerCount + byteCount
      let extra = reader.isCompressed ? "more follow" : "\(reader.sizeBound - end) more follow"
      throw Problem(
        .trailingBytes, subject: reader.file, location: "byte \(end)",
        problem: "\(promise), but \(extra)",
        remedy: "the header or the file is damaged: download or make it again")
    }
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  private static func byteCount(
    _ shape: [Int], _ elementType: ElementType, _ file: String
  ) throws(Problem) -> Int {
    if shape.contains(0) { return 0 }
    var product = elementType.size
    for dimension in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow else {
        throw Problem(
          .truncated, subject: file, location: "byte 4",
          problem:
            "the header promises \(description(shape, elementType)), more than any file can hold",
          remedy: "the header is damaged: download or make the file again")
      }
      product = next
    }
    return product
  }

  private static func cutOff(_ file: String, at position: Int, _ problem: String) -> Problem {
    Problem(
      .truncated, subject: file, location: "byte \(position)", problem: problem,
      remedy: "the file is cut off: download or copy it again")
  }

  private static func notIDX(_ file: String, _ magic: [UInt8]) -> Problem {
    let found = magic.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined(separator: " ")
    // A download gives a web page instead of the file if the address has moved.
    let isPage = magic[0] == UInt8(ascii: "<")
    return Problem(
      .wrongFormat, subject: file, location: "byte 0",
      problem: "IDX starts with 00 00, an element type of 08 to 0E and a rank; found \(found)",
      remedy: isPage
        ? "this looks like a web page that was saved under the file's name: download it again"
        : "give an IDX file, plain or gzip-compressed")
  }

  // MARK: Words

  /// The content in words, such as "10000 x 28 x 28 unsigned bytes".
  public var description: String { Self.description(shape, elementType) }

  private static func description(_ shape: [Int], _ elementType: ElementType) -> String {
    let dimensions = shape.isEmpty ? "1" : shape.map(String.init).joined(separator: " x ")
    return "\(dimensions) \(elementType.plural)"
  }

  // MARK: Elements

  /// The elements as Double, which holds every value of each of the six types exactly.
  ///
  /// - Complexity: O(``count``).
  public func doubles() -> [Double] {
    switch elementType {
    case .unsignedByte: bytes.map { Double($0) }
    case .signedByte: bytes.map { Double(Int8(bitPattern: $0)) }
    case .short: words { Double(Int16(truncatingIfNeeded: $0)) }
    case .int: words { Double(Int32(truncatingIfNeeded: $0)) }
    case .float: words { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) }
    case .double: words { Double(bitPattern: $0) }
    }
  }

  /// The elements as Float; 32-bit integers and doubles are rounded to the nearest.
  ///
  /// - Complexity: O(``count``).
  public func floats() -> [Float] {
    switch elementType {
    case .unsignedByte: bytes.map { Float($0) }
    default: doubles().map { Float($0) }
    }
  }

  /// Each element's bits, most significant byte first, turned into a value.
  private func words(_ value: (UInt64) -> Double) -> [Double] {
    let size = elementType.size
    return stride(from: 0, to: bytes.count, by: size).map { start in
      value(bytes[start..<start + size].reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}

extension IDXArray: CustomStringConvertible {}
