/// A point of a digit's skeleton: x to the right, y down, the digit within 0...1 each way.
struct GlyphPoint: Sendable {
  var x: Double
  var y: Double

  init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// One way of writing a digit: points, and the strokes that run through them.
///
/// Strokes refer to points by index, so that strokes that meet in a point still meet when it is
/// moved.
struct GlyphSkeleton: Sendable {
  enum Stroke: Sendable {
    /// Straight from point to point.
    case line([Int])
    /// A smooth curve through the points.
    case curve([Int])
    /// A smooth closed curve through the points.
    case loop([Int])
  }

  let points: [GlyphPoint]
  let strokes: [Stroke]

  init(_ points: [(Double, Double)], _ strokes: [Stroke]) {
    self.points = points.map { GlyphPoint($0.0, $0.1) }
    self.strokes = strokes
  }

  /// The ways of writing each digit, 0 to 9. The shapes are this package's own.
  static let styles: [[GlyphSkeleton]] = [
    [zero, narrowZero], [one, flaggedOne, footedOne], [two, loopedTwo], [three, flatThree],
    [openFour, closedFour], [five, angularFive], [six, curledSix], [seven, barredSeven],
    [eight, crossedEight], [nine, curledNine],
  ]

  // MARK: 0 to 4

  private static let zero = GlyphSkeleton(
    [
      (0.50, 0.08), (0.70, 0.18), (0.79, 0.48), (0.71, 0.81), (0.50, 0.92), (0.29, 0.81),
      (0.21, 0.48), (0.30, 0.18),
    ], [.loop([0, 1, 2, 3, 4, 5, 6, 7])])

  private static let narrowZero = GlyphSkeleton(
    [
      (0.58, 0.08), (0.70, 0.25), (0.69, 0.55), (0.58, 0.84), (0.43, 0.92), (0.31, 0.76),
      (0.31, 0.46), (0.42, 0.17),
    ], [.loop([0, 1, 2, 3, 4, 5, 6, 7])])

  private static let one = GlyphSkeleton(
    [(0.52, 0.08), (0.50, 0.50), (0.48, 0.92)], [.line([0, 1, 2])])

  private static let flaggedOne = GlyphSkeleton(
    [(0.34, 0.29), (0.54, 0.08), (0.54, 0.50), (0.54, 0.92)], [.line([0, 1, 2, 3])])

  private static let footedOne = GlyphSkeleton(
    [(0.36, 0.25), (0.52, 0.08), (0.52, 0.92), (0.34, 0.92), (0.70, 0.92)],
    [.line([0, 1, 2]), .line([3, 2, 4])])

  private static let two = GlyphSkeleton(
    [
      (0.25, 0.29), (0.35, 0.13), (0.53, 0.08), (0.71, 0.17), (0.73, 0.35), (0.60, 0.55),
      (0.42, 0.73), (0.23, 0.92), (0.79, 0.92),
    ], [.curve([0, 1, 2, 3, 4, 5, 6, 7]), .line([7, 8])])

  private static let loopedTwo = GlyphSkeleton(
    [
      (0.24, 0.22), (0.42, 0.08), (0.65, 0.13), (0.71, 0.33), (0.58, 0.58), (0.40, 0.80),
      (0.25, 0.88), (0.22, 0.77), (0.36, 0.74), (0.55, 0.87), (0.80, 0.86),
    ], [.curve([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])])

  private static let three = GlyphSkeleton(
    [
      (0.25, 0.17), (0.49, 0.08), (0.71, 0.18), (0.68, 0.37), (0.44, 0.47), (0.71, 0.57),
      (0.76, 0.76), (0.53, 0.92), (0.23, 0.84),
    ], [.curve([0, 1, 2, 3, 4]), .curve([4, 5, 6, 7, 8])])

  private static let flatThree = GlyphSkeleton(
    [
      (0.25, 0.10), (0.73, 0.10), (0.45, 0.43), (0.70, 0.52), (0.75, 0.74), (0.53, 0.92),
      (0.23, 0.85),
    ], [.line([0, 1, 2]), .curve([2, 3, 4, 5, 6])])

