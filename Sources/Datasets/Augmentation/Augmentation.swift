import Plumbline

/// Random changes to examples that preserve their class: shift, rotation, zoom and mirroring of pictures, and noise on any
/// features.
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

  /// Whether it moves pixels, in which case examples must be pictures.
  public var asksForPictures: Bool { shift != 0 || rotation != 0 || zoom != 0 || flip }

  // MARK: Pictures

  /// What happens to the geometry of one picture.
  package struct Placement: Sendable, Hashable {
    package var right = 0.0
    package var down = 0.0
    /// In full turns, from the column axis toward the row axis.
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
  ///  Traps if the numbers of examples or of features differ from those of the batch, or if pixels are to be moved without a
  ///  layout.
  /// - Parameters:
  ///   - batch: The examples; the first axis counts them.
  ///   - layout: How the features form a picture; `nil` if they do not, so that only noise is possible.
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
    let result = [Double](unsafeUninitializedCapacity: values.count) { target, count in
      values.withUnsafeBufferPointer { source in
        for (position, example) in examples.enumerated() {
          let range = position * size..<(position + 1) * size
          change(
            UnsafeBufferPointer(rebasing: source[range]), layout, example, key,
            into: UnsafeMutableBufferPointer(rebasing: target[range]))
        }
      }
      count = values.count
    }
    return Tensor(batch.shape, nearestTo: result)
  }

  private func change(
    _ features: UnsafeBufferPointer<Double>, _ layout: PictureLayout?, _ example: Int, _ key: Key,
    into result: UnsafeMutableBufferPointer<Double>
  ) {
    guard let from = features.baseAddress, let to = result.baseAddress else { return }
    let placement = layout == nil ? Placement() : placement(of: example, key: key)
    if let layout, placement != Placement() {
      place(features, layout, placement, into: result)
    } else {
      to.update(from: from, count: features.count)
    }
    guard noise > 0 else { return }
    let draws = key["noise"][example].normal(features.count)
    guard layout != nil else {
      for index in draws.indices { to[index] += noise * draws[index] }
      return
    }
    // The least and the largest value of the picture; the fill may lie outside that range, and is kept.
    var (least, most) = (from[0], from[0])
    for value in features {
      least = value < least ? value : least
      most = value > most ? value : most
    }
    for index in draws.indices {
      let value = to[index]
      to[index] = max(min(least, value), min(max(most, value), value + noise * draws[index]))
    }
  }

  /// The picture with this placement.
  package func placed(
    _ picture: [Double], _ layout: PictureLayout, _ placement: Placement
  ) -> [Double] {
    [Double](unsafeUninitializedCapacity: picture.count) { result, count in
      picture.withUnsafeBufferPointer { place($0, layout, placement, into: result) }
      count = picture.count
    }
  }

  /// Writes the picture with this placement: every pixel looks up where it came from.
  private func place(
    _ picture: UnsafeBufferPointer<Double>, _ layout: PictureLayout, _ placement: Placement,
    into result: UnsafeMutableBufferPointer<Double>
  ) {
    let planes = BorderedPlanes(picture, layout, fill)
    let direction = UnitCircle.point(atTurns: placement.turns)
    let middle = (row: Double(layout.height - 1) / 2, column: Double(layout.width - 1) / 2)
    // Backwards: shift, rotation, size, mirror.
    let xs = (0..<layout.width).map { Double($0) - middle.column - placement.right }
    let ys = (0..<layout.height).map { Double($0) - middle.row - placement.down }
    func column(_ across: Double) -> BorderedPlanes.Neighbours {
      let offset = across / placement.factor
      return planes.neighbours(
        ofColumn: middle.column + (placement.isMirrored ? -offset : offset))
    }
    func row(_ along: Double) -> BorderedPlanes.Neighbours {
      planes.neighbours(ofRow: middle.row + along / placement.factor)
    }
    guard direction == (1, 0) else {
      let turned = xs.map { (across: direction.x * $0, along: direction.y * $0) }
      for (rowIndex, y) in ys.enumerated() {
        let (across, along) = (direction.y * y, direction.x * y)
        for (columnIndex, x) in turned.enumerated() {
          planes.write(
            row(along - x.along), column(x.across + across),
            to: layout.position(rowIndex, columnIndex), of: result)
        }
      }
      return
    }
    // Without a rotation a pixel's row and column come from one row and one column each.
    let columns = xs.map(column)
    for (rowIndex, y) in ys.enumerated() {
      let around = row(y)
      for (columnIndex, neighbours) in columns.enumerated() {
        planes.write(around, neighbours, to: layout.position(rowIndex, columnIndex), of: result)
      }
    }
  }
}

