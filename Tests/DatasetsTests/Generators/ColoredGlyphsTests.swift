import Datasets
import Plumbline
import Testing

@Suite("Digits in color")
struct ColoredGlyphsTests {
  @Test("are strokes between two colors", arguments: [14, 28])
  func colors(side: Int) throws {
    let colored = ColoredGlyphs(key: Key(seed: 3), side: side)
    let count = side * side
    for index in 0..<20 {
      let picture = colored.picture(at: index)
      #expect(picture.count == 3 * count)
      #expect(picture.allSatisfy { $0 >= 0 && $0 <= 1 && ($0 * 255).rounded() / 255 == $0 })
      // Every channel is the same stroke: with the ink, its values lie on a line, up to rounding.
      let ink = side == 28 ? colored.glyphs.picture(at: index) : nil
      for channel in 0..<3 {
        let values = Array(picture[channel * count..<(channel + 1) * count])
        guard let ink, let low = ink.indices.min(by: { ink[$0] < ink[$1] }),
          let high = ink.indices.max(by: { ink[$0] < ink[$1] }), ink[high] > ink[low]
        else { continue }
        let slope = (values[high] - values[low]) / (ink[high] - ink[low])
        for position in ink.indices {
          let expected = values[low] + slope * (ink[position] - ink[low])
          #expect(abs(values[position] - expected) < 0.01)
        }
      }
    }
    let data = try colored.dataset(count: 50, startingAt: 20)
    #expect(
      data.exampleShape == [3, side, side] && data.classCounts == Array(repeating: 5, count: 10))
    #expect(data.selecting([0]).floats() == colored.picture(at: 20))
  }

  /// A linear classifier sees differences of class means only.
  @Test("have the same mean picture in every class")
  func means() {
    let colored = ColoredGlyphs(key: Key(seed: 8), side: 14)
    let count = 6000
    let pixels = 3 * 14 * 14
    var sums = [[Double]](repeating: [Double](repeating: 0, count: pixels), count: 10)
    var (all, squares) = (
      [Double](repeating: 0, count: pixels), [Double](repeating: 0, count: pixels)
    )
    for index in 0..<count {
      let label = colored.glyphs.label(at: index)
      for (pixel, value) in colored.picture(at: index).enumerated() {
        sums[label][pixel] += Double(value)
        all[pixel] += Double(value)
        squares[pixel] += Double(value) * Double(value)
      }
    }
    for pixel in 0..<pixels {
      let mean = all[pixel] / Double(count)
      let variance = squares[pixel] / Double(count) - mean * mean
      for label in 0..<10 {
        let own = sums[label][pixel] / Double(count / 10)
        // The largest of 5,880 normal numbers is about 3.8.
        #expect(abs(own - mean) < 5.5 * (variance / Double(count / 10)).squareRoot())
      }
    }
  }
}
