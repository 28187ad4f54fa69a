/// Decimal numbers in text, as every program writes them: `-12`, `0.5`, `1e-3`.
///
/// No names such as `nan`, no hexadecimal, no thousands separators: what is not certainly a number is
/// reported instead of guessed.
enum DecimalNumber {
  /// The powers of ten that Double holds exactly.
  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The Double nearest to the number in these bytes, or nil when they are not one number. Too large
  /// numbers are infinite.
  ///
  /// A significand and a power of ten that Double both holds exactly give the nearest Double by one
  /// rounded operation (W. D. Clinger, "How to read floating point numbers accurately", 1990); the
  /// rest goes to the standard library.
  static func value(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Double? {
    var position = start
    var isNegative = false
    if position < end, bytes[position] == 0x2D || bytes[position] == 0x2B {
      isNegative = bytes[position] == 0x2D
      position += 1
    }
    var significand: UInt64 = 0
    var (digitCount, exponent) = (0, 0)
    var isExact = true
    var hasPoint = false
    while position < end {
      let byte = bytes[position]
      if byte &- 0x30 < 10 {
        if significand < 900_000_000_000_000_000 {
          significand = significand * 10 + UInt64(byte &- 0x30)
          if hasPoint { exponent -= 1 }
        } else {
          isExact = isExact && byte == 0x30
          if !hasPoint { exponent += 1 }
        }
        digitCount += 1
      } else if byte == 0x2E, !hasPoint {
        hasPoint = true
      } else {
        break
      }
      position += 1
    }
    guard digitCount > 0 else { return nil }
    if position < end {
      guard bytes[position] | 0x20 == 0x65, let written = Self.exponent(bytes, position + 1, end)
      else {
        return nil
      }
      exponent += written
    }
    // NumPy writes all 19 digits; zeros at the end are no reason to take the slow path.
    while significand != 0, exponent < 0, significand % 10 == 0 {
      significand /= 10
      exponent += 1
    }
    if isExact, significand == 0 { return isNegative ? -0.0 : 0 }
    guard isExact, significand <= 1 << 53, abs(exponent) <= 22 else {
      return Double(String(decoding: bytes[start..<end], as: UTF8.self))
    }
    let magnitude =
      exponent < 0
      ? Double(significand) / powers[-exponent] : Double(significand) * powers[exponent]
    return isNegative ? -magnitude : magnitude
  }

  /// A signed whole number that takes up all these bytes; kept within ±10⁶, which is far beyond any Double.
  private static func exponent(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int? {
    var position = start
    var isNegative = false
    if position < end, bytes[position] == 0x2D || bytes[position] == 0x2B {
      isNegative = bytes[position] == 0x2D
      position += 1
    }
    guard position < end else { return nil }
    var number = 0
    while position < end {
      guard bytes[position] &- 0x30 < 10 else { return nil }
      number = min(number * 10 + Int(bytes[position] &- 0x30), 1_000_000)
      position += 1
    }
    return isNegative ? -number : number
  }

  /// Whether a number is written with a leading zero, as codes are.
  static func isPadded(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
    end - start > 1 && bytes[start] == 0x30 && bytes[start + 1] &- 0x30 < 10
  }

  /// How many digits are after the point of a plain number; nil if there is no point.
  static func digitsBehindPoint(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int? {
    guard let point = bytes[start..<end].firstIndex(of: 0x2E) else { return nil }
    return end - point - 1
  }
}
