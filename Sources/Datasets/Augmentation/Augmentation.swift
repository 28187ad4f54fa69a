import Plumbline

/// Random changes to examples that preserve their class: shift, rotation, zoom and mirroring of pictures, and noise on any features.
///
/// ```swift
/// let augmentation = try Augmentation(parsing: "shift=2,rotate=15,zoom=0.1,flip,noise=0.05")
/// let layout = try PictureLayout(data.exampleShape)
/// let batch = augmentation.applied(
///   to: x, layout: layout, examples: indices, key: key["augmentation"][epoch])
/// ```
///
/// The change of an example is a pure function of the key and the example's number: it does not
/// depend on its position in a batch. Values between pixels are bilinear; all steps are products and
/// sums that IEEE 754 rounds the same everywhere (sine and cosine are the library's own), so the
/// pictures are the same on every machine. No value of a picture leaves the range of the picture it came
/// from, 0 included where ``Fill/zero`` lets it in.
public struct Augmentation: Sendable, Hashable, Codable {
  /// The values beyond the border of a picture.
  public enum Fill: String, Sendable, Hashable, Codable, CaseIterable {
    /// The value 0: black.
    case zero
    /// The nearest border pixel.
    case edge
  }

  /// The largest shift across and down, in pixels either way.
  public var shift: Double
  /// The largest rotation about the center, in degrees either way.
  public var rotation: Double
  /// The largest change of size: 0.1 gives factors from 0.9 to 1.1.
  public var zoom: Double
  /// Whether every other picture, at random, is mirrored left to right.
  public var flip: Bool
  /// The standard deviation of the noise of each value.
  public var noise: Double
  /// The values beyond the border.
  public var fill: Fill

  /// An augmentation; traps for values outside the ranges stated by ``init(parsing:)``.
  public init(
    shift: Double = 0, rotation: Double = 0, zoom: Double = 0, flip: Bool = false,
    noise: Double = 0, fill: Fill = .zero
  ) {
    self.shift = shift
    self.rotation = rotation
    self.zoom = zoom
    self.flip = flip
    self.noise = noise
    self.fill = fill
    for (name, value) in [
      ("shift", shift), ("rotate", rotation), ("zoom", zoom), ("noise", noise),
    ] {
      guard let range = Self.ranges[name], range.contains(value) else {
        fatalError(
          "augmentation: \(name)=\(value) is outside \(String(describing: Self.ranges[name]))")
      }
    }
  }

  static let ranges: [String: ClosedRange<Double>] = [
    "shift": 0...10_000, "rotate": 0...180, "zoom": 0...0.95, "noise": 0...1_000_000,
  ]

  /// Whether nothing is changed.
  public var isIdentity: Bool { shift == 0 && rotation == 0 && zoom == 0 && !flip && noise == 0 }

  /// Whether it moves pixels, so that examples must be pictures.
  public var asksForPictures: Bool { shift != 0 || rotation != 0 || zoom != 0 || flip }

  // MARK: Pictures

  /// What happens to the geometry of one picture.
  package struct Placement: Sendable, Hashable {
    package var right = 0.0
    package var down = 0.0
    /// In full turns, from the column axis towards the row axis.
    package var turns = 0.0
    package var factor = 1.0
    package var isMirrored = false

    package init(
      right: Double = 0, down: Double = 0, turns: Double = 0, factor: Double = 1,
      isMirrored: Bool = false
    ) {
      self.right = right
      self.down = down
      self.turns = turns
      self.factor = factor
      self.isMirrored = isMirrored
    }
  }

  /// What this key does to example `index`.
  package func placement(of index: Int, key: Key) -> Placement {
    let draws = key["placement"][index]
    func symmetric(_ position: Int, _ bound: Double) -> Double {
      (2 * draws.uniform(at: position) - 1) * bound
    }
    return Placement(
      right: symmetric(0, shift), down: symmetric(1, shift),
      turns: symmetric(2, rotation) / 360, factor: 1 + symmetric(3, zoom),
      isMirrored: flip && draws.uniform(at: 4) < 0.5)
  }

