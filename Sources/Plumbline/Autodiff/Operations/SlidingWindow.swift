/// A window that slides over images: its size, its step, and the rim of padding around the image.
public struct SlidingWindow: Sendable, Hashable {
  /// The extents of the window.
  public let height: Int, width: Int
  /// The step of the window along both axes.
  public let stride: Int
  /// The number of rows and columns that are added on every side of the image.
  public let padding: Int

  /// A window of `height` times `width` places; traps where an extent or the stride is below 1.
  public init(height: Int, width: Int, stride: Int = 1, padding: Int = 0) {
    require(
      height > 0 && width > 0 && stride > 0 && padding >= 0,
      "a window of \(height) x \(width) with stride \(stride) and padding \(padding)")
    self.height = height
    self.width = width
    self.stride = stride
    self.padding = padding
  }

  /// The number of places of the window.
  public var area: Int { height * width }

  /// How many positions the window takes over images `height` x `width`: (extent + 2 padding - window) / stride
  /// + 1 along each axis, rounded down. `nil` where the window is larger than the padded image.
  public func positions(height: Int, width: Int) -> (height: Int, width: Int)? {
    let rows = height + 2 * padding - self.height
    let columns = width + 2 * padding - self.width
    return rows >= 0 && columns >= 0 ? (rows / stride + 1, columns / stride + 1) : nil
  }

  /// The positions `range` of `count` whose place `offset` in the window lies in an image of `extent`.
  func positions(_ count: Int, seeing extent: Int, at offset: Int) -> Range<Int> {
    // 0 <= position · stride + offset - padding < extent
    let first = max(0, (padding - offset + stride - 1) / stride)
    let last = extent - 1 + padding - offset
    let end = last < 0 ? 0 : min(count, last / stride + 1)
    return first < end ? first..<end : 0..<0
  }
}

extension SlidingWindow: CustomStringConvertible {
  /// Size, stride and padding.
  public var description: String { "\(height)x\(width) stride \(stride) padding \(padding)" }
}

/// A window over images of one shape: where its patches come from and go to.
///
/// The patches of one image are a matrix with a row for each channel and place of the window, and in each row the
/// positions of the window in row-major order. Rows may be farther apart than they are long, so that the patches of
/// several images can stand side by side.
struct ImagePatches: Sendable {
  let window: SlidingWindow
  var images: Int, channels: Int
  let height: Int, width: Int
  /// The positions of the window along both axes of an image.
  let rows: Int, columns: Int