/// The channels of a picture with a border of two pixels, so that the four pixels around any point are found without asking whether
/// they are inside.
private struct BorderedPlanes {
  private static let border = 2
  private let planes: [Double]
  private let height: Int, width: Int, channels: Int
  /// The values of a row of a plane, and of a plane, with their borders.
  private let rowSize: Int, planeSize: Int

  init(
    _ picture: UnsafeBufferPointer<Double>, _ layout: PictureLayout, _ fill: Augmentation.Fill
  ) {
    (height, width, channels) = (layout.height, layout.width, layout.channels)
    rowSize = width + 2 * Self.border
    planeSize = (height + 2 * Self.border) * rowSize
    var planes = [Double](repeating: 0, count: channels * planeSize)
    let border = fill == .edge ? Self.border : 0
    for row in -border..<height + border {
      for column in -border..<width + border {
        let source = layout.position(
          max(0, min(height - 1, row)), max(0, min(width - 1, column)))
        let target = (row + Self.border) * rowSize + column + Self.border
        for channel in 0..<channels {
          planes[channel * planeSize + target] = picture[source.start + channel * source.step]
        }
      }
    }
    self.planes = planes
  }

  /// The two rows or columns around a point: how many values the first is from the start, and the point's share of the distance
  /// between them.
  struct Neighbours {
    let offset: Int
    let share: Double
  }

  @inline(__always)
  private func neighbours(_ point: Double, _ count: Int, _ step: Int) -> Neighbours {
    // Rounded down by a conversion, which is faster than the C library's function. For points far outside, the exact value does not
    // matter.
    let whole = Int(max(-0x1p40, min(0x1p40, point)))
    let first = Double(whole) > point ? whole - 1 : whole
    return Neighbours(
      offset: max(0, min(count, first) + Self.border) * step, share: point - Double(first))
  }

  /// The rows around a point.
  @inline(__always)
  func neighbours(ofRow row: Double) -> Neighbours { neighbours(row, height, rowSize) }

  /// The columns around a point.
  @inline(__always)
  func neighbours(ofColumn column: Double) -> Neighbours { neighbours(column, width, 1) }

  /// Writes the value of each channel at a point, bilinear between the pixels around it.
  @inline(__always)
  func write(
    _ row: Neighbours, _ column: Neighbours, to position: (start: Int, step: Int),
    of result: UnsafeMutableBufferPointer<Double>
  ) {
    planes.withUnsafeBufferPointer { planes in
      for channel in 0..<channels {
        let start = channel * planeSize + row.offset + column.offset
        let upper = Self.between(planes[start], planes[start + 1], column.share)
        let lower = Self.between(planes[start + rowSize], planes[start + rowSize + 1], column.share)
        result[position.start + channel * position.step] = Self.between(upper, lower, row.share)
      }
    }
  }

  /// The value at a share of the way from a to b: a at 0, and never outside them through rounding.
  @inline(__always)
  private static func between(_ a: Double, _ b: Double, _ share: Double) -> Double {
    let value = a + (b - a) * share
    return max(min(a, b), min(max(a, b), value))
  }
}
