/// The 64-bit FNV-1a digest of a stream of bytes.
///
/// It distinguishes data sets and detects accidental changes; it does not protect against someone who
/// builds a collision on purpose. Words enter with their least significant byte first, so the
/// digest is the same on every machine, and anyone can recompute it in a few lines of another
/// language.
///
/// Source: G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, "The FNV non-cryptographic hash
/// algorithm".
package struct ContentHash: Sendable {
  private static let prime: UInt64 = 0x0000_0100_0000_01B3
  /// The digest of the bytes so far.
  package private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The digest of no bytes.
  package init() {}

  /// Takes in one byte.
  package mutating func combine(_ byte: UInt8) {
    digest = (digest ^ UInt64(byte)) &* Self.prime
  }

  /// Takes in the four bytes of a word, the least significant first.
  package mutating func combine(_ word: UInt32) {
    // Written out: this is the inner loop of a pass over every pixel of a data set.
    digest = (digest ^ UInt64(word & 0xFF)) &* Self.prime
    digest = (digest ^ UInt64((word >> 8) & 0xFF)) &* Self.prime
    digest = (digest ^ UInt64((word >> 16) & 0xFF)) &* Self.prime
    digest = (digest ^ UInt64(word >> 24)) &* Self.prime
  }

  /// Takes in the eight bytes of a word, the least significant first.
  package mutating func combine(_ word: UInt64) {
    combine(UInt32(truncatingIfNeeded: word))
    combine(UInt32(truncatingIfNeeded: word >> 32))
  }

  /// The digest of the words of eight bytes in a buffer, each taken in as the algorithm takes in a byte, for what is large and stays on one machine.
  package init(ofWords bytes: UnsafeRawBufferPointer) {
    for offset in stride(from: 0, to: bytes.count - 7, by: 8) {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      digest = (digest ^ word) &* Self.prime
    }
  }

  /// The digest as sixteen hexadecimal digits.
  package var hexadecimal: String {
    let digits = String(digest, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
