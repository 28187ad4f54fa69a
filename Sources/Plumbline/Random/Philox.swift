/// The counter-based generator Philox4x32-10: a key and a counter give four words, with no state between.
///
/// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011. The tests hold the published known-answer vectors.
enum Philox {
  /// The four output words of `counter` under `key`.
  static func words(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for round in 0..<10 {
      if round > 0 { key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let even = UInt64(counter.x) &* 0xD251_1F53
      let odd = UInt64(counter.z) &* 0xCD9E_8D57
      counter = SIMD4(
        UInt32(truncatingIfNeeded: odd >> 32) ^ counter.y ^ key.x,
        UInt32(truncatingIfNeeded: odd),
        UInt32(truncatingIfNeeded: even >> 32) ^ counter.w ^ key.y,
        UInt32(truncatingIfNeeded: even))
    }
    return counter
  }
}
