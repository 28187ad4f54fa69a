/// Makes gzip files for tests without a compressor: stored blocks, and runs of zeros by matches.
enum GzipWriter {
  /// A gzip member whose deflated data are stored blocks of at most `blockSize` bytes.
  static func stored(_ bytes: [UInt8], blockSize: Int = 65_535) -> [UInt8] {
    header + storedDeflate(bytes, blockSize: blockSize)
      + trailer(checksum: checksum(bytes), count: bytes.count)
  }

  static func storedDeflate(_ bytes: [UInt8], blockSize: Int = 65_535) -> [UInt8] {
    var result: [UInt8] = []
    var start = 0
    repeat {
      let end = min(start + blockSize, bytes.count)
      let length = UInt16(end - start)
      result.append(end == bytes.count ? 1 : 0)
      result += littleEndian(UInt32(length), size: 2) + littleEndian(UInt32(~length), size: 2)
      result += bytes[start..<end]
      start = end
    } while start < bytes.count
    return result
  }

  /// `prefix` in a stored block, then `matches` × 258 + 1 zeros in 13 bits for every 258 of them.
  static func bomb(prefix: [UInt8], matches: Int) -> [UInt8] {
    var bits = BitWriter(bytes: header)
    bits.write(0, count: 3)  // not the last block, stored
    bits.align()
    let length = UInt16(prefix.count)
    bits.bytes += littleEndian(UInt32(length), size: 2) + littleEndian(UInt32(~length), size: 2)
    bits.bytes += prefix
    bits.writeZeros(matches: matches)
    let content = prefix + [UInt8](repeating: 0, count: matches * 258 + 1)
    return bits.bytes + trailer(checksum: checksum(content), count: content.count)
  }

  /// `matches` × 258 + 1 zeros as raw deflated data.
  static func deflatedZeros(matches: Int) -> [UInt8] {
    var bits = BitWriter(bytes: [])
    bits.writeZeros(matches: matches)
    return bits.bytes
  }

  /// No name, no time, no extra fields; made on an unknown system.
  static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

  static func trailer(checksum: UInt32, count: Int) -> [UInt8] {
    littleEndian(checksum, size: 4) + littleEndian(UInt32(truncatingIfNeeded: count), size: 4)
  }

  /// The CRC-32 of RFC 1952.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }

  private static func littleEndian(_ bits: UInt32, size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: bits >> UInt32(8 * $0)) }
  }

  private struct BitWriter {
    var bytes: [UInt8]
    private var used = 8

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Least significant bit first, as deflate packs numbers.
    mutating func write(_ bits: Int, count: Int) {
      for position in 0..<count {
        if used == 8 {
          bytes.append(0)
          used = 0
        }
        bytes[bytes.count - 1] |= UInt8((bits >> position) & 1) << UInt8(used)
        used += 1
      }
    }

    /// Most significant bit first, as deflate packs Huffman codes.
    mutating func writeCode(_ code: Int, count: Int) {
      for position in (0..<count).reversed() { write((code >> position) & 1, count: 1) }
    }

    /// A last block: a literal zero, and matches that repeat it 258 times each.
    mutating func writeZeros(matches: Int) {
      write(0b011, count: 3)  // the last block, fixed Huffman codes
      writeCode(0b0011_0000, count: 8)  // the literal 0
      for _ in 0..<matches {
        writeCode(0b1100_0101, count: 8)  // length 258
        writeCode(0, count: 5)  // distance 1
      }
      writeCode(0, count: 7)  // end of block
      align()
    }

    mutating func align() { used = 8 }
  }
}
