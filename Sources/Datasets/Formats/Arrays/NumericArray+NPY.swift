import Findings
import Foundation

extension NumericArray {
  // MARK: Reading

  /// Reads a NumPy array file (`.npy`).
  ///
  /// Versions 1 to 3; booleans, integers and floats of every size up to 64 bits, of either byte
  /// order, row-major or in Fortran order. Memory is bounded by the file's own size.
  /// - Throws: ``/Findings/Problem``: missing, unreadable, not such a file, truncated, too long, or with
  ///   elements that are not numbers; then it gives the line of NumPy that converts them.
  /// - Complexity: O(size of the file).
  public init(contentsOfNPYFile path: String) throws(Problem) {
    let source = try ByteSource(contentsOfFile: path)
    try self.init(
      npy: source.read(source.size, at: 0), NPYHeader.Origin(file: path, member: nil))
  }

  /// Reads the bytes of such a file.
  ///
  /// - Parameter file: The name for errors.
  package init(npy bytes: [UInt8], file: String) throws(Problem) {
    try self.init(npy: bytes, NPYHeader.Origin(file: file, member: nil))
  }

  init(npy content: [UInt8], _ origin: NPYHeader.Origin) throws(Problem) {
    let header = try NPYHeader(content, origin)
    var bytes = content
    let found = bytes.count - header.dataOffset
    let promise =
      "the header promises \(header.elementType.rawValue) \(Self.description(of: header.shape))"
    guard let size = Self.byteCount(header.elementType, header.shape), size <= found else {
      let words = Self.byteCount(header.elementType, header.shape).map { "\($0)" } ?? "too many"
      throw origin.failure(
        .truncated, "byte \(bytes.count)",
        "\(promise), which are \(words) bytes, but \(found) follow",
        "the file is cut off or its header damaged: download or save it again")
    }
    guard size == found else {
      throw origin.failure(
        .trailingBytes, "byte \(header.dataOffset + size)",
        "\(promise), which are \(size) bytes, but \(found) follow",
        "save one array per file, or all of them with np.savez(file, X=X, Y=Y)")
    }
    bytes.removeFirst(header.dataOffset)
    let elementSize = header.elementType.size
    if header.isBigEndian, elementSize > 1 {
      for start in stride(from: 0, to: size, by: elementSize) {
        bytes[start..<start + elementSize].reverse()
      }
    }
    if header.isFortranOrder, header.shape.count > 1 {
      bytes = Self.rowMajor(bytes, header.shape, elementSize)
    }
    self.init(header.elementType, header.shape, checkedBytes: bytes)
  }

  /// Elements of a column-major array in row-major order.
  private static func rowMajor(_ bytes: [UInt8], _ shape: [Int], _ size: Int) -> [UInt8] {
    var strides: [Int] = []
    var product = size
    for dimension in shape {
      strides.append(product)
      product *= dimension
    }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var indices = [Int](repeating: 0, count: shape.count)
    var start = 0
    while result.count < bytes.count {
      for byte in start..<start + size { result.append(bytes[byte]) }
      var axis = shape.count - 1
      while axis >= 0 {
        indices[axis] += 1
        start += strides[axis]
        if indices[axis] < shape[axis] { break }
        start -= strides[axis] * shape[axis]
        indices[axis] = 0
        axis -= 1
      }
    }
    return result
  }

  // MARK: Writing

  /// The content of a NumPy array file: the bytes that `np.save` writes for this array.
  ///
  /// `bfloat16`, which NumPy does not have, is written as `float32`.
  /// - Complexity: O(``count``).
  public func npyBytes() -> [UInt8] {
    guard let type = NPYType.description(of: elementType) else {
      return NumericArray(shape, floats()).npyBytes()
    }
    return Self.npyBytes(type, shape, bytes)
  }

  /// An array of texts as NumPy stores it, `<U`: UTF-32 of equal length, padded with zeros.
  package static func npyBytes(_ texts: [String]) -> [UInt8] {
    let length = max(1, texts.map(\.unicodeScalars.count).max() ?? 1)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * length * texts.count)
    for text in texts {
      let scalars = text.unicodeScalars.map { UInt64($0.value) }
      for value in scalars + Array(repeating: 0, count: length - scalars.count) {
        bytes.appendLittleEndian(value, size: 4)
      }
    }
    return npyBytes("<U\(length)", [texts.count], bytes)
  }

  /// An array of truth values as NumPy stores it, a byte each.
  package static func npyBytes(_ flags: [Bool]) -> [UInt8] {
    npyBytes("|b1", [flags.count], flags.map { $0 ? 1 : 0 })
  }

  /// A header for these bytes, followed by the bytes.
  private static func npyBytes(_ type: String, _ shape: [Int], _ bytes: [UInt8]) -> [UInt8] {
    var header =
      "{'descr': '\(type)', 'fortran_order': False, 'shape': \(description(of: shape)), }"
    if let rows = shape.first {
      // NumPy leaves room for the first dimension to grow to 21 digits in place.
      header += String(repeating: " ", count: 21 - "\(rows)".count)
    }
    // The elements start at a multiple of 64 bytes, and a new line ends the header.
    var prefix = 10
    var size = header.utf8.count + 1
    size += (64 - (prefix + size) % 64) % 64
    let isLarge = size > 0xFFFF
    if isLarge {
      prefix = 12
      size = header.utf8.count + 1
      size += (64 - (prefix + size) % 64) % 64
    }
    var result = NPYHeader.magic + [isLarge ? 2 : 1, 0]
    result.reserveCapacity(prefix + size + bytes.count)
    result.appendLittleEndian(UInt64(size), size: prefix - 8)
    result += Array(header.utf8)
    result += [UInt8](repeating: 0x20, count: size - 1 - header.utf8.count) + [0x0A]
    return result + bytes
  }
}
