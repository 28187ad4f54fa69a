import Plumbline

/// The pictures of ``Glyphs`` in color: the digit in one random color on a ground of another.
///
/// Both colors are drawn alike, so that the mean of every pixel is the same for all classes and a linear classifier, which adds up
/// pixels, does no better than guessing: what tells a digit is where colors change.
public struct ColoredGlyphs: ExampleGenerator, Hashable {
  /// The name of the data set.
  public let name = "colored-glyphs"
  /// The number of classes.
  public let classCount = Glyphs.classCount
  /// The strokes.
  public let glyphs: Glyphs
  /// The width and height of a picture in pixels: 28, or 14, where every four pixels of a stroke are one.
  public let side: Int

  /// The generator with this key.
  public init(key: Key, side: Int = Glyphs.side, variation: Glyphs.Variation = .standard) {
    guard side == Glyphs.side || 2 * side == Glyphs.side else {
      fatalError("colored-glyphs: pictures of \(side) pixels; they have 28 or 14")
    }
    glyphs = Glyphs(key: key, variation: variation)
    self.side = side
  }

  /// The key from which every example is drawn.
  public var key: Key { glyphs.key }
  /// The channels, rows and columns of a picture.
  public var exampleShape: [Int] { [3, side, side] }
  /// The number of values of a picture.
  public var featureCount: Int { 3 * side * side }
  /// The settings in words, for records and messages.
  public var settings: String { "\(side) x \(side) pixels" }

  /// The picture and the digit of one example.
  public func example(at index: Int) -> (features: [Float], label: Int) {
    (picture(at: index), glyphs.label(at: index))
  }

  /// The picture of example `index`: 3 × side × side values in 0...1, the channels red, green and blue.
  public func picture(at index: Int) -> [Float] {
    let ink = reduced(glyphs.picture(at: index))
    let (digit, ground) = colors(at: index)
    return (0..<3).flatMap { channel in
      ink.map { light in
        let value = ground[channel] + (digit[channel] - ground[channel]) * light
        return (value * 255).rounded() / 255
      }
    }
  }

  /// The mean of every two by two pixels, if pictures are half as large.
  private func reduced(_ ink: [Float]) -> [Float] {
    guard side < Glyphs.side else { return ink }
    return (0..<side * side).map { position in
      let corner = 2 * (position / side) * Glyphs.side + 2 * (position % side)
      return
        (ink[corner] + ink[corner + 1] + ink[corner + Glyphs.side]
        + ink[corner + Glyphs.side + 1]) / 4
    }
  }

  /// Two colors that can be told apart.
  private func colors(at index: Int) -> ([Float], [Float]) {
    var draw = 0
    while true {
      let values = glyphs.key["colors"][index][draw].uniform(6).map(Float.init)
      let (digit, ground) = (Array(values[..<3]), Array(values[3...]))
      let distance = zip(digit, ground).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      if distance > 0.25 { return (digit, ground) }
      draw += 1
    }
  }
}
