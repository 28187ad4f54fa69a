/// The shape that marks a measured point.
package enum Marker: Int, Sendable, CaseIterable {
  case circle, square, triangle, diamond, invertedTriangle, star
  case hollowCircle, hollowSquare, hollowTriangle, hollowDiamond, cross, plus

  /// Whether the shape is filled with its series' color rather than the page's.
  package var isFilled: Bool { rawValue <= Marker.star.rawValue }

  /// Whether the shape is made of strokes only.
  package var isOpen: Bool { self == .cross || self == .plus }

  /// The outline of the shape around a center; shapes of one radius look equally large.
  package func outline(at center: PlanePoint, radius: Double) -> String {
    func corners(_ offsets: [(Double, Double)], _ scale: Double) -> String {
      SVGWriter.outline(
        offsets.map {
          PlanePoint(center.x + $0.0 * radius * scale, center.y + $0.1 * radius * scale)
        },
        closed: true)
    }
    func stroke(_ ends: [(Double, Double)]) -> String {
      let points = ends.map { PlanePoint(center.x + $0.0 * radius, center.y + $0.1 * radius) }
      return SVGWriter.outline(Array(points[0...1])) + SVGWriter.outline(Array(points[2...3]))
    }
    switch self {
    case .circle, .hollowCircle:
      let r = NumberText.coordinate(radius)
      let across = NumberText.coordinate(2 * radius)
      let left = PlanePoint(center.x - radius, center.y)
      return SVGWriter.outline([left]) + "a\(r) \(r) 0 1 0 \(across) 0"
        + "a\(r) \(r) 0 1 0 -\(across) 0Z"
    case .square, .hollowSquare: return corners([(-1, -1), (1, -1), (1, 1), (-1, 1)], 0.9)
    case .triangle, .hollowTriangle: return corners([(0, -1.15), (1.05, 0.8), (-1.05, 0.8)], 1.1)
    case .invertedTriangle: return corners([(0, 1.15), (1.05, -0.8), (-1.05, -0.8)], 1.1)
    case .diamond, .hollowDiamond: return corners([(0, -1), (1, 0), (0, 1), (-1, 0)], 1.25)
    case .star:
      // A five-pointed star: corners on two circles, every 36 degrees from the top.
      let outer = [(0, -1), (0.951, -0.309), (0.588, 0.809), (-0.588, 0.809), (-0.951, -0.309)]
      let inner = [(0.247, -0.34), (0.399, 0.13), (0, 0.42), (-0.399, 0.13), (-0.247, -0.34)]
      return corners(zip(outer, inner).flatMap { [$0, $1] }, 1.55)
    case .cross: return stroke([(-0.9, -0.9), (0.9, 0.9), (-0.9, 0.9), (0.9, -0.9)])
    case .plus: return stroke([(-1.15, 0), (1.15, 0), (0, -1.15), (0, 1.15)])
    }
  }
}

/// How the lines of one series look: its color, its dashes and its marker.
///
/// The eight colors have eight different lightnesses (CIELAB L* at least 6 apart), so they stay
/// distinguishable in gray, and any two of them differ by at least 20 in CIELAB for readers with protanopia,
/// deuteranopia or tritanopia (as modeled by Machado, Oliveira and Fernandes, 2009). Dashes and
/// markers repeat with other periods, so 168 series pass before two look alike.
package struct SeriesAppearance: Sendable, Hashable {
  /// Color of lines, areas and markers.
  package let colour: String
  /// The same color, dark enough for text on white (contrast at least 4.5).
  package let ink: String
  /// SVG dash pattern; empty for a solid line.
  package let dashes: String
  package let marker: Marker
  package let lineWidth: Double

  /// The appearance of the series in this slot, counted from 0.
  package init(slot: Int) {
    let slot = abs(slot)
    (colour, ink) = Self.colours[slot % Self.colours.count]
    dashes = Self.dashPatterns[slot % Self.dashPatterns.count]
    marker = Marker(rawValue: slot % Marker.allCases.count) ?? .circle
    lineWidth = 1.8
  }

  /// The appearance of prediction number `index`: gray, thin, always dashed.
  package init(reference index: Int) {
    colour = "#6b6b6b"
    ink = "#555555"
    dashes = Self.referenceDashes[index % Self.referenceDashes.count]
    marker = .plus
    lineWidth = 1.3
  }

  package static let colours: [(colour: String, ink: String)] = [
    ("#0066ba", "#0060b0"), ("#d27230", "#a8500f"), ("#4e1254", "#4e1254"),
    ("#6cc6a2", "#1b7655"), ("#966684", "#8a5a78"), ("#1e4830", "#1e4830"),
    ("#ae96d2", "#7454a6"), ("#903606", "#903606"),
  ]
  private static let dashPatterns = [
    "", "7 3", "2 2.4", "9 3 2 3", "13 3.5", "4.5 2.5", "9 3 2 3 2 3",
  ]
  private static let referenceDashes = ["4 3", "1.5 2.5", "8 3 1.5 3", "10 5"]
}
