import Foundation
import Plots
import Testing

/// Colours as people see them: the test's own arithmetic, from the definition of sRGB and CIELAB.
@Suite struct SeriesAppearanceTests {
  private typealias Vector = SIMD3<Double>

  /// Linear sRGB components of a colour such as #0066ba.
  private func linear(_ hex: String) -> Vector {
    let value = Int(hex.dropFirst(), radix: 16) ?? 0
    func channel(_ shift: Int) -> Double {
      let c = Double(value >> shift & 0xFF) / 255
      return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4)
    }
    return Vector(channel(16), channel(8), channel(0))
  }

  private func multiply(_ rows: [Vector], _ v: Vector) -> Vector {
    Vector((rows[0] * v).sum(), (rows[1] * v).sum(), (rows[2] * v).sum())
  }

  private func lab(_ linear: Vector) -> Vector {
    let rows = [
      Vector(0.4124564, 0.3575761, 0.1804375), Vector(0.2126729, 0.7151522, 0.0721750),
      Vector(0.0193339, 0.1191920, 0.9503041),
    ]
    let xyz = multiply(rows, linear) / Vector(0.95047, 1, 1.08883)
    func f(_ t: Double) -> Double { t > 0.008856 ? cbrt(t) : 7.787 * t + 16 / 116 }
    let (x, y, z) = (f(xyz.x), f(xyz.y), f(xyz.z))
    return Vector(116 * y - 16, 500 * (x - y), 200 * (y - z))
  }

  // Machado, Oliveira and Fernandes (2009), severity 1: identity, protanopia, deuteranopia,
  // tritanopia.
  private static let views: [[SIMD3<Double>]] = [
    [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)],
    [
      SIMD3(0.152286, 1.052583, -0.204868), SIMD3(0.114503, 0.786281, 0.099216),
      SIMD3(-0.003882, -0.048116, 1.051998),
    ],
    [
      SIMD3(0.367322, 0.860646, -0.227968), SIMD3(0.280085, 0.672501, 0.047413),
      SIMD3(-0.011820, 0.042940, 0.968881),
    ],
    [
      SIMD3(1.255528, -0.076749, -0.178779), SIMD3(-0.078411, 0.930809, 0.147602),
      SIMD3(0.004733, 0.691367, 0.303900),
    ],
  ]

  private var colours: [Vector] { SeriesAppearance.colours.map { linear($0.colour) } }

  @Test func differsInLightness() {
    let lightness = colours.map { lab($0).x }.sorted()
    for (dark, light) in zip(lightness, lightness.dropFirst()) { #expect(light - dark >= 6) }
    #expect(lightness.last ?? 100 < 76)
  }

  @Test(arguments: 0..<4) func differsForColourBlindReaders(_ view: Int) {
    let seen = colours.map { colour in
      lab(multiply(Self.views[view], colour).clamped(lowerBound: .zero, upperBound: .one))
    }
    for first in seen.indices {
      for second in seen.indices where second > first {
        let difference = seen[first] - seen[second]
        #expect((difference * difference).sum().squareRoot() > 20, "\(first) \(second)")
      }
    }
  }

  @Test func writesLabelsWithContrast() {
    for (_, ink) in SeriesAppearance.colours {
      let luminance = (linear(ink) * Vector(0.2126, 0.7152, 0.0722)).sum()
      #expect(1.05 / (luminance + 0.05) >= 4.5, "\(ink)")
    }
  }

  @Test func repeatsLate() {
    var seen: Set<[String]> = []
    for slot in 0..<168 {
      let look = SeriesAppearance(slot: slot)
      let isNew = seen.insert([look.colour, look.dashes, "\(look.marker)"]).inserted
      #expect(isNew, "\(slot)")
    }
    // Neighbours differ in each of the three.
    for slot in 0..<12 {
      let (one, two) = (SeriesAppearance(slot: slot), SeriesAppearance(slot: slot + 1))
      #expect(one.colour != two.colour && one.dashes != two.dashes && one.marker != two.marker)
    }
  }

  @Test(arguments: Marker.allCases) func drawsMarkersOfOneSize(_ marker: Marker) {
    let outline = marker.outline(at: PlanePoint(100, 100), radius: 10)
    #expect(outline.hasPrefix("M"))
    #expect(outline.hasSuffix("Z") == !marker.isOpen)
    let centre = Set(Marker.allCases.map { $0.outline(at: PlanePoint(0, 0), radius: 5) })
    #expect(centre.count == Marker.allCases.count - 4)
  }
}
