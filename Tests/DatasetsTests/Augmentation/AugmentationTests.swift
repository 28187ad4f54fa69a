import Datasets
import Foundation
import Plumbline
import Testing

@Suite("Augmentation")
struct AugmentationTests {
  private static func picture(_ count: Int, _ seed: Int = 1) -> [Double] {
    Key(seed: seed)["picture"].uniform(count)
  }

  private static func batch<Scalar: TensorScalar>(
    _ examples: Int, _ layout: PictureLayout, _: Scalar.Type = Scalar.self
  ) -> Tensor<Scalar> {
    Tensor([examples, layout.count], nearestTo: picture(examples * layout.count))
  }

  private let all = Augmentation(shift: 2, rotation: 25, zoom: 0.3, flip: true, noise: 0.05)

  // MARK: Layouts

  @Test("the shapes of pictures")
  func layouts() throws {
    let grey = try PictureLayout([28, 20])
    #expect(grey.channels == 1 && grey.height == 28 && grey.width == 20 && grey.count == 560)
    let first = try PictureLayout([3, 32, 30])
    #expect(first.order == .channelsFirst && first.channels == 3 && first.width == 30)
    let last = try PictureLayout([64, 60, 3])
    #expect(last.order == .channelsLast && last.height == 64 && last.width == 60)
    #expect(try PictureLayout([3, 4, 3]).order == .channelsFirst)
    #expect(try PictureLayout([3, 4, 3], order: .channelsLast).height == 3)
    #expect(try PictureLayout([8, 9, 10], order: .channelsFirst).channels == 8)
    for shape in [[784], [], [8, 9, 10], [2, 3, 4, 5], [0, 3], [3, 0, 2]] {
      expectError(.inconsistent, naming: ["example shape", "images"]) {
        try PictureLayout(shape)
      }
    }
  }

  // MARK: Geometry

  @Test("nothing asked, nothing changed", arguments: [[5, 4], [2, 5, 4], [5, 4, 3]])
  func identity(shape: [Int]) throws {
    let layout = try PictureLayout(shape)
    let x = Self.batch(3, layout, Float.self)
    let same = Augmentation().applied(to: x, layout: layout, examples: 0..<3, key: Key(seed: 1))
    #expect(same.scalars == x.scalars && same.shape == x.shape)
    let picture = Self.picture(layout.count)
    for fill in Augmentation.Fill.allCases {
      #expect(Augmentation(fill: fill).placed(picture, layout, .init()) == picture)
    }
  }

