/// A window over images of one shape: where its patches come from and go to.
///
/// The patches of one image are a matrix with a row for each channel and cell of the window, and in each row the positions of the
/// window in row-major order. Rows may be farther apart than their length, so that the patches of several images can lie side by
/// side.
struct ImagePatches: Sendable {
  let window: SlidingWindow
  var images: Int, channels: Int
  let height: Int, width: Int
  /// The positions of the window along both axes of an image.
  let rows: Int, columns: Int

  /// A window over images `[images, channels, height, width]`; traps if it is larger than they are.
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

  /// What one cell of the window sees of an image, as its positions move.
  private struct View {
    /// The position rows and columns that see the image rather than the padding.
    let rows: Range<Int>, columns: Range<Int>
    /// The index in the channel that the first of them sees.
    let start: Int
  }

  private func view(of cell: Int) -> View {
    let (down, across) = (cell / window.width, cell % window.width)
    let rows = window.positions(rows, seeing: height, at: down)
    let columns = window.positions(columns, seeing: width, at: across)
    let (line, column) = (
      rows.lowerBound * window.stride + down - window.padding,
      columns.lowerBound * window.stride + across - window.padding
    )
    return View(
      rows: columns.isEmpty ? 0..<0 : rows, columns: columns, start: line * width + column)
  }

  /// Whether neighboring positions see neighboring values even across the end of a row, so that all of a cell's view can be moved
  /// in one run and the cells in the padding corrected afterwards.
  private var isOneRun: Bool { window.stride == 1 && columns == width }

  /// Writes the patches of one image.
  func take<S: TensorScalar>(
    _ image: UnsafePointer<S>, into patches: UnsafeMutablePointer<S>, rowLength: Int, padding: S
  ) {
    for cell in 0..<window.area {
      let view = view(of: cell)
      for channel in 0..<channels {
        let source = image + channel * height * width + view.start
        let target = patches + (channel * window.area + cell) * rowLength
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

  /// Adds patches to the image that they were taken from, window cell by window cell. The values at the padding are overwritten.
  func fold<S: TensorScalar>(
    _ patches: UnsafeMutablePointer<S>, rowLength: Int, into image: UnsafeMutablePointer<S>
  ) {
    for cell in 0..<window.area {
      let view = view(of: cell)
      if view.rows.isEmpty { continue }
      for channel in 0..<channels {
        let target = image + channel * height * width + view.start
        let source = patches + (channel * window.area + cell) * rowLength
        if isOneRun {
          let run = runOfView(view)
          fillColumns(of: source, outside: view.columns, in: view.rows, with: S(0))
          S.binary(
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

  /// The range from the first position of a view to its last, across the ends of the rows between.
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

extension ImagePatches {
  /// The shape of all patches: `[channels, window cells, images · positions]`.
  var shape: Shape { [channels, window.area, images * positions] }

  /// Writes the patches of all images, side by side.
  func takeAll<S: TensorScalar>(
    _ source: UnsafePointer<S>, into target: UnsafeMutablePointer<S>, padding: S
  ) {
    for image in 0..<images {
      take(
        source + image * imageCount, into: target + image * positions,
        rowLength: images * positions, padding: padding)
    }
  }

  /// Writes the images into which patches fold. `memory` holds the patches of one: folding writes into them.
  func foldAll<S: TensorScalar>(
    _ source: UnsafePointer<S>, into target: UnsafeMutablePointer<S>,
    memory: UnsafeMutablePointer<S>
  ) {
    target.update(repeating: S(0), count: images * imageCount)
    for image in 0..<images {
      for row in 0..<size {
        (memory + row * positions).update(
          from: source + (row * images + image) * positions, count: positions)
      }
      fold(memory, rowLength: positions, into: target + image * imageCount)
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
      let sum = target + index * step
      S.binary(.add, count: 1, sum, step: 1, source + index, step: 1, into: sum)
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
