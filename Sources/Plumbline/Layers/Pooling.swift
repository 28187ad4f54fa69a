/// The largest value that a window sees, channel by channel: `[images, channels, height, width]` to
/// `[images, channels, rows, columns]`.
///
/// The padding never wins. At a tie the winners share the gradient evenly; PyTorch gives it to the first.
public struct MaxPool2D: Layer {
  /// The window.
  public let window: SlidingWindow
  private let name = LayerName()

  /// A square window of `kernel` x `kernel`, by default without overlap. The padding is at most half the window,
  /// so that no window sees nothing else.
  public init(_ kernel: Int, stride: Int? = nil, padding: Int = 0) {
    require(
      2 * padding <= kernel, "a padding of \(padding) is more than half of the window \(kernel)")
    window = SlidingWindow(
      height: kernel, width: kernel, stride: stride ?? kernel, padding: padding)
  }

  /// The largest value of each window.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let patches = input.patches(window, paddingWith: window.padding == 0 ? 0 : -.infinity)
      return patches.max(alongAxes: [1]).asImages(of: input.shape, window)
    }
  }
}

/// The mean of what a window sees, channel by channel: `[images, channels, height, width]` to
/// `[images, channels, rows, columns]`.
///
/// The padding counts as zeros: every mean is divided by the window's area, which is PyTorch's default.
public struct AveragePool2D: Layer {
  /// The window.
  public let window: SlidingWindow
  private let name = LayerName()

  /// A square window of `kernel` x `kernel`, by default without overlap, with a padding of at most half of it.
  public init(_ kernel: Int, stride: Int? = nil, padding: Int = 0) {
    require(
      2 * padding <= kernel, "a padding of \(padding) is more than half of the window \(kernel)")
    window = SlidingWindow(
      height: kernel, width: kernel, stride: stride ?? kernel, padding: padding)
  }

  /// The mean of each window.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      input.patches(window).mean(alongAxes: [1]).asImages(of: input.shape, window)
    }
  }
}

/// The mean of each channel over its image: `[images, channels, height, width]` to `[images, channels]`.
public struct GlobalAveragePool: Layer {
  private let name = LayerName()

  /// A layer for images of any size.
  public init() {}

  /// The means.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    require(
      input.shape.rank == 4,
      "global average pooling takes [images, channels, height, width], not \(input.shape)")
    return pass.named(name) { input.mean(alongAxes: [2, 3]) }
  }
}

/// Every example as a vector: `[examples, ...]` to `[examples, features]`, in row-major order.
public struct Flatten: Layer {
  private let name = LayerName()

  /// A layer for examples of any shape.
  public init() {}

  /// The vectors.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    require(input.shape.rank > 0, "a single number is no batch of examples")
    return pass.named(name) {
      let features = input.shape.extents.dropFirst().reduce(1, *)
      return input.reshaped(to: [input.shape[0], features])
    }
  }
}

/// A skip without parameters for a branch that halves an image and adds channels: every `stride`-th row and
/// column, and channels of zeros after the input's own (option A of He et al., arXiv:1512.03385).
public struct PaddedShortcut: Layer {
  /// The channels of the result.
  public let channels: Int
  /// The step along both axes of the image.
  public let stride: Int
  private let name = LayerName()

  /// A skip to `channels` channels, at least as many as the input has.
  public init(channels: Int, stride: Int) {
    require(channels > 0 && stride > 0, "a shortcut to \(channels) channels with stride \(stride)")
    self.channels = channels
    self.stride = stride
  }

  /// The thinned images, filled up with zeros.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    require(
      input.shape.rank == 4 && input.shape[1] <= channels,
      "a shortcut to \(channels) channels takes images of at most as many, not \(input.shape)")
    return pass.named(name) {
      let window = SlidingWindow(height: 1, width: 1, stride: stride)
      let thinned =
        stride == 1
        ? input : input.patches(window).squeezed(axis: 1).asImages(of: input.shape, window)
      let shape = thinned.shape
      if shape[1] == channels { return thinned }
      return thinned.padded(
        as: shape.extents.map { 0..<$0 }, of: [shape[0], channels, shape[2], shape[3]])
    }
  }
}

extension TensorProtocol {
  /// Values `[channels, images · positions]` of a window over `images` as images of their own.
  fileprivate func asImages(of images: Shape, _ window: SlidingWindow) -> Self {
    guard let positions = window.positions(height: images[2], width: images[3]) else {
      fatalError("a window of \(window) is larger than the images of shape \(images)")
    }
    return reshaped(to: [shape[0], images[0], positions.height, positions.width])
      .transposed(permutation: [1, 0, 2, 3])
  }

  /// Without an axis of extent 1.
  fileprivate func squeezed(axis: Int) -> Self {
    var extents = shape.extents
    extents.remove(at: axis)
    return reshaped(to: Shape(extents))
  }
}
