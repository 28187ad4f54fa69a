/// Numbers that are written where a column has no value, such as -999, 99 or 1e20: isolated at one end of the column, occurring
/// repeatedly, far from all measurements.
struct MissingCode {
  /// A number that may stand for a missing value, and may also be a value.
  struct Suspect: Hashable {
    let value: Double
    let count: Int
    /// The reason for the suspicion, in words.
    let reason: String
    /// How far it is from the number next to it, over the range of all others.
    let isolation: Double

    /// Whether it is far enough from the others to be a code if another column has it too.
    var isFar: Bool { isolation >= 0.25 }
  }

  /// The numbers that count as missing.
  private(set) var values: [Double] = []
  /// How many cells hold one of them as a plain number.
  private(set) var count = 0
  /// The smallest and the largest of the other numbers.
  private(set) var range = (minimum: Double.infinity, maximum: -Double.infinity)
  /// A number that is kept but reported.
  private(set) var suspect: Suspect?

  /// At most this many numbers at each end of a column can be codes: refused, unknown, not asked.
  private static let limit = 3

  /// A number at an end of a column, with how many cells hold it.
  private struct Extreme {
    let value: Double
    /// How many cells hold it, and how many of these are plain numbers.
    var count = 0, plainCount = 0
  }

  /// The codes of a column.
  ///
  /// - Complexity: O(cells).
  init(_ column: DataTable.Column, _ style: NumberStyle) {
    // From the ends inwards: the least numbers ascending, and the largest descending.
    var (least, most): ([Extreme], [Extreme]) = ([], [])
    var presentCount = 0
    var isWhole = true
    // Codes with decimals, such as -999.000, are texts.
    for (value, cell) in zip(column.numbers(style), column.cells) where !value.isNaN {
      presentCount += 1
      if value != value.rounded() { isWhole = false }
      Self.count(value, isPlain: !cell.isNaN, in: &least) { $0 < $1 }
      Self.count(value, isPlain: !cell.isNaN, in: &most) { $0 > $1 }
    }
    guard let first = least.first, let last = most.first else { return }
    range = (first.value, last.value)
    guard first.value < last.value else { return }
    for low in (0...Self.limit).reversed() {
      for high in (0...Self.limit).reversed() where low + high > values.count {
        guard least.count > low, most.count > high, least[low].value < most[high].value else {
          continue
        }
        let codes = Array(least[..<low] + most[..<high])
        let others = presentCount - codes.reduce(0) { $0 + $1.count }
        let spread = most[high].value - least[low].value
        let size = max(abs(most[high].value), abs(least[low].value))
        let gaps = [
          low == 0 ? .infinity : least[low].value - least[low - 1].value,
          high == 0 ? .infinity : most[high - 1].value - most[high].value,
        ]
        guard others >= 10, 2 * others >= presentCount, gaps.allSatisfy({ 2 * $0 >= spread }),
          codes.allSatisfy({ Self.isCode($0, beyond: size) })
        else { continue }
        values = codes.map(\.value)
        count = codes.reduce(0) { $0 + $1.plainCount }
        range = (least[low].value, most[high].value)
      }
    }
    if values.isEmpty {
      suspect = Self.suspect(least, most, presentCount: presentCount, isWhole: isWhole)
    }
  }

  private static func count(
    _ value: Double, isPlain: Bool, in extremes: inout [Extreme],
    isBefore: (Double, Double) -> Bool
  ) {
    if extremes.count > limit + 1, let last = extremes.last, isBefore(last.value, value) { return }
    let index = extremes.firstIndex { !isBefore($0.value, value) } ?? extremes.count
    if index == extremes.count || extremes[index].value != value {
      extremes.insert(Extreme(value: value), at: index)
      if extremes.count > limit + 2 { extremes.removeLast() }
    }
    guard index < extremes.count else { return }
    extremes[index].count += 1
    if isPlain { extremes[index].plainCount += 1 }
  }

