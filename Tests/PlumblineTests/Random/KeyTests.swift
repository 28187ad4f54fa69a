import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("A key's numbers are pinned")
struct KeyTests {
  // Computed by an independent program from the description of `Key`: Philox4x32-10, FNV-1a for names.
  private let key = Key(seed: 7)

  @Test("the keys of seeds, names and indices")
  func derivation() {
    #expect(Key(seed: 0).bits == 0x1348_E23F_2DCE_73E5)
    #expect(key.bits == 0xEA3A_EFE4_7AB9_6FE8)
    #expect(Key(seed: -1).bits == 0x049E_7F1E_FAA6_7729)
    #expect(key["weights"].bits == 0x3094_A7D1_C61A_E9CC)
    #expect(key[""].bits == 0x1A1A_1B7A_344F_71C2)
    #expect(key["ε"].bits == 0xD0BC_63E4_9D58_FC89)
    #expect(key[3].bits == 0xA871_FE0A_B7E3_69B5)
    #expect(key[-1].bits == 0x158C_18AD_CAEB_ABF0)
  }

  @Test("the bits at any index, huge and negative ones too")
  func bits() {
    let weights = key["weights"]
    #expect(weights.bits(at: 0) == 0x3B3E_3398_95EB_5AFD)
    #expect(weights.bits(at: 1) == 0x2D1C_39BE_267A_0C05)
    #expect(weights.bits(at: 2) == 0x3511_C6A9_CD58_5192)
    #expect(weights.bits(at: 1 << 40) == 0x634A_9D28_ED8F_4EF1)
    #expect(weights.bits(at: -1) == 0x2FA3_E8D6_2EB5_97C1)
  }

  @Test("uniform and normal values, whole numbers, permutations and masks")
  func numbers() {
    let weights = key["weights"]
    #expect(
      weights.uniform(4) == [
        0.23141787028536726, 0.1762119378313189, 0.20730249066886702, 0.36958535679571686,
      ])
    // Φ⁻¹ of these by arithmetic with 40 digits, rounded.
    let exact = [
      -0.7341854162342525, -0.9298980443487878, -0.8158166982688941, -0.33295173858363514,
    ]
    for (value, exact) in zip(weights.normal(4), exact) {
      #expect(abs(value - exact) <= 2 * exact.magnitude.ulp)
    }
    #expect(
      weights.normal(4) == [
        -0.7341854162342526, -0.9298980443487878, -0.8158166982688944, -0.3329517385836351,
      ])
    #expect((0..<10).map { weights.integer(at: $0, below: 6) } == [1, 1, 1, 2, 2, 3, 4, 1, 3, 3])
    #expect(key[3].permutation(10) == [2, 0, 6, 3, 5, 1, 9, 8, 7, 4])
    #expect(
      weights.mask(12, keeping: 0.25).map { $0 ? 1 : 0 } == [1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0])
  }

  @Test("many numbers at once are the numbers one by one")
  func bulk() {
    #expect(key.uniform(100) == (0..<100).map { key.uniform(at: $0) })
    #expect(key.normal(100) == (0..<100).map { key.normal(at: $0) })
    for count in [0, 1, 2, 511, 512, 513, 1025, 2000] {
      let key = key[count]
      #expect(
        key.uniform(count, from: -1, to: 2) == (0..<count).map { -1 + 3 * key.uniform(at: $0) })
      var order = Array(0..<count)
      for last in stride(from: count - 1, to: 0, by: -1) {
        order.swapAt(last, key.integer(at: last, below: last + 1))
      }
      #expect(key.permutation(count) == order)
    }
    #expect(key.uniform(50, from: -2, to: 3) == (0..<50).map { -2 + 5 * key.uniform(at: $0) })
    #expect(key.mask(100, keeping: 0.3) == key.uniform(100).map { $0 < 0.3 })
    #expect(key.uniform(0) == [])
    #expect(key.permutation(0) == [])
    #expect(key.permutation(1) == [0])
  }

  @Test(
    "a mask by the kernel has its numbers where the key's mask has its ones",
    arguments: [0, 0x1p-60, 0.1, 1 / 3.0, 0.5, 0.9, 1 - 0x1p-53, 1])
  func maskKernel(probability: Double) {
    for count in [0, 1, 7, 16, 33, 1000] {
      let key = key["mask"][count]
      let expected = key.mask(count, keeping: probability)
      func values<Scalar: TensorScalar>(_ kept: Scalar) -> [Scalar] {
        RandomValues.mask([count], RandomMask(keeping: probability, as: kept.real))(key).scalars
      }
      #expect(values(Float(1.25)) == expected.map { $0 ? 1.25 : 0 })
      #expect(values(-1.1) == expected.map { $0 ? -1.1 : 0 })
      #expect(values(Dual<Double>(3)) == expected.map { $0 ? 3 : 0 })
    }
  }

  @Test("equal keys are equal, and a key survives a file")
  func values() throws {
    #expect(Key(seed: 7) == key)
    #expect(key["a"]["b"] == Key(seed: 7)["a"]["b"])
    #expect(key["a"]["b"] != key["b"]["a"])
    #expect(key["ab"] != key["a"]["b"])
    #expect(key["3"] != key[3])
    let data = try JSONEncoder().encode(key)
    #expect(try JSONDecoder().decode(Key.self, from: data) == key)
  }

  @Test("uniform values lie inside the open interval, at the ends of the range of bits too")
  func openInterval() {
    #expect(Key.unit(0) == 0x1p-54)
    #expect(Key.unit(.max) < 1)
    #expect(Key.unit(.max) == 1 - 0x1p-53)
    #expect(Key.unit(1 << 63) == 0.5)
    #expect(Key.unit((1 << 63) - 1) < 0.5)
    #expect(NormalQuantile.value(at: Key.unit(0)).isFinite)
    #expect(NormalQuantile.value(at: Key.unit(.max)).isFinite)
  }

  @Test("a random whole number below nothing stops the program")
  func bound() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Key(seed: 1).integer(at: 0, below: 0)
    }
    expectMessage(result, contains: ["a random whole number needs a bound above 0, not 0"])
  }
}
