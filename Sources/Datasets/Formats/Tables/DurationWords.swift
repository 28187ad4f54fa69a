/// A duration whose parts have units: 2h 50m, 1 hr 5 min, 45s.
struct DurationWords {
  enum Unit: Hashable {
    case day, hour, minute, second

    /// How many seconds it has.
    var seconds: Double {
      switch self {
      case .day: 86_400
      case .hour: 3600
      case .minute: 60
      case .second: 1
      }
    }
  }

  private static let units: [String: Unit] = [
    "d": .day, "day": .day, "days": .day, "h": .hour, "hr": .hour, "hrs": .hour, "hour": .hour,
    "hours": .hour, "std": .hour, "m": .minute, "min": .minute, "mins": .minute,
    "minute": .minute, "minutes": .minute, "s": .second, "sec": .second, "secs": .second,
    "second": .second, "seconds": .second,
  ]

  /// Its units, the largest first.
  let units: [Unit]
  let seconds: Double

  /// The duration that a text states; nil for any other text.
  init?(_ text: String) {
    guard (2...40).contains(text.utf8.count), text.first?.isNumber == true else { return nil }
    var rest = text.lowercased()[...]
    var (units, seconds): ([Unit], Double) = ([], 0)
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count).drop { $0 == " " }
      let word = rest.prefix(while: \.isLetter)
      guard let amount = Double(digits), let unit = Self.units[String(word)],
        units.last.map({ $0.seconds > unit.seconds }) ?? true
      else { return nil }
      units.append(unit)
      seconds += amount * unit.seconds
      rest = rest.dropFirst(word.count).drop { " ,.".contains($0) }
    }
    (self.units, self.seconds) = (units, seconds)
  }
}