  // MARK: Forms

  /// Whether people and programs write such a number for a missing value: 99, -999.9 and the like, or numbers that no measurement
  /// reaches.
  private static func isCode(_ extreme: Extreme, beyond size: Double) -> Bool {
    let magnitude = abs(extreme.value)
    // A single -99 may be a measurement.
    if extreme.value <= -999,
      isRepdigit(magnitude, "9") || NumericArray.text(magnitude).hasPrefix("999.")
    {
      return true
    }
    guard extreme.count > 1 else { return false }
    return magnitude >= 10_000 && magnitude > 100 * size
      || ["9", "8", "7"].contains { isRepdigit(magnitude, $0) }
  }

  /// Whether a number consists of one digit repeated at least twice.
  private static func isRepdigit(_ magnitude: Double, _ digit: Character) -> Bool {
    let digits = NumericArray.text(magnitude).filter { $0 != "." }
    return digits.count >= 2 && digits.allSatisfy { $0 == digit }
  }

  // MARK: Suspects

  /// The columns in which a number counts as missing because it is an outlier at the end of several columns: -200 in all sensors of
  /// a station.
  ///
  /// One column may have such an end for its own reasons; if several have the same number there, and in two of them it is far from
  /// everything else, it is not a measurement. Zero is not considered, since it is often a measurement.
  static func shared(_ suspects: [Suspect?]) -> [Int: Double] {
    let found = suspects.enumerated().compactMap { index, own in own.map { (index, $0) } }
      .filter { $0.1.value != 0 }
    let columns = Dictionary(grouping: found) { $0.1.value }
    return columns.filter { $1.count { $0.1.isFar } > 1 }.reduce(into: [:]) { codes, entry in
      for (index, _) in entry.value { codes[index] = entry.key }
    }
  }

  private static func suspect(
    _ least: [Extreme], _ most: [Extreme], presentCount: Int, isWhole: Bool
  ) -> Suspect? {
    guard least.count > limit, most.count > limit, presentCount >= 20 else { return nil }
    let (low, high) = (least[0], most[0])
    let isFrequent = { (extreme: Extreme) in
      extreme.count > 2 && extreme.count * 50 >= presentCount
    }
    func suspect(_ extreme: Extreme, _ reason: String) -> Suspect {
      let isLow = extreme.value == low.value
      let gap = isLow ? least[1].value - low.value : high.value - most[1].value
      let range = isLow ? high.value - least[1].value : most[1].value - low.value
      return Suspect(
        value: extreme.value, count: extreme.count, reason: reason,
        isolation: gap / max(range, .leastNormalMagnitude))
    }
    if low.value < 0, least[1].value >= 0, low.count > 1,
      !isWhole || low.value == low.value.rounded()
    {
      return suspect(low, "the only negative number")
    }
    if isFrequent(low), least[1].value - low.value >= 2 * (high.value - least[1].value) {
      return suspect(low, "far below all others")
    }
    if isFrequent(high), high.value - most[1].value >= 2 * (most[1].value - low.value) {
      return suspect(high, "far above all others")
    }
    // 99 above ages up to 89: more frequent than its neighbors, and separated by a gap.
    let next = most[1...]
    let step = (most[1].value - most[limit].value) / Double(limit - 1)
    if isFrequent(high), ["9", "8", "7"].contains(where: { isRepdigit(abs(high.value), $0) }),
      high.value - most[1].value > 2 * step, high.count > 2 * (next.map(\.count).max() ?? 0)
    {
      return suspect(high, "above all others, and more frequent than those next to it")
    }
    // No weight or blood pressure is 0 if all others are far from it.
    if isFrequent(low), low.value == 0,
      least[1].value >= (high.value - least[1].value) / 4,
      least[1].value > least[2].value - least[1].value
    {
      return suspect(low, "far below all others")
    }
    return nil
  }
}
