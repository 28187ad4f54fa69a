/// A window that slides over images: its size, its stride, and the padding around the image.
public struct SlidingWindow: Sendable, Hashable {
  /// The extents of the window.
  public let height: Int, width: Int
  /// The stride of the window along both axes.
  public let stride: Int
  /// The number of rows and columns added on every side of the image.
  public let padding: Int

  /// A window of `height` times `width` cells; traps if an extent or the stride is below 1.
  public init(height: Int, width: Int, stride: Int = 1, padding: Int = 0) {
    require(
      height > 0 && width > 0 && stride > 0 && padding >= 0,
      "a window of \(height) x \(width) with stride \(stride) and padding \(padding)")
    self.height = height
    self.width = width
    self.stride = stride
    self.padding = padding
  }

  /// The number of cells of the window.
  public var area: Int { height * width }

  /// The number of positions of the window over images `height` x `width`: (extent + 2 padding - window) / stride
  /// + 1 along each axis, rounded down. `nil` if the window is larger than the padded image.
  public func positions(height: Int, width: Int) -> (height: Int, width: Int)? {
    let rows = height + 2 * padding - self.height
    let columns = width + 2 * padding - self.width
    return rows >= 0 && columns >= 0 ? (rows / stride + 1, columns / stride + 1) : nil
  }

  /// The positions `range` of `count` whose cell `offset` in the window lies in an image of `extent`.
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
