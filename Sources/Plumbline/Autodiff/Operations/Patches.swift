// The patches of images that a sliding window sees, as columns of a matrix, and the way back: what makes a
// convolution a matrix product and a pooling a reduction. Each of the two operations is the other's adjoint.

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

/// Images and windows together: the geometry that both operations share.
private struct PatchGeometry {
  let window: SlidingWindow
  let images: Int, channels: Int, height: Int, width: Int
  let rows: Int, columns: Int

  /// Of images `[images, channels, height, width]`; traps where the window is larger than they are.
  init(_ window: SlidingWindow, _ shape: Shape) {
    require(shape.rank == 4, "a window slides over [images, channels, height, width], not \(shape)")
    guard let positions = window.positions(height: shape[2], width: shape[3]) else {
      fatalError("a window of \(window) is larger than the images of shape \(shape)")
    }
    self.window = window
    (images, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    (rows, columns) = (positions.height, positions.width)
  }

  var patches: Shape { [channels, window.area, images * rows * columns] }

  /// Calls `body` for every run of window positions side by side: where the run starts among the patches, where
  /// in the images the window's place lies for the first of them, and how many of the `columns` positions, from
  /// which on, see the image and not the padding (none: the whole run is padding).
  @inline(__always)
  func forEachRun(_ body: (_ patch: Int, _ image: Int, _ inside: Range<Int>) -> Void) {
    let positions = images * rows * columns
    for image in 0..<images {
      for channel in 0..<channels {
        let plane = (image * channels + channel) * height * width
        for place in 0..<window.area {
          let (down, across) = (place / window.width, place % window.width)
          let start = (channel * window.area + place) * positions + image * rows * columns
          let seenRows = window.positions(rows, seeing: height, at: down)
          let seen = window.positions(columns, seeing: width, at: across)
          for row in 0..<rows {
            let line = row * window.stride + down - window.padding
            let first =
              plane + line * width + seen.lowerBound * window.stride + across
              - window.padding
            body(start + row * columns, first, seenRows.contains(row) ? seen : 0..<0)
          }
        }
      }
    }
  }
}

/// y[c, k, (n, i, j)] = x[n, c, i s + k_1 - p, j s + k_2 - p], the padding value outside; dx = folded dy
struct Patches: BuiltInOperation {
  static let kind = OperationKind.patches
  let window: SlidingWindow
  let padding: Double
  var attributes: String { "\(window)" + (padding == 0 ? "" : " with \(padding)") }
  func shape(of inputs: [Shape]) -> Shape { PatchGeometry(window, inputs[0]).patches }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    let geometry = PatchGeometry(window, inputs[0].shape)
    let (columns, stride, outside) = (geometry.columns, window.stride, S(padding))
    return Tensor(geometry.patches) { target in
      inputs[0].withValues { source in
        geometry.forEachRun { patch, image, inside in
          let run = target + patch
          for index in 0..<inside.lowerBound { run[index] = outside }
          if stride == 1 {
            (run + inside.lowerBound).update(from: source + image, count: inside.count)
          } else {
            for index in 0..<inside.count {
              run[inside.lowerBound + index] = source[image + index * stride]
            }
          }
          for index in inside.upperBound..<columns { run[index] = outside }
        }
      }
    }
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.foldedPatches(window, into: call.inputs[0].shape)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// x[n, c, h, w] = Σ y[c, k, (n, i, j)] over all k, i, j that see that place, k ascending; dy = patches of dx
struct FoldPatches: BuiltInOperation {
  static let kind = OperationKind.foldPatches
  let window: SlidingWindow
  let target: Shape
  var attributes: String { "\(window) into \(target)" }
  func shape(of inputs: [Shape]) -> Shape {
    let patches = PatchGeometry(window, target).patches
    require(
      inputs[0] == patches,
      "images of shape \(target) have patches \(patches) by a window of \(window), not \(inputs[0])"
    )
    return target
  }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    let geometry = PatchGeometry(window, target)
    var result = Tensor<S>.zeros(target)
    result.withMutableValues { target in
      inputs[0].withValues { source in
        geometry.forEachRun { patch, image, inside in
          add(
            inside.count, source + patch + inside.lowerBound, to: target + image,
            step: window.stride)
        }
      }
    }
    return result
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.patches(window)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { inputs[0].elementCount }
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
  if step == 1 {
    for index in 0..<count { target[index] += source[index] }
  } else {
    for index in 0..<count { target[index * step] += source[index] }
  }
}

// MARK: - Notation

extension TensorProtocol {
  /// The patches of images `[images, channels, height, width]` that a window sees:
  /// `[channels, window places, images · positions]`, where the padding holds `padding`.
  ///
  /// Complexity: O(values of the result); for overlapping windows that is about the window's area divided by
  /// stride² times the image.
  public func patches(_ window: SlidingWindow, paddingWith padding: Double = 0) -> Self {
    Self.apply(Patches(window: window, padding: padding), to: [self])
  }

  /// Images of shape `target` in which every place is the sum of the patches' values that were taken from it:
  /// the adjoint of ``patches(_:paddingWith:)``.
  public func foldedPatches(_ window: SlidingWindow, into target: Shape) -> Self {
    Self.apply(FoldPatches(window: window, target: target), to: [self])
  }
}