  /// A window over images `[images, channels, height, width]`; traps where it is larger than they are.
  init(_ window: SlidingWindow, _ shape: Shape) {
    require(shape.rank == 4, "a window slides over [images, channels, height, width], not \(shape)")
    guard let positions = window.positions(height: shape[2], width: shape[3]) else {
      fatalError("a window of \(window) is larger than the images of shape \(shape)")
    }
    self.window = window
    (images, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    (rows, columns) = (positions.height, positions.width)
  }

  /// The number of positions in one image.
  var positions: Int { rows * columns }
  /// The number of rows of the patches.
  var size: Int { channels * window.area }
  /// The number of values of one image.
  var imageCount: Int { channels * height * width }

  /// What one place of the window sees of an image, as its positions move.
  private struct View {
    /// The position rows and columns that see the image and not the padding.
    let rows: Range<Int>, columns: Range<Int>
    /// Where in the channel the first of them looks.
    let start: Int
  }

  private func view(of place: Int) -> View {
    let (down, across) = (place / window.width, place % window.width)
    let rows = window.positions(rows, seeing: height, at: down)
    let columns = window.positions(columns, seeing: width, at: across)
    let (line, column) = (
      rows.lowerBound * window.stride + down - window.padding,
      columns.lowerBound * window.stride + across - window.padding
    )
    return View(
      rows: columns.isEmpty ? 0..<0 : rows, columns: columns, start: line * width + column)
  }

  /// Whether neighbouring positions look at neighbouring values across the end of a row too, so that all of a
  /// place's view can be moved in one run and the places in the padding put right afterwards.
  private var isOneRun: Bool { window.stride == 1 && columns == width }

  /// Writes the patches of one image.
  func take<S: TensorScalar>(
    _ image: UnsafePointer<S>, into patches: UnsafeMutablePointer<S>, rowLength: Int, padding: S
  ) {
    for place in 0..<window.area {
      let view = view(of: place)
      for channel in 0..<channels {
        let source = image + channel * height * width + view.start
        let target = patches + (channel * window.area + place) * rowLength
        fill(target, 0..<view.rows.lowerBound * columns, with: padding)
        fill(target, view.rows.upperBound * columns..<positions, with: padding)
        if view.rows.isEmpty { continue }
        if isOneRun {
          let run = runOfView(view)
          (target + run.lowerBound).update(from: source, count: run.count)
          fillColumns(of: target, outside: view.columns, in: view.rows, with: padding)
          continue
        }
        for row in view.rows {
          let line = target + row * columns
          let seen = source + (row - view.rows.lowerBound) * window.stride * width
          fill(line, 0..<view.columns.lowerBound, with: padding)
          fill(line, view.columns.upperBound..<columns, with: padding)
          copy(view.columns.count, seen, step: window.stride, to: line + view.columns.lowerBound)
        }
      }
    }
  }

  /// Adds patches to the image that they were taken from, window place by window place. The values that fell on
  /// the padding are overwritten.
  func fold<S: TensorScalar>(
    _ patches: UnsafeMutablePointer<S>, rowLength: Int, into image: UnsafeMutablePointer<S>
  ) {
    for place in 0..<window.area {
      let view = view(of: place)
      if view.rows.isEmpty { continue }
      for channel in 0..<channels {
        let target = image + channel * height * width + view.start
        let source = patches + (channel * window.area + place) * rowLength
        if isOneRun {
          let run = runOfView(view)
          fillColumns(of: source, outside: view.columns, in: view.rows, with: S(0))
          S.apply(
            .add, count: run.count, target, step: 1, source + run.lowerBound, step: 1, into: target)
          continue
        }
        for row in view.rows {
          add(
            view.columns.count, source + row * columns + view.columns.lowerBound,
            to: target + (row - view.rows.lowerBound) * window.stride * width, step: window.stride)
        }
      }
    }
  }

  /// From the first position of a view to its last, across the ends of the rows between.
  private func runOfView(_ view: View) -> Range<Int> {
    let first = view.rows.lowerBound * columns + view.columns.lowerBound
    return first..<(view.rows.upperBound - 1) * columns + view.columns.upperBound
  }

  @inline(__always)
  private func fill<S: TensorScalar>(
    _ target: UnsafeMutablePointer<S>, _ range: Range<Int>, with value: S
  ) {
    (target + range.lowerBound).update(repeating: value, count: range.count)
  }

  @inline(__always)
  private func fillColumns<S: TensorScalar>(
    of target: UnsafeMutablePointer<S>, outside inside: Range<Int>, in rows: Range<Int>,
    with value: S
  ) {
    for column in 0..<columns where !inside.contains(column) {
      for row in rows { target[row * columns + column] = value }
    }
  }
}

@inline(__always)
private func copy<S: TensorScalar>(
  _ count: Int, _ source: UnsafePointer<S>, step: Int, to target: UnsafeMutablePointer<S>
) {
  if step == 1 {
    target.update(from: source, count: count)
  } else {
    for index in 0..<count { target[index] = source[index * step] }
  }
}

/// target[i step] += source[i]. The runs are short, so that for the two plain scalars a loop in place saves most
/// of the time that a kernel call would take; the bits are the same.
@inline(__always)
private func add<S: TensorScalar>(
  _ count: Int, _ source: UnsafePointer<S>, to target: UnsafeMutablePointer<S>, step: Int
) {
  if S.self == Float.self {
    addValues(Float.self, count, UnsafeRawPointer(source), UnsafeMutableRawPointer(target), step)
  } else if S.self == Double.self {
    addValues(Double.self, count, UnsafeRawPointer(source), UnsafeMutableRawPointer(target), step)
  } else {
    for index in 0..<count {
      let place = target + index * step
      S.apply(.add, count: 1, place, step: 1, source + index, step: 1, into: place)
    }
  }
}

@inline(__always)
private func addValues<Value: BinaryFloatingPoint & BitwiseCopyable>(
  _ type: Value.Type, _ count: Int, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer,
  _ step: Int
) {
  let source = source.assumingMemoryBound(to: Value.self)
  let target = target.assumingMemoryBound(to: Value.self)
  for index in 0..<count { target[index * step] += source[index] }
}
