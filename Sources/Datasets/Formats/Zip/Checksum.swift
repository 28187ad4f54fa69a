/// The CRC-32 of ZIP and gzip, computed here so that stored archives need no zlib.
///
/// Source: RFC 1952, section 8; eight bytes at a time after M. Kounavis and F. Berry, "A systematic
/// approach to building high performance software-based CRC generators".
package struct Checksum: Sendable {
  /// Row r, byte b: the remainder of b followed by r zero bytes.
  private static let table: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      table[byte] = (0..<8).reduce(UInt32(byte)) { value, _ in
        value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
      }
    }
    for position in 256..<8 * 256 {
      let before = table[position - 256]
      table[position] = table[Int(before & 0xFF)] ^ (before >> 8)
    }
    return table
  }()

  private var remainder: UInt32 = ~0

  /// The checksum of no bytes.
  package init() {}

  /// The checksum of the bytes so far.
  package var value: UInt32 { ~remainder }

  /// The checksum of these bytes.
  package static func of(_ bytes: [UInt8]) -> UInt32 {
    var checksum = Checksum()
    checksum.combine(bytes[...])
    return checksum.value
  }

  /// Takes in more bytes.
  package mutating func combine(_ bytes: ArraySlice<UInt8>) {
    var remainder = remainder
    Self.table.withUnsafeBufferPointer { table in
      bytes.withUnsafeBytes { bytes in
        var position = 0
        while position + 8 <= bytes.count {
          let word = UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
          let mixed = word ^ UInt64(remainder)
          remainder = 0
          for byte in 0..<8 {
            remainder ^=
              table[(7 - byte) * 256 + Int(truncatingIfNeeded: mixed >> (8 * byte)) & 0xFF]
          }
          position += 8
        }
        while position < bytes.count {
          remainder = table[Int((remainder ^ UInt32(bytes[position])) & 0xFF)] ^ (remainder >> 8)
          position += 1
        }
      }
    }
    self.remainder = remainder
  }
}
