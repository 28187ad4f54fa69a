import Findings
import Plumbline

/// The pictures of ``Glyphs`` in color: the digit in one random color on a ground of another.
///
/// Both colors are drawn alike, so that the mean of every pixel is the same for all classes and a linear classifier, which adds up
/// pixels, does no better than guessing: what tells a digit is where colors change.
public struct ColoredGlyphs: Sendable, Hashable {
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

  /// The examples from `first` on, as a data set.
  ///
  /// - Complexity: O(`count`).
  public func dataset(count: Int, startingAt first: Int = 0) throws(Problem) -> LabelledSet {
    guard count >= 1, first >= 0 else {
      throw Problem(
        .outOfRange, subject: "colored-glyphs", location: "examples",
        problem: "\(count) examples from example \(first) onwards were requested",
        remedy: "ask for at least one example, counted from 0")
    }
    return try LabelledSet(
      name: "colored-glyphs",
      features: (first..<first + count).flatMap { picture(at: $0) },
      exampleShape: [3, side, side], labels: (first..<first + count).map { glyphs.label(at: $0) },
      classCount: Glyphs.classCount,
      provenance: "generated colored digit strokes \(first) ..< \(first + count) of key "
        + "\(glyphs.key.bits), \(side) x \(side) pixels")
  }
}
