import Plumbline
import Testing

@Suite("Philox4x32-10 gives the published known answers")
struct PhiloxTests {
  struct Answer: Sendable {
    let counter: SIMD4<UInt32>
    let key: SIMD2<UInt32>
    let words: SIMD4<UInt32>
  }

  // The three vectors of Random123's kat_vectors (Salmon et al., 2011).
  static let answers = [
    Answer(
      counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0),
      words: SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)),
    Answer(
      counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max),
      words: SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)),
    Answer(
      counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
      key: SIMD2(0xA409_3822, 0x299F_31D0),
      words: SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)),
  ]

  @Test("for counters and keys of zeros, ones and the digits of π", arguments: answers)
  func knownAnswers(answer: Answer) {
    #expect(Philox.words(counter: answer.counter, key: answer.key) == answer.words)
  }

  @Test("and a change of any bit of counter or key changes about half of the bits")
  func avalanche() {
    let counter = SIMD4<UInt32>(1, 2, 3, 4)
    let key = SIMD2<UInt32>(5, 6)
    let start = Philox.words(counter: counter, key: key)
    func changedBits(_ words: SIMD4<UInt32>) -> Int {
      (0..<4).reduce(0) { $0 + (words[$1] ^ start[$1]).nonzeroBitCount }
    }
    for bit in 0..<32 {
      for word in 0..<4 {
        var changed = counter
        changed[word] ^= 1 << UInt32(bit)
        // 128 coins: 64 expected, a standard deviation of 5.7; 30 to 98 is six of them.
        #expect((30...98).contains(changedBits(Philox.words(counter: changed, key: key))))
      }
      for word in 0..<2 {
        var changed = key
        changed[word] ^= 1 << UInt32(bit)
        #expect((30...98).contains(changedBits(Philox.words(counter: counter, key: changed))))
      }
    }
  }
}