  private static let openFour = GlyphSkeleton(
    [(0.30, 0.09), (0.22, 0.57), (0.82, 0.57), (0.67, 0.24), (0.64, 0.92)],
    [.line([0, 1, 2]), .line([3, 4])])

  private static let closedFour = GlyphSkeleton(
    [(0.62, 0.08), (0.18, 0.65), (0.84, 0.65), (0.62, 0.92)],
    [.line([0, 1, 2]), .line([0, 3])])

  // MARK: 5 to 9

  private static let five = GlyphSkeleton(
    [
      (0.75, 0.10), (0.32, 0.10), (0.28, 0.45), (0.51, 0.38), (0.72, 0.48), (0.76, 0.69),
      (0.62, 0.87), (0.41, 0.92), (0.22, 0.83),
    ], [.line([0, 1, 2]), .curve([2, 3, 4, 5, 6, 7, 8])])

  private static let angularFive = GlyphSkeleton(
    [
      (0.72, 0.09), (0.40, 0.12), (0.30, 0.42), (0.58, 0.47), (0.70, 0.66), (0.56, 0.86),
      (0.24, 0.91),
    ], [.line([0, 1, 2]), .curve([2, 3, 4, 5, 6])])

  private static let six = GlyphSkeleton(
    [
      (0.66, 0.08), (0.43, 0.23), (0.29, 0.46), (0.25, 0.70), (0.36, 0.89), (0.57, 0.92),
      (0.73, 0.79), (0.70, 0.61), (0.53, 0.53), (0.35, 0.60), (0.25, 0.72),
    ], [.curve([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])])

  private static let curledSix = GlyphSkeleton(
    [
      (0.74, 0.20), (0.56, 0.08), (0.35, 0.20), (0.25, 0.48), (0.28, 0.78), (0.49, 0.92),
      (0.71, 0.80), (0.72, 0.58), (0.53, 0.46), (0.33, 0.54), (0.25, 0.66),
    ], [.curve([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])])

  private static let seven = GlyphSkeleton(
    [(0.22, 0.11), (0.78, 0.11), (0.57, 0.50), (0.42, 0.92)], [.line([0, 1]), .curve([1, 2, 3])])

  private static let barredSeven = GlyphSkeleton(
    [(0.22, 0.11), (0.78, 0.11), (0.56, 0.50), (0.40, 0.92), (0.36, 0.50), (0.74, 0.50)],
    [.line([0, 1]), .line([1, 2, 3]), .line([4, 2, 5])])

  private static let eight = GlyphSkeleton(
    [
      (0.50, 0.46), (0.32, 0.36), (0.32, 0.17), (0.50, 0.08), (0.68, 0.17), (0.68, 0.36),
      (0.26, 0.59), (0.27, 0.82), (0.50, 0.92), (0.73, 0.82), (0.74, 0.59),
    ], [.loop([0, 1, 2, 3, 4, 5]), .loop([0, 6, 7, 8, 9, 10])])

  private static let crossedEight = GlyphSkeleton(
    [
      (0.70, 0.17), (0.50, 0.08), (0.31, 0.20), (0.37, 0.38), (0.64, 0.56), (0.72, 0.77),
      (0.50, 0.92), (0.28, 0.77), (0.36, 0.57), (0.64, 0.37),
    ], [.loop([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])])

  private static let nine = GlyphSkeleton(
    [
      (0.72, 0.28), (0.60, 0.11), (0.40, 0.10), (0.27, 0.24), (0.31, 0.43), (0.50, 0.50),
      (0.68, 0.41), (0.72, 0.60), (0.66, 0.92),
    ], [.loop([0, 1, 2, 3, 4, 5, 6]), .line([0, 7, 8])])

  private static let curledNine = GlyphSkeleton(
    [
      (0.73, 0.30), (0.62, 0.11), (0.41, 0.09), (0.27, 0.25), (0.32, 0.46), (0.53, 0.50),
      (0.69, 0.42), (0.75, 0.58), (0.66, 0.84), (0.45, 0.92), (0.26, 0.82),
    ], [.loop([0, 1, 2, 3, 4, 5, 6]), .curve([0, 7, 8, 9, 10])])
}
