import Plumbline

/// What a layer's settings and the shape of its input have to fulfil, with the place that messages name.
struct LayerChecks {
  let input: Shape
  let place: String

  /// The features of `[features]` or `[..., features]`; images have none.
  func features() throws(NetworkDescriptionError) -> Int {
    guard input.rank < 3 else {
      throw NetworkDescriptionError(
        place: place,
        problem: "this layer takes features and the layer before gives images of shape \(input)",
        remedy: "put a flatten or a global-average-pool between")
    }
    return input[-1]
  }

  /// The input's shape with another number of features.
  func with(_ outputs: Int) -> Shape { Shape(input.extents.dropLast() + [outputs]) }

  /// Throws where the input is not `[channels, height, width]`.
  func images() throws(NetworkDescriptionError) {
    guard input.rank == 3 else {
      throw NetworkDescriptionError(
        place: place,
        problem:
          "this layer takes images [channels, height, width] and is given the shape \(input)",
        remedy: "give the network an input such as [3, 32, 32], and no flatten before this layer")
    }
  }

  /// The shape that a window makes of images.
  func windowed(
    _ window: SlidingWindow, channels: Int
  ) throws(NetworkDescriptionError) -> Shape {
    try images()
    try held([window.padding], "the padding")
    guard let positions = window.positions(height: input[1], width: input[2]) else {
      throw NetworkDescriptionError(
        place: place,
        problem: "a window of \(window) is larger than the images of shape \(input)",
        remedy: "take a smaller window, more padding, or one layer less that halves the image")
    }
    return [channels, positions.height, positions.width]
  }

  /// The shape that a pooling window makes of images.
  func pooled(
    _ kernel: Int, _ stride: Int?, _ padding: Int
  ) throws(NetworkDescriptionError) -> Shape {
    try above(0, kernel, "kernel")
    try above(0, stride ?? 1, "stride")
    guard padding >= 0, 2 * padding <= kernel else {
      throw NetworkDescriptionError(
        place: place + ".padding",
        problem: "a padding of \(padding) beside a window of \(kernel)",
        remedy: "give at most half of the window")
    }
    return try windowed(
      SlidingWindow(height: kernel, width: kernel, stride: stride ?? kernel, padding: padding),
      channels: input.rank == 3 ? input[0] : 0)
  }

  /// The most values that a tensor of a network may have: 16 GiB in single precision.
  static let sizeLimit = 1 << 32

  /// Throws where a tensor with these extents could not be held.
  func held(_ extents: [Int], _ tensor: String) throws(NetworkDescriptionError) {
    var size = 1
    for extent in extents {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Self.sizeLimit else {
        throw NetworkDescriptionError(
          place: place,
          problem:
            "\(tensor) would have the shape \(Shape(extents)), which is more than memory holds",
          remedy: "give sizes whose product is below \(Self.sizeLimit)")
      }
      size = product
    }
  }

  /// Throws where a whole number is not above a bound.
  func above(_ bound: Int, _ value: Int, _ name: String) throws(NetworkDescriptionError) {
    if value > bound { return }
    throw NetworkDescriptionError(
      place: "\(place).\(name)", problem: "the value is \(value)",
      remedy: "give a whole number above \(bound)")
  }

  /// Throws where a number lies outside a range.
  func range(
    _ range: ClosedRange<Double>, _ value: Double, _ name: String
  ) throws(NetworkDescriptionError) {
    if range.contains(value) { return }
    let bounds =
      range.upperBound == .infinity
      ? "of \(range.lowerBound) or more"
      : range.lowerBound == .leastNonzeroMagnitude
        ? "above 0 and at most \(range.upperBound)"
        : range.upperBound == 1 ? "from 0 to 1" : "from 0 up to but not including 1"
    throw NetworkDescriptionError(
      place: "\(place).\(name)", problem: "the value is \(value)", remedy: "give a number \(bounds)"
    )
  }
}