  @Test("whole shifts move the values exactly, and fill what comes in")
  func shift() throws {
    let layout = try PictureLayout([3, 4])
    let picture = (1...12).map { Double($0) }
    let placement = Augmentation.Placement(right: 1, down: -1)
    #expect(
      Augmentation().placed(picture, layout, placement) == [0, 5, 6, 7, 0, 9, 10, 11, 0, 0, 0, 0])
    #expect(
      Augmentation(fill: .edge).placed(picture, layout, placement) == [
        5, 5, 6, 7, 9, 9, 10, 11, 9, 9, 10, 11,
      ])
    // Half a pixel is the mean of two.
    let half = Augmentation().placed(picture, layout, .init(right: 0.5))
    #expect(half == [0.5, 1.5, 2.5, 3.5, 2.5, 5.5, 6.5, 7.5, 4.5, 9.5, 10.5, 11.5])
    let far = Augmentation().placed(picture, layout, .init(right: 1e4))
    #expect(far.allSatisfy { $0 == 0 })
  }

  @Test("a quarter turn moves the values exactly; four are none")
  func quarterTurns() throws {
    for side in [3, 4] {
      let layout = try PictureLayout([side, side])
      let picture = Self.picture(side * side)
      var turned = picture
      for turn in 1...4 {
        let before = turned
        turned = Augmentation().placed(turned, layout, .init(turns: 0.25))
        for row in 0..<side {
          for column in 0..<side {
            // From the column axis towards the row axis: what was on top is at the right.
            #expect(
              turned[column * side + side - 1 - row] == before[row * side + column], "\(turn)")
          }
        }
      }
      #expect(turned == picture)
      #expect(
        Augmentation().placed(picture, layout, .init(turns: -0.5))
          == Array(picture.reversed()))
    }
  }

  @Test("mirrors are exact, in every layout")
  func mirror() throws {
    let mirror = Augmentation.Placement(isMirrored: true)
    let first = try PictureLayout([2, 2, 3])
    #expect(
      Augmentation().placed((0..<12).map { Double($0) }, first, mirror) == [
        2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9,
      ])
    let last = try PictureLayout([2, 3, 2], order: .channelsLast)
    #expect(
      Augmentation().placed((0..<12).map { Double($0) }, last, mirror) == [
        4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7,
      ])
  }

  @Test("zoom about the center")
  func zoom() throws {
    let layout = try PictureLayout([5, 5])
    // A ramp: twice the size has half the slope, and the middle stays.
    let ramp = (0..<25).map { Double($0 % 5) }
    let large = Augmentation(fill: .edge).placed(ramp, layout, .init(factor: 2))
    #expect(Array(large[10..<15]) == [1, 1.5, 2, 2.5, 3])
    let small = Augmentation().placed([Double](repeating: 1, count: 25), layout, .init(factor: 0.5))
    #expect(small[12] == 1 && small[0] == 0 && small[6] == 1 && small[10] == 0)
  }

  @Test("channels are changed alike, and both orders of them agree")
  func channels() throws {
    let (height, width) = (6, 5)
    let first = try PictureLayout([3, height, width])
    let last = try PictureLayout([height, width, 3])
    let grey = try PictureLayout([height, width])
    let picture = Self.picture(first.count)
    var interleaved = picture
    for position in 0..<height * width {
      for channel in 0..<3 {
        interleaved[position * 3 + channel] = picture[channel * height * width + position]
      }
    }
    let placement = Augmentation.Placement(
      right: 0.7, down: -1.2, turns: 0.05, factor: 1.2, isMirrored: true)
    let a = Augmentation().placed(picture, first, placement)
    let b = Augmentation().placed(interleaved, last, placement)
    for channel in 0..<3 {
      let start = channel * height * width
      let alone = Augmentation().placed(
        Array(picture[start..<start + height * width]), grey, placement)
      #expect(Array(a[start..<start + height * width]) == alone)
      #expect((0..<height * width).map { b[$0 * 3 + channel] } == alone)
    }
  }

  // MARK: Chance

  @Test("a function of key and example alone, in both precisions")
  func purity() throws {
    let layout = try PictureLayout([7, 6])
    let key = Key(seed: 3)
    let x = Self.batch(8, layout, Double.self)
    let examples = [5, 9, 2, 7, 100, 0, 3, 4]
    let whole = all.applied(to: x, layout: layout, examples: examples, key: key)
    #expect(whole.shape == x.shape && whole.scalars != x.scalars)
    // Another position in another batch.
    let part = all.applied(
      to: x.sliced(axis: 0, 2..<5), layout: layout, examples: examples[2..<5], key: key)
    #expect(part.scalars == whole.sliced(axis: 0, 2..<5).scalars)
    let other = all.applied(to: x, layout: layout, examples: examples, key: Key(seed: 4))
    #expect(other.scalars != whole.scalars)
    let single = all.applied(
      to: Tensor<Float>(converting: x), layout: layout, examples: examples, key: key)
    for (a, b) in zip(single.scalars, whole.scalars) { #expect(abs(Double(a) - b) < 1e-6) }
    // As pictures or as rows of features.
    let pictures = all.applied(
      to: x.reshaped(to: [8, 7, 6]), layout: layout, examples: examples, key: key)
    #expect(pictures.shape == [8, 7, 6] && pictures.scalars == whole.scalars)
  }

  @Test("the same bits on every machine")
  func pinned() throws {
    let layout = try PictureLayout([7, 6])
    let x = Self.batch(2, layout, Double.self)
    let y = all.applied(to: x, layout: layout, examples: [0, 1], key: Key(seed: 3)).scalars
    #expect(
      [y[10], y[30], y[50], y[70]].map(\.bitPattern)
        == [
          4_594_148_011_811_000_752, 4_599_286_096_225_798_162, 4_603_601_642_030_799_833,
          4_599_507_009_867_224_250,
        ])
  }

  @Test("changes stay within what was asked, and use all of it")
  func ranges() {
    let placements = (0..<2000).map { all.placement(of: $0, key: Key(seed: 1)) }
    func extent(_ value: (Augmentation.Placement) -> Double) -> (Double, Double) {
      (placements.map(value).min() ?? 0, placements.map(value).max() ?? 0)
    }
    for (name, found, bound) in [
      ("right", extent(\.right), 2.0), ("down", extent(\.down), 2),
      ("turns", extent(\.turns), 25.0 / 360), ("factor", extent { $0.factor - 1 }, 0.3),
    ] {
      #expect(found.0 >= -bound && found.0 < -0.98 * bound, "\(name)")
      #expect(found.1 <= bound && found.1 > 0.98 * bound, "\(name)")
    }
    // Six standard deviations of 1000 in 2000.
    #expect(abs(placements.count { $0.isMirrored } - 1000) < 135)
  }

  @Test("no value leaves the range of its picture", arguments: 0..<20)
  func bounds(seed: Int) throws {
    let layout = try PictureLayout([9, 8])
    let key = Key(seed: seed)
    let values = key["x"].uniform(layout.count, from: -3, to: -1)
    let x = Tensor<Double>([1, layout.count], values)
    var strong = all
    strong.noise = 5
    let zero = strong.applied(to: x, layout: layout, examples: [seed], key: key).scalars
    let (least, most) = (values.min() ?? 0, values.max() ?? 0)
    #expect(zero.allSatisfy { $0 >= least && $0 <= 0 })
    strong.fill = .edge
    let edge = strong.applied(to: x, layout: layout, examples: [seed], key: key).scalars
    #expect(edge.allSatisfy { $0 >= least && $0 <= most })
  }

  @Test("noise has its size")
  func noise() throws {
    let layout = try PictureLayout([100, 100])
    var picture = [Double](repeating: 0, count: layout.count)
    (picture[0], picture[1]) = (-10, 10)
    let x = Tensor<Double>([1, layout.count], picture)
    let y = Augmentation(noise: 0.5).applied(
      to: x, layout: layout, examples: [3], key: Key(seed: 1)
    ).scalars
    let squares = y.dropFirst(2).reduce(0) { $0 + $1 * $1 } / Double(layout.count - 2)
    // The variance 0.25 of 10,000 draws has a standard deviation of 0.0035.
    #expect(abs(squares - 0.25) < 0.02)
  }

  // MARK: Text

  @Test("noise alone changes the rows of a table, and leaves their range")
  func tables() {
    let rows = Tensor<Double>.zeros([200, 3])
    let noisy = Augmentation(noise: 0.5).applied(
      to: rows, layout: nil, examples: 0..<200, key: Key(seed: 7))
    #expect(abs(noisy.squared().mean().scalar - 0.25) < 0.05)
    #expect(!Augmentation(noise: 1).asksForPictures && Augmentation(flip: true).asksForPictures)
  }

  @Test("read from text, and written")
  func text() throws {
    let full = try Augmentation(parsing: "shift=2,rotate=15,zoom=0.1,flip,noise=0.05,fill=edge")
    #expect(
      full
        == Augmentation(shift: 2, rotation: 15, zoom: 0.1, flip: true, noise: 0.05, fill: .edge))
    #expect(try Augmentation(parsing: full.text) == full)
    #expect(try Augmentation(parsing: "flip") == Augmentation(flip: true))
    #expect(try Augmentation(parsing: Augmentation().text).isIdentity)
    let copy = try JSONDecoder().decode(Augmentation.self, from: JSONEncoder().encode(full))
    #expect(copy == full)
  }

  @Test(
    "texts that are refused",
    arguments: [
      ("", ["there is no \"\""]), ("shfit=2", ["did you mean shift?"]),
      ("shift", ["shift needs a value"]), ("flip=1", ["flip takes no value"]),
      ("shift=1,shift=2", ["shift is given twice"]), ("shift=x", ["not a number from 0 to 10000"]),
      ("rotate=181", ["rotate=181", "from 0 to 180"]), ("zoom=-0.1", ["from 0 to 0.95"]),
      ("noise=nan", ["noise=nan"]), ("fill=black", ["neither zero nor edge"]),
      ("shift=1,", ["there is no \"\""]),
    ])
  func refusals(text: String, words: [String]) {
    expectError(.outOfRange, naming: ["augmentation"] + words) { try Augmentation(parsing: text) }
  }
}
