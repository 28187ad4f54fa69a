/// Finds the name that the user meant.
package enum EditDistance {
  /// How many insertions, deletions, replacements and swaps of neighbors lead from one text to the
  /// other (Damerau, 1964; Levenshtein, 1966), no position being edited twice.
  ///
  /// Complexity: O(m · n) in the lengths of the texts.
  package static func between(_ first: String, _ second: String) -> Int {
    let a = Array(first)
    let b = Array(second)
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, beforeLast[j - 1] + 1)
        }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }

  /// The candidate nearest to a text, if it is near enough to be what was meant: at most a third of
  /// the letters differ, or the text is the beginning of exactly one candidate.
  package static func nearest(to text: String, among candidates: [String]) -> String? {
    let text = text.lowercased()
    let scored = candidates.map { (name: $0, distance: between(text, $0.lowercased())) }
    if let best = scored.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }),
      best.distance <= max(1, min(text.count, best.name.count) / 3), best.distance < text.count
    {
      return best.name
    }
    let continued = candidates.filter { $0.lowercased().hasPrefix(text) }
    return text.count >= 2 && continued.count == 1 ? continued[0] : nil
  }
}
