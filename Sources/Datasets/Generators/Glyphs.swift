import Findings
import Plumbline

/// A generator of 28×28 pictures of the ten digits, drawn as strokes: data without a download.
///
/// Example i is a pure function of the key and i, so examples can be generated individually in any order. A digit is
/// written in one of a few styles; its points are moved, the whole is rotated, sheared, scaled and
/// shifted, drawn with a pen of random width and strength, and then disturbed by clutter and noise.
/// Only arithmetic that IEEE 754 rounds exactly is used, so the pictures are the same on every
/// machine, bit for bit.
///
/// Any ten examples starting at a multiple of ten contain each class once.
public struct Glyphs: Sendable, Hashable {
  /// The width and height of a picture in pixels.
  public static let side = 28
  /// The number of classes: the digits 0 to 9.
  public static let classCount = 10

  /// The key from which all randomness is drawn.
  public let key: Key
  /// How much the pictures of one digit differ.
  public let variation: Variation

  /// The generator with this key.
  public init(key: Key, variation: Variation = .standard) {
    self.key = key
    self.variation = variation
  }

  /// How much the pictures of one digit differ; zero everywhere gives the same few pictures again
  /// and again.
  public struct Variation: Sendable, Hashable, Codable {
    /// The largest rotation, in degrees either way.
    public var rotation: Double
    /// The largest shear, in widths per height either way.
    public var shear: Double
    /// The largest relative change of width and of height.
    public var scale: Double
    /// The largest shift across and down, in pixels.
    public var shift: Double
    /// The largest displacement of each point of the skeleton, in digit heights.
    public var jitter: Double
    /// The largest relative change of the pen's width.
    public var penWidth: Double
    /// The largest loss of pen strength, as a fraction of full ink.
    public var fading: Double
    /// The fraction of pictures that are dark on light instead of light on dark.
    public var inversion: Double
    /// The largest number of stray marks.
    public var clutter: Int
    /// The standard deviation of the noise of each pixel, in units of full ink.
    public var noise: Double

    /// The variation that makes the classes hard for a linear classifier but easy for a good
    /// network.
    ///
    /// Measured with 10,000 training and 10,000 new examples of seed 1: a linear softmax classifier
    /// trained to convergence errs on 11.1 % of the training examples and 13.6 % of the new ones
    /// (with the weight decay that is best on the new ones 11.8 % and 13.6 %; without any, 11.1 %
    /// and 32 %); a ReLU network with two hidden layers of 256 errs on 0.04 % and 0.5 %, a small
    /// convolutional network on none and 0.01 %.
    public static let standard = Variation(
      rotation: 12, shear: 0.16, scale: 0.12, shift: 2, jitter: 0.035, penWidth: 0.35, fading: 0.3,
      inversion: 0.08, clutter: 2, noise: 0.05)

    /// No variation except the styles.
    public static let none = Variation(
      rotation: 0, shear: 0, scale: 0, shift: 0, jitter: 0, penWidth: 0, fading: 0,
      inversion: 0, clutter: 0, noise: 0)
  }

  // MARK: Examples

  /// The digit of example `index`, counted from 0.
  public func label(at index: Int) -> Int {
    guard index >= 0 else { fatalError("glyph \(index): examples are counted from 0") }
    let (block, position) = index.quotientAndRemainder(dividingBy: Self.classCount)
    return key["labels"][block].permutation(Self.classCount)[position]
  }

  /// The picture of example `index`: 28 × 28 values in 0...1, row-major, each a multiple of 1/255.
  public func picture(at index: Int) -> [Float] {
    var draws = Draws(key: key["pictures"][index])
    let styles = GlyphSkeleton.styles[label(at: index)]
    let skeleton = styles[draws.integer(below: styles.count)]
    var canvas = GlyphCanvas()
    write(skeleton, on: &canvas, &draws)
    addClutter(to: &canvas, &draws)
    return developed(canvas, &draws)
  }

  /// The examples from `first` on, as a data set.
  ///
  /// Training and test data are two ranges of one generator, or two keys.
  /// - Complexity: O(`count`).
  public func dataset(count: Int, startingAt first: Int = 0) throws(Problem) -> LabelledSet {
    guard count >= 1, first >= 0 else {
      throw Problem(
        .outOfRange, subject: "glyphs", location: "examples",
        problem: "\(count) examples from example \(first) onwards were requested",
        remedy: "ask for at least one example, counted from 0")
    }
    var features: [Float] = []
    features.reserveCapacity(count * Self.side * Self.side)
    var labels: [Int] = []
    labels.reserveCapacity(count)
    for index in first..<first + count {
      features.append(contentsOf: picture(at: index))
      labels.append(label(at: index))
    }
    return try LabelledSet(
      name: "glyphs", features: features, exampleShape: [Self.side, Self.side], labels: labels,
      classCount: Self.classCount,
      provenance: "generated digit strokes \(first) ..< \(first + count) of key \(key.bits)"
        + (variation == .standard ? "" : ", \(variation)"))
  }

  // MARK: Writing

  /// Random values of one example, taken one after the other.
  private struct Draws {
    let key: Key
    private var next = 0

    init(key: Key) { self.key = key }

    mutating func bits() -> UInt64 {
      defer { next += 1 }
      return key.bits(at: next)
    }

    mutating func integer(below bound: Int) -> Int {
      defer { next += 1 }
      return key.integer(at: next, below: bound)
    }

    /// Uniform between -`bound` and `bound`.
    mutating func symmetric(_ bound: Double) -> Double {
      defer { next += 1 }
      return (2 * key.uniform(at: next) - 1) * bound
    }

