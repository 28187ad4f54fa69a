import Findings

/// The largest value that a window sees, channel by channel: `[images, channels, height, width]` to
/// `[images, channels, rows, columns]`.
///
/// The padding never wins. At a tie the winners share the gradient evenly; PyTorch gives it to the first.
public struct MaxPool2D: WindowPool {
  public static let title = "max-pool", hasKinks = true
  /// The window from which the largest value is taken.
  public let window: SlidingWindow
  private let name = LayerName()

  /// A square window of `kernel` x `kernel`, by default without overlap. The padding is at most half the window,
  /// so that no window sees only padding.
  public init(_ kernel: Int, stride: Int? = nil, padding: Int = 0) {
    window = SlidingWindow(pooling: kernel, stride: stride, padding: padding)
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
public struct AveragePool2D: WindowPool {
  public static let title = "average-pool", hasKinks = false
  /// The window over which the mean is taken.
  public let window: SlidingWindow
  private let name = LayerName()

  /// A square window of `kernel` x `kernel`, by default without overlap, with a padding of at most half of it.
  public init(_ kernel: Int, stride: Int? = nil, padding: Int = 0) {
    window = SlidingWindow(pooling: kernel, stride: stride, padding: padding)
  }

  /// The mean of each window.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      input.patches(window).mean(alongAxes: [1]).asImages(of: input.shape, window)
    }
  }
}

/// The mean of each channel over its image, `[images, channels, height, width]` to `[images, channels]`, or of each feature over the
/// steps, `[examples, steps, features]` to `[examples, features]`.
public struct GlobalAveragePool: Layer, CustomStringConvertible {
  private let name = LayerName()

  /// A layer for images of any size, and sequences of any length.
  public init() {}

  /// The means.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    require(
      input.shape.rank == 3 || input.shape.rank == 4,
      "global average pooling takes [images, channels, height, width] or [examples, steps, features], not \(input.shape)"
    )
    return pass.named(name) { input.mean(alongAxes: input.shape.rank == 3 ? [1] : [2, 3]) }
  }
}

extension SlidingWindow {
  /// A square window, by default without overlap, with a padding of at most half of it.
  fileprivate init(pooling kernel: Int, stride: Int?, padding: Int) {
    require(
      2 * padding <= kernel, "a padding of \(padding) is more than half of the window \(kernel)")
    self.init(height: kernel, width: kernel, stride: stride ?? kernel, padding: padding)
  }
}

extension TensorProtocol {
  /// Values `[channels, images · positions]` of a window over `images` as separate images.
  func asImages(of images: Shape, _ window: SlidingWindow) -> Self {
    guard let positions = window.positions(height: images[2], width: images[3]) else {
      fatalError("a window of \(window) is larger than the images of shape \(images)")
    }
    return reshaped(to: [shape[0], images[0], positions.height, positions.width])
      .transposed(permutation: [1, 0, 2, 3])
  }

  /// Without an axis of extent 1.
  func squeezed(axis: Int) -> Self {
    var extents = shape.extents
    extents.remove(at: axis)
    return reshaped(to: Shape(extents))
  }
}

/// A pooling by a window.
public protocol WindowPool: Layer {
  /// Its name in JSON and tables.
  static var title: String { get }
  /// Whether its slope jumps when another cell of the window becomes the one that counts.
  static var hasKinks: Bool { get }

  /// A square window, by default without overlap, with a padding of at most half of it.
  init(_ kernel: Int, stride: Int?, padding: Int)
}

/// A ``WindowPool`` in JSON.
public struct PoolForm<Pool: WindowPool>: LayerForm {
  /// The extent of the window, its step (nil for the extent) and the border around the image, along each axis.
  public var kernel = 0, stride: Int?, padding = 0
  public var title: String { Pool.title }
  public static var fields: [Field<Self>] {
    [
      .whole("kernel", \.kernel, isRequired: true, atLeast: 1),
      .whole("stride", \.stride, atLeast: 1), .whole("padding", \.padding, atLeast: 0),
    ]
  }

  public var hasKinks: Bool { Pool.hasKinks }

  public init() {}

  fileprivate init(kernel: Int, stride: Int?, padding: Int) {
    (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    guard 2 * padding <= kernel else {
      throw builder.problem(
        "a padding of \(padding) with a window of \(kernel)", field: "padding",
        "give at most half of the window")
    }
    let output = try builder.windowed(
      SlidingWindow(height: kernel, width: kernel, stride: stride ?? kernel, padding: padding),
      channels: builder.input[0])
    return builder.layer(Pool(kernel, stride: stride, padding: padding), output: output)
  }
}

/// ``MaxPool2D``: `max-pool`.
public typealias MaxPoolForm = PoolForm<MaxPool2D>

extension LayerForm where Self == MaxPoolForm {
  /// ``MaxPool2D``; the stride defaults to the window's size.
  public static func maxPool(kernel: Int, stride: Int? = nil, padding: Int = 0) -> Self {
    Self(kernel: kernel, stride: stride, padding: padding)
  }
}

/// ``AveragePool2D``: `average-pool`.
public typealias AveragePoolForm = PoolForm<AveragePool2D>

extension LayerForm where Self == AveragePoolForm {
  /// ``AveragePool2D``; the stride defaults to the window's size.
  public static func averagePool(kernel: Int, stride: Int? = nil, padding: Int = 0) -> Self {
    Self(kernel: kernel, stride: stride, padding: padding)
  }
}

/// ``GlobalAveragePool``: `global-average-pool`.
public struct GlobalAveragePoolForm: LayerForm {
  public let title = "global-average-pool"

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let input = builder.input
    if input.rank != 2 { try builder.requireImages() }
    return builder.layer(GlobalAveragePool(), output: [input.rank == 2 ? input[1] : input[0]])
  }
}

extension LayerForm where Self == GlobalAveragePoolForm {
  /// ``GlobalAveragePool``.
  public static var globalAveragePool: Self { GlobalAveragePoolForm() }
}
