import Console

/// What a block prints now, compared with what its notebook shows.
///
/// Without a tolerance or varying parts, the two must be identical. With either, numbers agree up to the
/// tolerance, varying parts agree with anything, and the width of gaps is free, since it depends on the widths of numbers; all
/// other text is compared exactly. NaN agrees only with NaN, and an infinity with the same one.
public struct OutputComparison: Sendable {
  /// A line that exists on only one side, or differs.
  public struct Difference: Sendable, Hashable {
    /// The index of the line in the old text, or of the line before which a new one was inserted.
    public let index: Int
    /// `nil` if the line is new.
    public let old: String?
    /// `nil` if the line is missing.
    public let new: String?
    /// Which numbers are too far apart, in words; empty if that is not the reason.
    public let reason: String
  }

  /// The differences, in the order of the old text.
  public let differences: [Difference]

  /// Compares two texts by the options of their block.
  public init(old: String, new: String, options: BlockOptions) {
    let (oldLines, newLines) = (Self.lines(old), Self.lines(new))
    let (oldParts, newParts) = (
      ComparedLine.lines(of: oldLines, options), ComparedLine.lines(of: newLines, options)
    )
    // Common beginnings and endings are set aside first, so that a single change among repeated lines stays a single change.
    let most = min(oldParts.count, newParts.count)
    let first = (0..<most).first { !newParts[$0].agrees(with: oldParts[$0], options) } ?? most
    let last =
      (0..<most - first).first {
        !newParts[newParts.count - 1 - $0].agrees(with: oldParts[oldParts.count - 1 - $0], options)
      } ?? most - first
    let changes = newParts[first..<newParts.count - last]
      .difference(from: oldParts[first..<oldParts.count - last]) { $0.agrees(with: $1, options) }
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in changes {
      switch change {
      case .remove(let offset, _, _): removed.insert(first + offset)
      case .insert(let offset, _, _): inserted.insert(first + offset)
      }
    }
    // Removed lines and new lines between the same neighbors are reported as pairs.
    var differences: [Difference] = []
    var (o, n) = (0, 0)
    while o < oldLines.count || n < newLines.count {
      let isGone = removed.contains(o)
      let isNew = inserted.contains(n)
      switch (isGone, isNew) {
      case (true, true):
        differences.append(
          Difference(
            index: o, old: oldLines[o], new: newLines[n],
            reason: oldParts[o].distance(from: newParts[n], options)))
        (o, n) = (o + 1, n + 1)
      case (true, false):
        differences.append(Difference(index: o, old: oldLines[o], new: nil, reason: ""))
        o += 1
      case (false, true):
        differences.append(Difference(index: o, old: nil, new: newLines[n], reason: ""))
        n += 1
      case (false, false): (o, n) = (o + 1, n + 1)
      }
    }
    self.differences = differences
  }

  private static func lines(_ text: String) -> [String] {
    text.isEmpty
      ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