  /// The batch `[examples, features]` (or of any shape whose first axis counts the examples) with
  /// every example changed; the shape is preserved.
  ///
  /// Traps when the numbers of examples or of features differ from those of the batch, and where pictures are requested.
  /// - Parameters:
  ///   - batch: The examples; the first axis counts them.
  ///   - layout: How the features form a picture; `nil` if they do not, and only take noise.
  ///   - examples: The number of each example in the data set, from which its change is drawn.
  ///   - key: The key from which the changes are drawn: a different one for every epoch.
  /// - Complexity: O(number of features).
  public func applied<Scalar: TensorScalar>(
    to batch: Tensor<Scalar>, layout: PictureLayout?, examples: some Collection<Int>, key: Key
  ) -> Tensor<Scalar> {
    let size = layout?.count ?? batch.count / max(1, examples.count)
    guard batch.shape.rank > 0, batch.shape[0] == examples.count,
      batch.count == examples.count * size, layout != nil || !asksForPictures
    else {
      fatalError(
        "augmentation of a batch of shape \(batch.shape) with \(examples.count) examples of "
          + "\(size) values")
    }
    guard !isIdentity else { return batch }
    let values = Tensor<Double>(converting: batch).scalars
    var result: [Double] = []
    result.reserveCapacity(values.count)
    for (position, example) in examples.enumerated() {
      let features = values[position * size..<(position + 1) * size]
      result +=
        layout.map { changed(features, $0, example, key) } ?? noisy(features, example, key)
    }
    return Tensor(batch.shape, nearestTo: result)
  }

  private func changed(
    _ picture: ArraySlice<Double>, _ layout: PictureLayout, _ example: Int, _ key: Key
  ) -> [Double] {
    let placement = placement(of: example, key: key)
    let result =
      placement == Placement()
      ? Array(picture) : placed(Array(picture), layout, placement)
    guard noise > 0, let least = picture.min(), let most = picture.max() else { return result }
    // The fill may lie outside the picture's own range, and stays.
    return zip(result, noisy(result[...], example, key)).map { value, noisy in
      max(min(least, value), min(max(most, value), noisy))
    }
  }

  private func noisy(_ values: ArraySlice<Double>, _ example: Int, _ key: Key) -> [Double] {
    zip(values, key["noise"][example].normal(values.count)).map { $0 + noise * $1 }
  }

  /// The picture with this placement: every pixel looks up where it came from.
  package func placed(
    _ picture: [Double], _ layout: PictureLayout, _ placement: Placement
  ) -> [Double] {
    let direction = UnitCircle.point(atTurns: placement.turns)
    let middle = (row: Double(layout.height - 1) / 2, column: Double(layout.width - 1) / 2)
    var result = [Double](repeating: 0, count: picture.count)
    for row in 0..<layout.height {
      for column in 0..<layout.width {
        // Backwards: shift, rotation, size, mirror.
        let x = Double(column) - middle.column - placement.right
        let y = Double(row) - middle.row - placement.down
        let across = (direction.x * x + direction.y * y) / placement.factor
        let along = (direction.x * y - direction.y * x) / placement.factor
        let source = (
          row: middle.row + along,
          column: middle.column + (placement.isMirrored ? -across : across)
        )
        let target = layout.position(row, column)
        write(picture, layout, source, into: &result, at: target.start)
      }
    }
    return result
  }

  /// Writes all channels of the point `source` of a picture, bilinearly.
  private func write(
    _ picture: [Double], _ layout: PictureLayout, _ source: (row: Double, column: Double),
    into result: inout [Double], at start: Int
  ) {
    let (top, left) = (source.row.rounded(.down), source.column.rounded(.down))
    let (downShare, rightShare) = (source.row - top, source.column - left)
    let step = layout.position(0, 0).step
    for channel in 0..<layout.channels {
      func value(_ row: Double, _ column: Double) -> Double {
        guard let position = pixel(row, column, layout) else { return 0 }
        return picture[position + channel * step]
      }
      let upper = Self.between(value(top, left), value(top, left + 1), rightShare)
      let lower = Self.between(value(top + 1, left), value(top + 1, left + 1), rightShare)
      result[start + channel * step] = Self.between(upper, lower, downShare)
    }
  }

  /// Where a pixel lies, or the one of the border that stands for it; nil if 0 does.
  private func pixel(_ row: Double, _ column: Double, _ layout: PictureLayout) -> Int? {
    let (lastRow, lastColumn) = (Double(layout.height - 1), Double(layout.width - 1))
    let isInside = row >= 0 && row <= lastRow && column >= 0 && column <= lastColumn
    guard isInside || fill == .edge else { return nil }
    let inner = (row: max(0, min(lastRow, row)), column: max(0, min(lastColumn, column)))
    return layout.position(Int(inner.row), Int(inner.column)).start
  }

  /// The value at a share of the way from a to b: a at 0, and never outside them by rounding.
  @inline(__always)
  private static func between(_ a: Double, _ b: Double, _ share: Double) -> Double {
    let value = a + (b - a) * share
    return max(min(a, b), min(max(a, b), value))
  }
}
