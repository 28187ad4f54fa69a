/// What distinguishes the names of gradients from those of their parameters, in any language: `d` in W1 and dW1, `_abl` in
/// gewichte_0 and gewichte_0_abl.
///
/// It is found by counting: the text that turns most names of a file into names of other arrays of the same shape.
struct GradientMark: Sendable {
  /// The gradient of an array, by the array's name.
  let gradients: [String: String]

  /// `nil` if no text turns names into others.
  init?(_ arrays: [SavedArray]) {
    var pairs: [String: [(own: SavedArray, gradient: SavedArray)]] = [:]
    for own in arrays {
      for other in arrays where other.value.shape == own.value.shape {
        guard let mark = Self.inserted(own.name, other.name), mark.contains(where: \.isMark)
        else { continue }
        pairs[mark, default: []].append((own, other))
      }
    }
    func isCalledGradient(_ pair: (own: SavedArray, gradient: SavedArray)) -> Bool {
      let own = ArrayName.words(of: pair.own.name)
      return ArrayName(pair.gradient.name, among: [own]).isGradient
    }
    /// Names that say so in plain words come before those that only look like gradients.
    // Copies of the parameters, such as those after the update, are close to them.
    let marks = pairs.filter { _, pairs in
      2 * pairs.count { $0.gradient.value.relativeDistance(to: $0.own.value) < 0.3 } <= pairs.count
    }
    let ranked = marks.map { mark, pairs in
      (mark: mark, rank: (pairs.count(where: isCalledGradient), pairs.count, -mark.count))
    }
    let best = ranked.max { $0.rank == $1.rank ? $0.mark > $1.mark : $0.rank < $1.rank }
    guard let best, let pairs = marks[best.mark] else { return nil }
    gradients = Dictionary(
      pairs.map { ($0.own.name, $0.gradient.name) }, uniquingKeysWith: { first, _ in first })
  }

  /// The text that turns `name` into `longer` when inserted at one position; `nil` if there is none.
  private static func inserted(_ name: String, _ longer: String) -> String? {
    let (short, long) = (Array(name), Array(longer))
    guard long.count > short.count else { return nil }
    let common = zip(short, long).prefix { $0 == $1 }.count
    let start = (0...common).first {
      long.suffix(short.count - $0) == short.suffix(short.count - $0)
    }
    return start.map { String(long[$0..<(long.count - (short.count - $0))]) }
  }
}

extension Character {
  /// Whether it may mark a gradient: digits and separators only number arrays.
  fileprivate var isMark: Bool { !isNumber && !"_-./ []".contains(self) }
}