    /// Uniform between 0 and `bound`.
    mutating func positive(_ bound: Double) -> Double {
      defer { next += 1 }
      return key.uniform(at: next) * bound
    }
  }

  private static let digitHeight = 19.0
  private static let digitWidth = 16.0
  private static let penRadius = 1.3
  private static let softness = 1.4

  private func write(
    _ skeleton: GlyphSkeleton, on canvas: inout GlyphCanvas, _ draws: inout Draws
  ) {
    let position = placement(&draws)
    let points = skeleton.points.map { point in
      position(
        GlyphPoint(
          point.x + draws.symmetric(variation.jitter), point.y + draws.symmetric(variation.jitter)))
    }
    let radius = Self.penRadius * (1 + draws.symmetric(variation.penWidth))
    let strength = 1 - draws.positive(variation.fading)
    for stroke in skeleton.strokes {
      let path = Self.path(of: stroke, through: points)
      for (start, end) in zip(path, path.dropFirst()) {
        canvas.drawSegment(
          from: start, to: end, radius: radius, softness: Self.softness, strength: strength)
      }
    }
  }

  /// A random affine map from skeleton coordinates to pixels.
  private func placement(_ draws: inout Draws) -> (GlyphPoint) -> GlyphPoint {
    // The rotation is given by t = tan(angle / 2), because then its sine and cosine need only
    // division, which is exact to the last bit everywhere. The series of the tangent is good to
    // 10⁻⁴ at 45 degrees.
    let half = draws.symmetric(variation.rotation) * (Double.pi / 360)
    let square = half * half
    let tangent = half * (1 + square * (1.0 / 3 + square * (2.0 / 15)))
    let cosine = (1 - tangent * tangent) / (1 + tangent * tangent)
    let sine = 2 * tangent / (1 + tangent * tangent)
    let shear = draws.symmetric(variation.shear)
    let width = Self.digitWidth * (1 + draws.symmetric(variation.scale))
    let height = Self.digitHeight * (1 + draws.symmetric(variation.scale))
    let centre = Double(Self.side) / 2
    let (right, down) = (draws.symmetric(variation.shift), draws.symmetric(variation.shift))
    return { point in
      let y = (point.y - 0.5) * height
      let x = (point.x - 0.5) * width - shear * y
      return GlyphPoint(
        centre + right + cosine * x - sine * y, centre + down + sine * x + cosine * y)
    }
  }

  /// A stroke as a chain of points so close that straight segments between them look smooth.
  private static func path(
    of stroke: GlyphSkeleton.Stroke, through points: [GlyphPoint]
  ) -> [GlyphPoint] {
    switch stroke {
    case .line(let indices):
      return indices.map { points[$0] }
    case .curve(let indices):
      let last = indices.count - 1
      return curve(spans: last) { points[indices[max(0, min(last, $0))]] }
    case .loop(let indices):
      let count = indices.count
      return curve(spans: count) { points[indices[($0 + count) % count]] }
    }
  }

  /// The Catmull-Rom spline through the points `knot(0)` ... `knot(spans)`; it looks one further
  /// each way.
  ///
  /// Source: E. Catmull, R. Rom, "A class of local interpolating splines", Computer Aided Geometric
  /// Design, 1974.
  private static func curve(spans: Int, knot: (Int) -> GlyphPoint) -> [GlyphPoint] {
    let pieces = 4
    var path = [knot(0)]
    for span in 0..<spans {
      let (a, b, c, d) = (knot(span - 1), knot(span), knot(span + 1), knot(span + 2))
      for piece in 1...pieces {
        let t = Double(piece) / Double(pieces)
        func blend(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
          let quadratic = 2 * a - 5 * b + 4 * c - d
          let cubic = 3 * (b - c) + d - a
          return b + 0.5 * t * (c - a + t * (quadratic + t * cubic))
        }
        path.append(GlyphPoint(blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y)))
      }
    }
    return path
  }

  // MARK: Disturbance

  /// Adds short stray marks anywhere, thinner and fainter than the digit.
  private func addClutter(to canvas: inout GlyphCanvas, _ draws: inout Draws) {
    guard variation.clutter > 0 else { return }
    let side = Double(Self.side)
    for _ in 0..<draws.integer(below: variation.clutter + 1) {
      let start = GlyphPoint(draws.positive(side), draws.positive(side))
      let end = GlyphPoint(start.x + draws.symmetric(2.5), start.y + draws.symmetric(2.5))
      canvas.drawSegment(
        from: start, to: end, radius: 0.5, softness: 1, strength: 0.3 + draws.positive(0.5))
    }
  }

  /// The picture with noise, in steps of 1/255 as an image file would hold it.
  private func developed(_ canvas: GlyphCanvas, _ draws: inout Draws) -> [Float] {
    // The sum of two uniform bytes from 0 to 255 has this standard deviation; four pixels share one
    // draw of 64 bits.
    let byteDeviation = (2.0 * (256 * 256 - 1) / 12).squareRoot()
    let scale = variation.noise / byteDeviation
    var bits: UInt64 = 0
    let isInverted = draws.positive(1) < variation.inversion
    return canvas.ink.indices.map { position in
      if position % 4 == 0 { bits = draws.bits() }
      let sum = Double(bits & 0xFF) + Double((bits >> 8) & 0xFF)
      bits >>= 16
      let light = isInverted ? 1 - canvas.ink[position] : canvas.ink[position]
      let value = light + (sum - 255) * scale
      return Float((max(0, min(1, value)) * 255).rounded()) / 255
    }
  }
}
