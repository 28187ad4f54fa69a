import Foundation

/// How the drawings print numbers: the same digits on every machine and in every locale.
package enum NumberText {
  /// A coordinate with at most two decimals. Traps on NaN and infinity, which no drawing may hold.
  package static func coordinate(_ value: Double) -> String {
    guard value.isFinite else { fatalError("a drawing was given the coordinate \(value)") }
    // Beyond ten million pixels nothing can be seen; the bound keeps the conversion exact.
    let hundredths = Int((min(max(value, -1e7), 1e7) * 100).rounded())
    let whole = abs(hundredths) / 100
    let rest = abs(hundredths) % 100
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    if rest % 10 == 0 { return "\(sign)\(whole).\(rest / 10)" }
    return rest < 10 ? "\(sign)\(whole).0\(rest)" : "\(sign)\(whole).\(rest)"
  }

  /// A value with a fixed number of decimals, thousands separated by commas from 10,000 on.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    var text = String(format: "%.\(max(0, min(decimals, 20)))f", value)
    if text.hasPrefix("-"), !text.contains(where: { ("1"..."9").contains($0) }) {
      text.removeFirst()
    }
    let digits = text.drop(while: { $0 == "-" }).prefix(while: { $0 != "." })
    guard digits.count > 4 else { return text.replacing("-", with: "−") }
    var grouped = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index).isMultiple(of: 3) { grouped.append(",") }
      grouped.append(digit)
    }
    let sign = text.hasPrefix("-") ? "−" : ""
    return sign + grouped + text.drop(while: { $0 != "." })
  }

  /// A value to this many significant digits, without trailing zeros; very large and very small ones
  /// as a power of ten such as 3.2×10⁻⁷.
  package static func significant(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "not a number" : "infinite" }
    if value == 0 { return "0" }
    let (mantissa, exponent) = scientific(value, digits: digits)
    if exponent < -4 || exponent > 6 { return power(mantissa: mantissa, exponent: exponent) }
    let decimals = max(0, digits - 1 - exponent)
    return withoutTrailingZeros(fixed(value, decimals: decimals))
  }

  /// A value as a mantissa and a power of ten: 3.2×10⁻⁷, and 10⁻⁷ if the mantissa is 1.
  package static func powerOfTen(_ value: Double, digits: Int = 4) -> String {
    if value == 0 { return "0" }
    let (mantissa, exponent) = scientific(value, digits: digits)
    return power(mantissa: mantissa, exponent: exponent)
  }

  /// `base` with a raised exponent, such as 10⁻⁶ or 2²⁰.
  package static func power(base: Int, exponent: Int) -> String { "\(base)" + raised(exponent) }

  package static func withoutTrailingZeros(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  private static func scientific(_ value: Double, digits: Int) -> (mantissa: String, exponent: Int)
  {
    let parts = String(format: "%.\(max(0, digits - 1))e", value).split(separator: "e")
    let mantissa = withoutTrailingZeros(String(parts[0])).replacing("-", with: "−")
    return (mantissa, Int(parts[1]) ?? 0)
  }

  private static func power(mantissa: String, exponent: Int) -> String {
    if exponent == 0 { return mantissa }
    let power = "10" + raised(exponent)
    if mantissa == "1" { return power }
    return mantissa == "−1" ? "−" + power : mantissa + "×" + power
  }

  private static func raised(_ exponent: Int) -> String {
    let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    return String("\(exponent)".map { $0.wholeNumberValue.map { digits[$0] } ?? "⁻" })
  }
}
