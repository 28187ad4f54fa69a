import CKernels

/// The inverse of the standard normal distribution function, to about 1 part in 10¹⁶.
///
/// Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
/// Applied Statistics 37 (1988), 477-484, routine PPND16.
package enum NormalQuantile {
  /// The x with Φ(x) = `probability`, for a probability in (0, 1).
  package static func value(at probability: Double) -> Double {
    var values = [probability]
    replace(&values)
    return values[0]
  }

  /// Reindices each probability by its x. The tails need a logarithm: they are taken together, in one call
  /// of the kernel, which is the engine's own so that the values are the same on every platform.
  static func replace(_ probabilities: inout [Double]) {
    var tails: [Double] = []
    var indices: [Int] = []
    for index in probabilities.indices {
      let probability = probabilities[index]
      let q = probability - 0.5
      if abs(q) <= 0.425 {
        probabilities[index] = q * centre(0.180625 - q * q)
      } else {
        tails.append(q < 0 ? probability : 1 - probability)
        indices.append(index)
      }
    }
    if tails.isEmpty { return }
    tails.withUnsafeMutableBufferPointer { tails in
      guard let base = tails.baseAddress else { return }
      plumb_unary(.double, .log, tails.count, 0, 0, base, base)
    }
    for (logarithm, index) in zip(tails, indices) {
      let r = (-logarithm).squareRoot()
      let magnitude = r <= 5 ? shoulder(r - 1.6) : farTail(r - 5)
      probabilities[index] = probabilities[index] < 0.5 ? -magnitude : magnitude
    }
  }

  /// Coefficients of ascending powers. Written out as arguments: a table in an array costs a look-up and a
  /// bounds check for each, and a network starts with a million of these values.
  @inline(__always)
  private static func polynomial(
    _ x: Double, _ c0: Double, _ c1: Double, _ c2: Double, _ c3: Double, _ c4: Double, _ c5: Double,
    _ c6: Double, _ c7: Double
  ) -> Double {
    ((((((c7 * x + c6) * x + c5) * x + c4) * x + c3) * x + c2) * x + c1) * x + c0
  }

  @inline(__always)
  private static func centre(_ r: Double) -> Double {
    polynomial(
      r,
      3.387_132_872_796_366_608_0, 1.331_416_678_917_843_774_5e2,
      1.971_590_950_306_551_442_7e3, 1.373_169_376_550_946_112_5e4,
      4.592_195_393_154_987_145_7e4, 6.726_577_092_700_870_085_3e4,
      3.343_057_558_358_812_810_5e4, 2.509_080_928_730_122_672_7e3)
      / polynomial(
        r,
        1.0, 4.231_333_070_160_091_125_2e1, 6.871_870_074_920_579_083_0e2,
        5.394_196_021_424_751_107_7e3, 2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061_0e4, 2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3)
  }

  @inline(__always)
  private static func shoulder(_ r: Double) -> Double {
    polynomial(
      r,
      1.423_437_110_749_683_577_34, 4.630_337_846_156_545_295_90, 5.769_497_221_460_691_405_50,
      3.647_848_324_763_204_605_04, 1.270_458_252_452_368_382_58,
      2.417_807_251_774_506_117_70e-1, 2.272_384_498_926_918_458_33e-2,
      7.745_450_142_783_414_076_40e-4)
      / polynomial(
        r,
        1.0, 2.053_191_626_637_758_821_87, 1.676_384_830_183_803_849_40,
        6.897_673_349_851_000_045_50e-1, 1.481_039_764_274_800_745_90e-1,
        1.519_866_656_361_645_719_66e-2, 5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9)
  }

  @inline(__always)
  private static func farTail(_ r: Double) -> Double {
    polynomial(
      r,
      6.657_904_643_501_103_777_20, 5.463_784_911_164_114_369_90, 1.784_826_539_917_291_335_80,
      2.965_605_718_285_048_912_30e-1, 2.653_218_952_657_612_309_30e-2,
      1.242_660_947_388_078_438_60e-3, 2.711_555_568_743_487_578_15e-5,
      2.010_334_399_292_288_132_65e-7)
      / polynomial(
        r,
        1.0, 5.998_322_065_558_879_376_90e-1, 1.369_298_809_227_358_053_10e-1,
        1.487_536_129_085_061_485_25e-2, 7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5, 1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15)
  }
}
