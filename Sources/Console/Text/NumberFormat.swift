import Foundation

/// Numbers as people read them, the same in every locale.
public enum NumberFormat {
  /// A value to this many significant digits, such as 0.0713 or 1.25e-07; trailing zeros are kept, so
  /// that a column shows one precision.
  ///
  /// Values from 0.0001 up to a million are written out, others with an exponent. NaN and the
  /// infinities are written nan, inf and -inf.
  public static func significant(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return nonFinite(value) }
    let digits = max(1, min(digits, 17))
    if value == 0 { return fixed(0, decimals: digits - 1) }
    let text = String(format: "%.\(digits - 1)e", value)
    let parts = text.split(separator: "e")
    let exponent = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
    if exponent < -4 || exponent >= max(6, digits) { return text }
    return fixed(value, decimals: max(0, digits - 1 - exponent))
  }

  /// A value with this many decimals; never -0.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return nonFinite(value) }
    let text = String(format: "%.\(max(0, min(decimals, 30)))f", value)
    let isZero = !text.contains { ("1"..."9").contains($0) }
    return isZero && text.hasPrefix("-") ? String(text.dropFirst()) : text
  }

  /// A fraction as a percentage: 0.0234 is 2.3%.
  public static func percent(_ fraction: Double, decimals: Int = 1) -> String {
    guard fraction.isFinite else { return nonFinite(fraction) }
    return fixed(fraction * 100, decimals: decimals) + "%"
  }

  /// A whole number with commas between thousands: 10,000.
  public static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// A time in its two largest units: 1 min 12 s, 2 h 5 min, 3 d 4 h; below a minute 4.2 s, 38 ms
  /// or 17 µs.
  public static func duration(seconds: Double) -> String {
    guard seconds.isFinite else { return nonFinite(seconds) }
    if seconds < 0 { return "-" + duration(seconds: -seconds) }
    if seconds == 0 { return "0 s" }
    // Each limit is the value that would round up to the next unit.
    if seconds < 999.5e-9 { return fixed(seconds * 1e9, decimals: 0) + " ns" }
    if seconds < 999.5e-6 { return fixed(seconds * 1e6, decimals: 0) + " µs" }
    if seconds < 0.9995 { return fixed(seconds * 1e3, decimals: 0) + " ms" }
    if seconds < 9.95 { return fixed(seconds, decimals: 1) + " s" }
    if seconds < 59.5 { return fixed(seconds, decimals: 0) + " s" }
    if seconds < 3599.5 { return pair(seconds, (60, "min"), (1, "s")) }
    if seconds < 86_370 { return pair(seconds, (3600, "h"), (60, "min")) }
    return pair(seconds, (86_400, "d"), (3600, "h"))
  }

  /// A time in its two largest units.
  public static func duration(_ duration: Duration) -> String {
    Self.duration(seconds: duration.seconds)
  }

  /// The shortest text that reads back as the same value, whole numbers without a point: 0.001, 64.
  public static func plain(_ value: Double) -> String {
    guard value.isFinite else { return nonFinite(value) }
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func pair(
    _ seconds: Double, _ large: (size: Double, name: String), _ small: (size: Double, name: String)
  ) -> String {
    let total = (seconds / small.size).rounded()
    let perLarge = large.size / small.size
    let whole = (total / perLarge).rounded(.down)
    let rest = total - whole * perLarge
    let text = fixed(whole, decimals: 0) + " " + large.name
    return rest == 0 ? text : text + " " + fixed(rest, decimals: 0) + " " + small.name
  }

  private static func nonFinite(_ value: Double) -> String {
    value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
  }
}

extension Duration {
  /// The duration in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
