import Findings

extension AuditReport {
  /// The report on a file without its ``Leftovers``: the first that its cost confirms, saying what was left out.
  ///
  /// - Parameter names: Arrays that the user has named, which stay.
  static func withoutLeftovers(
    of saved: SavedArrays, keeping names: [String: String],
    _ judge: (SavedArrays) throws(Problem) -> AuditReport
  ) -> AuditReport? {
    for smaller in Leftovers.reductions(of: saved, keeping: Set(names.keys)) {
      guard var report = try? judge(smaller), report.isDecidedByCost else { continue }
      report.addLeftOut(from: saved, to: smaller)
      return report
    }
    return nil
  }

  /// Whether there is a verdict that the file's own cost confirms.
  var isDecidedByCost: Bool { verdict != .undecided && assumedCost == nil }

  private mutating func addLeftOut(from saved: SavedArrays, to smaller: SavedArrays) {
    let kept = Set(smaller.arrays.map(\.name))
    let out = saved.arrays.map(\.name).filter { !kept.contains($0) }
    reading.ignored += out
    remarks.append(
      "Read without what seems left over from the computation: \(out.prefix(12).joined(separator: ", "))\(out.count > 12 ? " and \(out.count - 12) more" : "")."
    )
  }
}
