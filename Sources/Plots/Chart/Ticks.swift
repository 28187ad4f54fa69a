import Foundation

/// A mark on an axis: labeled, or a minor one without a label.
package struct Tick: Sendable, Hashable {
  package let value: Double
  package let label: String?

  package var isMajor: Bool { label != nil }
}

/// Round values for an axis.
package enum Ticks {
  /// At most `limit` labeled ticks (and at least one if a round value lies inside), with minor
  /// ones between them on logarithmic axes, in rising order.
  package static func automatic(
    _ map: AxisMap, limit: Int, format: Axis.TickFormat = .number
  ) -> [Tick] {
    let limit = max(limit, 2)
    switch map.scale {
    case .linear: return linear(map, limit, format)
    case .log10: return decades(map, limit, format)
    case .log2: return octaves(map, limit, format)
    }
  }

  /// The given values that lie on the axis, labeled, in rising order.
  package static func explicit(
    _ values: [Double], _ map: AxisMap, format: Axis.TickFormat = .number
  ) -> [Tick] {
    let inside = Set(values.filter { map.canShow($0) && map.contains($0) }).sorted()
    return inside.map { Tick(value: $0, label: label($0, format)) }
  }

  /// A value as a tick label.
  package static func label(_ value: Double, _ format: Axis.TickFormat) -> String {
    guard isPercent(format, value) else { return NumberText.significant(value, digits: 6) }
    return NumberText.significant(value * 100, digits: 6) + "%"
  }

  /// Whether a value is written as a percentage. A value near the largest number cannot be; it is written as a number.
  package static func isPercent(_ format: Axis.TickFormat, _ value: Double) -> Bool {
    format == .percent && abs(value) < 1e300
  }

  // MARK: Linear

  private static func linear(_ map: AxisMap, _ limit: Int, _ format: Axis.TickFormat) -> [Tick] {
    let isPercent = isPercent(format, max(abs(map.low), abs(map.high)))
    let factor = isPercent ? 100.0 : 1
    for step in steps(map, limit) {
      let first = (map.low / step).rounded(.up)
      let last = (map.high / step).rounded(.down)
      guard last - first < Double(limit) else { continue }
      let values = stride(from: first, through: last, by: 1).map { $0 * step }
      let labels = linearLabels(values.map { $0 * factor }, step: step * factor)
      let suffix = isPercent ? "%" : ""
      return zip(values, labels).map { Tick(value: $0, label: $1 + suffix) }
    }
    // At the limit of what a Double can hold, no step is possible: label the ends.
    return explicit([map.low, map.high], map, format: format)
  }

  /// Steps of 1, 2 and 5 times a power of ten, from too fine to coarse.
  private static func steps(_ map: AxisMap, _ limit: Int) -> [Double] {
    let rough = (map.high / 2 - map.low / 2) / Double(limit) * 2
    guard rough > 1e-300, rough.isFinite else { return [] }
    let exponent = Int(log10(rough).rounded(.down))
    return (exponent - 1...exponent + 2).flatMap { exponent in
      [1, 2, 5].map { Double("\($0)e\(exponent)") ?? 0 }
    }.filter { $0 > 0 && $0.isFinite }
  }

  private static func linearLabels(_ values: [Double], step: Double) -> [String] {
    let size = values.map(abs).max() ?? 0
    // Neighbors differ in the last of these digits.
    let digits = size == 0 ? 1 : Int(log10(size / step).rounded(.up)) + 1
    if size >= 1e15 || (size >= 1e7 && digits < 5) || (size > 0 && size < 1e-4) {
      return values.map { NumberText.powerOfTen($0, digits: min(digits, 17)) }
    }
    let decimals = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
    return values.map { NumberText.fixed($0, decimals: decimals) }
  }

  // MARK: Logarithmic

  private static func decades(_ map: AxisMap, _ limit: Int, _ format: Axis.TickFormat) -> [Tick] {
    let span = log10(map.high) - log10(map.low)
    let (first, last) = exponents(map, log10)
    if span < 2.4 {
      // A few decades: label 1, 2 and 5 in each, or as many of them as fit; with less than a decade, round steps.
      for digits in [[1, 2, 5], [1, 3]] {
        let values = mantissas(digits, first - 1...last + 1).filter(map.contains)
        if values.count >= 3 && values.count <= limit {
          return withMinors(values.map { Tick(value: $0, label: label($0, format)) }, map)
        }
      }
      if last <= first { return linear(map, limit, format) }
    }
    let step = coarseness(last - first + 1, limit)
    let majors = (first...max(first, last)).filter { $0.isMultiple(of: step) }
      .map { ($0, power($0)) }.filter { map.contains($0.1) }
    // One form for the whole axis: 0.01 next to 10⁻⁶ would be clutter.
    let isPlain = format == .percent || majors.allSatisfy { (-4...5).contains($0.0) }
    let ticks = majors.map { exponent, value in
      Tick(
        value: value,
        label: isPlain ? label(value, format) : NumberText.power(base: 10, exponent: exponent))
    }
    return step == 1 && last - first < 10 ? withMinors(ticks, map) : ticks
  }

  private static func octaves(_ map: AxisMap, _ limit: Int, _ format: Axis.TickFormat) -> [Tick] {
    let (first, last) = exponents(map, log2)
    if last - first < 2 { return linear(map, limit, format) }
    let step = coarseness(last - first + 1, limit)
    let majors = (first...last).filter { $0.isMultiple(of: step) }
    let isPlain = format == .percent || majors.allSatisfy { (-4...16).contains($0) }
    return majors.map { exponent in
      let value = scalbn(1, exponent)
      let text = isPlain ? label(value, format) : NumberText.power(base: 2, exponent: exponent)
      return Tick(value: value, label: text)
    }
  }

  /// The whole exponents between the ends; empty ranges come back as last < first.
  private static func exponents(_ map: AxisMap, _ log: (Double) -> Double) -> (Int, Int) {
    // The slack admits an end that is a power itself and whose logarithm was rounded.
    let first = Int((log(map.low) - 1e-9).rounded(.up))
    let last = Int((log(map.high) + 1e-9).rounded(.down))
    return (first, last)
  }

  private static func coarseness(_ count: Int, _ limit: Int) -> Int {
    for step in [1, 2, 3, 5, 10, 20, 50, 100, 200] where (count + step - 1) / step <= limit {
      return step
    }
    return 500
  }

  private static func mantissas(_ digits: [Int], _ exponents: ClosedRange<Int>) -> [Double] {
    exponents.flatMap { exponent in digits.map { Double("\($0)e\(exponent)") ?? 0 } }
  }

  private static func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 0 }

  private static func withMinors(_ majors: [Tick], _ map: AxisMap) -> [Tick] {
    let (first, last) = exponents(map, log10)
    let taken = Set(majors.map(\.value))
    let minors = mantissas(Array(1...9), first - 1...max(first, last) + 1)
      .filter { map.contains($0) && !taken.contains($0) }
    return (majors + minors.map { Tick(value: $0, label: nil) }).sorted { $0.value < $1.value }
  }
}
