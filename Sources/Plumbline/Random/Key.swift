import CKernels

/// A random key: a value from which any random number can be computed by its index.
///
/// A stateful generator gives the next numbers; a key gives number `i` at any
/// time, so a dropout mask, an initial weight or a shuffle can be reproduced without replaying what came before it. Keys are split
/// by name or by index, and a child's numbers are independent of its parent's and its siblings':
///
/// ```swift
/// let key = Key(seed: 7)
/// let weights = key["weights"].normal(784 * 64)
/// let order = key["order"][epoch].permutation(10_000)
/// ```
///
/// The generator is Philox4x32-10 (Salmon et al., SC 2011). The same key gives the same numbers on
/// every machine and in every version; the tests pin them:
///
/// | of `Key(seed: 7)` | is |
/// | --- | --- |
/// | `.bits` | `0xEA3AEFE47AB96FE8` |
/// | `["weights"].bits` | `0x3094A7D1C61AE9CC` |
/// | `[3].bits` | `0xA871FE0AB7E369B5` |
/// | `["weights"].bits(at: 0)` | `0x3B3E339895EB5AFD` |
/// | `["weights"].uniform(at: 0)` | `0.23141787028536726` |
/// | `["weights"].normal(at: 0)` | `-0.7341854162342526` |
/// | `["weights"].integer(at: 6, below: 6)` | `4` |
/// | `["weights"].mask(8, keeping: 0.25)` | true, true, true, false, false, false, false, true |
/// | `[3].permutation(10)` | `[2, 0, 6, 3, 5, 1, 9, 8, 7, 4]` |
public struct Key: Sendable, Hashable, Codable {
  /// The 64 bits that are the key.
  public let bits: UInt64

  /// The key of a seed.
  public init(seed: Int) {
    self = Key(bits: 0).child(UInt64(bitPattern: Int64(seed)), kind: .seed)
  }

  init(bits: UInt64) { self.bits = bits }

  /// The child of this name.
  public subscript(name: String) -> Key {
    // FNV-1a, 64 bits: only a digest of the name; Philox does the mixing.
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return child(digest, kind: .name)
  }

  /// The child of this index.
  public subscript(index: Int) -> Key { child(UInt64(bitPattern: Int64(index)), kind: .index) }

  // MARK: Numbers

  /// Number `index` of this key: 64 uniform bits.
  public func bits(at index: Int) -> UInt64 {
    let words = words(UInt64(bitPattern: Int64(index)), kind: .number)
    return UInt64(words.x) | UInt64(words.y) << 32
  }

  /// Number `index` as a uniform value in the open interval (0, 1), on a grid of 2⁻⁵² or finer.
  public func uniform(at index: Int) -> Double { Self.unit(bits(at: index)) }

  /// The uniform value of 64 uniform bits.
  package static func unit(_ bits: UInt64) -> Double {
    // One in 2⁵³ draws would be rounded up to 1, which is outside and has no normal value.
    min((Double(Int64(bitPattern: bits >> 11)) + 0.5) * 0x1p-53, 1 - 0x1p-53)
  }

  /// Number `index` as a whole number from 0 to `bound - 1`. Its bias is below `bound` × 2⁻⁶⁴.
  public func integer(at index: Int, below bound: Int) -> Int {
    require(bound > 0, "a random whole number needs a bound above 0, not \(bound)")
    return Self.integer(bits(at: index), below: bound)
  }

  private static func integer(_ bits: UInt64, below bound: Int) -> Int {
    Int(bits.multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Number `index` as a standard normal value: the inverse of the distribution function at ``uniform(at:)``.
  public func normal(at index: Int) -> Double { NormalQuantile.value(at: uniform(at: index)) }

  /// `count` uniform values from the interval between `low` and `high`.
  public func uniform(_ count: Int, from low: Double = 0, to high: Double = 1) -> [Double] {
    [Double](unsafeUninitializedCapacity: max(count, 0)) { values, initialized in
      forEachBlock(of: count) { first, bits in
        for index in bits.indices {
          values[first + index] = low + (high - low) * Self.unit(bits[index])
        }
      }
      initialized = max(count, 0)
    }
  }

  /// `count` standard normal values.
  public func normal(_ count: Int) -> [Double] {
    var values = uniform(count)
    NormalQuantile.replace(&values)
    return values
  }

  /// A mask of `count` ones and zeros, each one with probability `probability`.
  public func mask(_ count: Int, keeping probability: Double) -> [Bool] {
    uniform(count).map { $0 < probability }
  }

  /// A uniform permutation of 0 ..< `count` (Fisher and Yates, in Durstenfeld's order).
  public func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    order.withUnsafeMutableBufferPointer { order in
      forEachBlock(of: count, backwards: true) { first, bits in
        for last in (max(first, 1)..<first + bits.count).reversed() {
          order.swapAt(last, Self.integer(bits[last - first], below: last + 1))
        }
      }
    }
    return order
  }

  /// The number of values computed at once, since vectors of them are faster than one after another.
  private static let blockSize = 512

  /// Calls `body` with the first index and the bits of the numbers below `count`, one block after another.
  private func forEachBlock(
    of count: Int, backwards: Bool = false, _ body: (Int, UnsafeBufferPointer<UInt64>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, min(count, Self.blockSize))) {
      guard let bits = $0.baseAddress else { return }
      let blockCount = (count + Self.blockSize - 1) / Self.blockSize
      for index in 0..<max(blockCount, 0) {
        let first = (backwards ? blockCount - 1 - index : index) * Self.blockSize
        let size = min(Self.blockSize, count - first)
        plumb_random_bits(.single, size, self.bits, UInt64(first), bits)
        body(first, UnsafeBufferPointer(start: bits, count: size))
      }
    }
  }

  // MARK: Derivation

  /// What a block of the generator is used for, so that no two uses share a counter.
  private enum Kind: UInt32 {
    case number, seed, name, index
  }

  private func words(_ value: UInt64, kind: Kind) -> SIMD4<UInt32> {
    Philox.words(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32), 0, kind.rawValue
      ),
      key: SIMD2(UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32)))
  }

  private func child(_ value: UInt64, kind: Kind) -> Key {
    let words = words(value, kind: kind)
    return Key(bits: UInt64(words.x) | UInt64(words.y) << 32)
  }
}
