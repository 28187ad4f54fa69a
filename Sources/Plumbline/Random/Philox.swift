/// The counter-based generator Philox4x32-10: a key and a counter give four words, with no state between.
///
/// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011. The tests hold the published known-answer vectors.
package enum Philox {
  /// The four output words of `counter` under `key`.
  package static func words(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    // Single words, not vectors: each round is two scalar multiplications, and the words cross over.
    var (x0, x1, x2, x3) = (counter.x, counter.y, counter.z, counter.w)
    var (k0, k1) = (key.x, key.y)
    for _ in 0..<10 {
      let even = UInt64(x0) &* 0xD251_1F53
      let odd = UInt64(x2) &* 0xCD9E_8D57
      x0 = UInt32(truncatingIfNeeded: odd >> 32) ^ x1 ^ k0
      x1 = UInt32(truncatingIfNeeded: odd)
      x2 = UInt32(truncatingIfNeeded: even >> 32) ^ x3 ^ k1
      x3 = UInt32(truncatingIfNeeded: even)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(x0, x1, x2, x3)
  }
}
