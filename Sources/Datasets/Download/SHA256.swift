import Findings
import Foundation

/// The SHA-256 digest of a stream of bytes: it shows that a download is what was published.
///
/// Source: NIST, "Secure Hash Standard", FIPS 180-4. Implemented here, since the command that computes it has a different name on
/// every system.
package struct SHA256: Sendable {
  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]

  private static let blockSize = 64

  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0
  private var schedule = [UInt32](repeating: 0, count: 64)

  /// The digest of no bytes so far.
  package init() {}

  /// The digest of these bytes, as 64 hexadecimal digits.
  package static func of(_ bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.combine(bytes)
    return hash.hexadecimal
  }

  /// The digest of a file, as 64 hexadecimal digits.
  ///
  /// - Throws: ``/Findings/Problem`` if it cannot be read.
  /// - Complexity: O(size of the file), a megabyte at a time.
  package static func ofFile(_ path: String) throws(Problem) -> String {
    let source = try ByteSource(contentsOfFile: path)
    var hash = SHA256()
    let pieceSize = 1 << 20
    for offset in stride(from: 0, to: source.size, by: pieceSize) {
      hash.combine(try source.read(pieceSize, at: offset))
    }
    return hash.hexadecimal
  }

  /// Takes in more bytes.
  package mutating func combine(_ bytes: [UInt8]) {
    byteCount += UInt64(bytes.count)
    let content = pending.isEmpty ? bytes : pending + bytes
    let whole = content.count / Self.blockSize * Self.blockSize
    content.withUnsafeBytes { raw in
      for start in stride(from: 0, to: whole, by: Self.blockSize) { take(raw, start) }
    }
    pending = Array(content[whole...])
  }

  /// The digest of the bytes so far.
  package var hexadecimal: String {
    var closed = self
    // A one bit, then zeros up to eight bytes before the end of a block, and the length in bits.
    let size = pending.count + 9
    let padding = (size + Self.blockSize - 1) / Self.blockSize * Self.blockSize - size
    let length = (0..<8).map { UInt8(truncatingIfNeeded: (byteCount * 8) >> (56 - 8 * $0)) }
    closed.combine([0x80] + [UInt8](repeating: 0, count: padding) + length)
    return closed.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  private mutating func take(_ bytes: UnsafeRawBufferPointer, _ start: Int) {
    func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
      word >> count | word << (32 - count)
    }
    schedule.withUnsafeMutableBufferPointer { w in
      for position in 0..<16 {
        w[position] = UInt32(
          bigEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * position, as: UInt32.self))
      }
      for position in 16..<64 {
        let (early, late) = (w[position - 15], w[position - 2])
        let first = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
        let second = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
        w[position] = w[position - 16] &+ first &+ w[position - 7] &+ second
      }
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for position in 0..<64 {
      let mixed = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
      let chosen = (e & f) ^ (~e & g)
      let first = h &+ mixed &+ chosen &+ Self.constants[position] &+ schedule[position]
      let second =
        (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e) = (g, f, e, d &+ first)
      (d, c, b, a) = (c, b, a, first &+ second)
    }
    for (position, value) in [a, b, c, d, e, f, g, h].enumerated() { state[position] &+= value }
  }
}
