import Findings

/// How the features of an example form a picture.
public struct PictureLayout: Sendable, Hashable, Codable {
  /// The memory order of the values.
  public enum Order: String, Sendable, Hashable, Codable, CaseIterable {
    /// `[channels, height, width]`, as in CIFAR-10; also `[height, width]` with one channel.
    case channelsFirst = "channels-first"
    /// `[height, width, channels]`, as in image libraries.
    case channelsLast = "channels-last"
  }

  /// The number of channels.
  public let channels: Int
  /// The number of rows.
  public let height: Int
  /// The number of columns.
  public let width: Int
  /// The memory order of the values.
  public let order: Order

  /// The largest number of channels by which a dimension is recognized as that of channels: gray, gray and alpha, color, color and
  /// alpha.
  private static let channelLimit = 4

  /// The number of values.
  public var count: Int { channels * height * width }

  /// The layout of examples of this shape.
  ///
  /// `[height, width]`, `[channels, height, width]` or `[height, width, channels]` with one to four
  /// channels; if both fit, channels come first.
  /// - Parameters:
  ///   - shape: The shape of one example.
  ///   - order: The order, if it is known.
  /// - Throws: ``/Findings/Problem`` for a shape that is not a picture.
  public init(_ shape: [Int], order: Order? = nil) throws(Problem) {
    let limit = 1...Self.channelLimit
    switch (shape.count, order) {
    case (2, _): (channels, height, width, self.order) = (1, shape[0], shape[1], .channelsFirst)
    case (3, .channelsFirst),
      (3, nil) where limit.contains(shape[0]):
      (channels, height, width, self.order) = (shape[0], shape[1], shape[2], .channelsFirst)
    case (3, .channelsLast),
      (3, nil) where limit.contains(shape[2]):
      (channels, height, width, self.order) = (shape[2], shape[0], shape[1], .channelsLast)
    default:
      throw Problem(
        .inconsistent, subject: "augmentation", location: "example shape",
        problem: "examples of shape \(NumericArray.description(of: shape)) are not images",
        remedy: "give images of shape (height, width), (channels, height, width) or (height, "
          + "width, channels), such as X = X.reshape(-1, 28, 28)")
    }
    guard channels > 0, height > 0, width > 0 else {
      throw Problem(
        .inconsistent, subject: "augmentation", location: "example shape",
        problem: "images of shape \(NumericArray.description(of: shape)) have no pixels",
        remedy: "give images with at least one pixel")
    }
  }

  /// The position of a pixel's value: that of the first channel, and the stride to the next.
  @inline(__always)
  func position(_ row: Int, _ column: Int) -> (start: Int, step: Int) {
    switch order {
    case .channelsFirst: (row * width + column, height * width)
    case .channelsLast: ((row * width + column) * channels, 1)
    }
  }
}
