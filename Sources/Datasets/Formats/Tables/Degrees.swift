/// A latitude or a longitude in degrees, minutes and seconds: 46°26'13"N.
enum Degrees {
  private static let marks: [Set<Character>] = [["°"], ["'", "′", "’"], ["\"", "″", "”"]]

  /// The degrees, negative in the south and the west; nil for any other text, such as degrees without minutes.
  static func value(of text: String) -> Double? {
    guard (5...32).contains(text.utf8.count), text.contains("°") else { return nil }
    var rest = text.filter { !$0.isWhitespace }[...]
    let isNegative = rest.first == "-" || rest.first == "−"
    if isNegative { rest.removeFirst() }
    var (value, count, size) = (0.0, 0, 1.0)
    for mark in marks {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      guard !digits.isEmpty else { break }
      guard let part = Double(digits), let end = rest.dropFirst(digits.count).first,
        mark.contains(end), count == 0 || part < 60
      else { return nil }
      value += part / size
      (count, size) = (count + 1, size * 60)
      rest = rest.dropFirst(digits.count + 1)
    }
    guard count > 1, rest.count <= 1, rest.allSatisfy({ "NSEWnsew".contains($0) }) else {
      return nil
    }
    let isSouthOrWest = rest.first.map { "SWsw".contains($0) } ?? false
    return isNegative || isSouthOrWest ? -value : value
  }
}
