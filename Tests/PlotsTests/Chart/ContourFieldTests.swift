import Foundation
import Plots
import Testing

@Suite struct ContourFieldTests {
  private static let steps = [0.0, 1, 2, 3, 4]

  /// A quantity over the square from 0 to 4.
  private static func field(
    scale: Axis.Scale = .linear, levels: [Double] = [1], _ value: (Double, Double) -> Double
  ) -> ContourField {
    ContourField(
      x: steps, y: steps, values: steps.map { y in steps.map { value($0, y) } }, levels: levels,
      scale: scale)
  }

  /// The shoelace formula.
  private static func area(_ pieces: [ContourField.Piece]) -> Double {
    pieces.reduce(0) { sum, piece in
      let points = piece.area
      return sum
        + points.indices.reduce(0) { sum, index in
          let (one, next) = (points[index], points[(index + 1) % points.count])
          return sum + (one.x * next.y - next.x * one.y) / 2
        }
    }
  }

  /// x + y ≥ level cuts a corner off the square: its area is 16 - level²/2.
  @Test(arguments: [0.5, 1, 2.25, 3.999]) func areasOfPlanesAreExact(level: Double) {
    let pieces = Self.field { $0 + $1 }.pieces(above: level)
    #expect(abs(Self.area(pieces) - (16 - level * level / 2)) < 1e-12)
    for point in pieces.flatMap(\.line) { #expect(abs(point.x + point.y - level) < 1e-12) }
  }

  @Test func logarithmicScalesGoByRatios() {
    // e^(2x) reaches e³ at 1.5.
    let pieces = Self.field(scale: .log10) { x, _ in exp(2 * x) }.pieces(above: exp(3.0))
    #expect(abs(Self.area(pieces) - 10) < 1e-12)
  }

  @Test func whatDivergedIsAboveAllLevels() {
    let field = Self.field { x, y in x > 2 ? .infinity : y > 3 ? .nan : 0 }
    let area = Self.area(field.pieces(above: 1e6))
    #expect(area > 4 && area < 10, "\(area)")
    let chart = Chart(title: "", x: Axis("x"), y: Axis("y"), series: [], field: field)
    #expect(!chart.svg().contains("nan") && !chart.svg().contains("inf"))
  }

  @Test func areasGetDarkerWithEachLevel() throws {
    let lightness = try (0...8).map { rank in
      let text = ContourField.colour(rank, of: 8).dropFirst()
      let value = try #require(UInt32(text, radix: 16))
      return 0.2126 * Double(value >> 16) + 0.7152 * Double(value >> 8 & 255)
        + 0.0722 * Double(value & 255)
    }
    #expect(zip(lightness, lightness.dropFirst()).allSatisfy { $0 > $1 + 15 })
  }

  @Test func theDrawingSaysLevelsAndData() {
    let chart = Chart(
      title: "bowl", x: Axis("α"), y: Axis("β"), series: [],
      field: Self.field(levels: [1, 4]) { ($0 - 2) * ($0 - 2) + ($1 - 2) * ($1 - 2) })
    let svg = chart.svg()
    #expect(svg.contains(">1</text>") && svg.contains(">4</text>") && !svg.contains("no data"))
    #expect(svg.contains("Contours: from 0 to 8."))
    #expect(
      chart.csv().hasPrefix("x,y,value\n0.0,0.0,8.0\n") && chart.csv().count { $0 == "\n" } == 26)
    // The axes end where the field does.
    #expect(svg == chart.svg() && svg.contains(">4</text>"))
  }
}
