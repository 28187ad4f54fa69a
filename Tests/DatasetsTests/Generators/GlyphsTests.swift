import Datasets
import Plumbline
import Testing

@Suite("Glyphs")
struct GlyphsTests {
  private let glyphs = Glyphs(key: Key(seed: 1))

  @Test("the first hundred glyphs are what they always were")
  func pinned() throws {
    // A change of this hash changes every result on glyphs: it belongs into the change log.
    #expect(try glyphs.dataset(count: 100).contentHash == "0440dc9b0a58ce02")
  }

  @Test("an example is the same alone, in any order and in any range")
  func independence() throws {
    let data = try glyphs.dataset(count: 30)
    for index in (0..<30).reversed() {
      #expect(glyphs.picture(at: index) == data.selecting([index]).floats())
      #expect(glyphs.label(at: index) == data.labels[index])
    }
    let part = try glyphs.dataset(count: 10, startingAt: 17)
    #expect(part.features == data.selecting(17..<27).features)
    #expect(part.labels == data.selecting(17..<27).labels)
  }

  @Test("classes are balanced, in an order that a key decides")
  func balance() throws {
    let labels = (0..<1000).map(glyphs.label(at:))
    for start in stride(from: 0, to: 1000, by: 10) {
      #expect(Set(labels[start..<start + 10]) == Set(0..<10))
    }
    let others = (0..<1000).map(Glyphs(key: Key(seed: 2)).label(at:))
    let agreement = zip(labels, others).count { $0 == $1 }
    // 1,000 draws with probability 0.1: 100 expected, deviation 9.5.
    #expect((60...140).contains(agreement))
  }

  @Test("pixels are multiples of 1/255 from 0 to 1, and every picture shows a digit")
  func pixels() throws {
    let data = try glyphs.dataset(count: 300)
    for feature in data.floats() {
      #expect(Float(Int((feature * 255).rounded())) / 255 == feature)
    }
    for index in 0..<data.exampleCount {
      let picture = data.selecting([index]).floats()
      let middle = picture.reduce(0, +) / Float(picture.count) < 0.5 ? Float(0.35) : 0.65
      let (dark, light) = (picture.count { $0 < middle }, picture.count { $0 > middle })
      // A stroke of three pixels' width and more than ten pixels' length, on a plain ground.
      #expect((25...300).contains(min(dark, light)), "glyph \(index)")
    }
  }

  @Test("about one picture in twelve is dark on light")
  func inversion() throws {
    func inverted(_ variation: Glyphs.Variation) -> Int {
      let glyphs = Glyphs(key: Key(seed: 3), variation: variation)
      return (0..<500).count { glyphs.picture(at: $0).reduce(0, +) > 392 }
    }
    // 500 draws with probability 0.08: 40 expected, deviation 6.1.
    #expect((16...64).contains(inverted(.standard)))
    var variation = Glyphs.Variation.standard
    variation.inversion = 0
    #expect(inverted(variation) == 0)
  }

  @Test("without variation there are only the styles")
  func styles() {
    let plain = Glyphs(key: Key(seed: 4), variation: .none)
    var pictures: [Int: Set<[Float]>] = [:]
    for index in 0..<400 {
      pictures[plain.label(at: index), default: []].insert(plain.picture(at: index))
    }
    #expect(pictures.count == 10)
    for (digit, kinds) in pictures { #expect((2...3).contains(kinds.count), "digit \(digit)") }
    #expect(
      Set(pictures.values.flatMap { $0 }).count == pictures.values.reduce(0) { $0 + $1.count })
  }

  @Test("keys and indices give different pictures")
  func difference() throws {
    let other = Glyphs(key: Key(seed: 2))
    #expect(Set((0..<100).map(glyphs.picture(at:))).count == 100)
    #expect((0..<20).allSatisfy { glyphs.picture(at: $0) != other.picture(at: $0) })
  }

  @Test("the data set says what it is")
  func dataset() throws {
    let data = try glyphs.dataset(count: 20, startingAt: 5)
    #expect(data.name == "glyphs")
    #expect(data.exampleShape == [28, 28])
    #expect(data.classCount == 10)
    #expect(data.provenance.contains("5 ..< 25"))
    expectError(.outOfRange, naming: ["0 examples"]) { try glyphs.dataset(count: 0) }
    expectError(.outOfRange) { try glyphs.dataset(count: 1, startingAt: -1) }
  }
}
