import Training

/// What the depth study found: a cell for each kind of network and depth, and what may be said of them.
public struct DepthResults: Sendable {
  /// The runs of one cell that are reported, seed by seed.
  public struct CellResult: Sendable {
    /// The kind of network and the depth.
    public let cell: DepthStudy.Cell
    /// The chosen learning rate, and whether a better one may lie outside the widened grid.
    public let learningRate: Double, isRateAtEdge: Bool
    /// The outcomes in the order of the seeds, which is the same in every cell.
    public let outcomes: [DepthOutcome]
    /// Loss and error over the seeds; a run that diverged counts as infinite loss and error 1.
    public let loss: MedianInterval, error: MedianInterval

    package init(cell: DepthStudy.Cell, search: LearningRateSearch, outcomes: [DepthOutcome]) {
      self.cell = cell
      learningRate = search.best
      isRateAtEdge = search.isAtEdge
      self.outcomes = outcomes
      loss = MedianInterval(of: outcomes.map(\.lossOrInfinity))
      error = MedianInterval(of: outcomes.map(\.errorOrOne))
    }

    /// How many of the runs diverged.
    public var divergedCount: Int { outcomes.count(where: \.diverged) }

    /// The median time of a run in seconds.
    public var seconds: Double { median(outcomes.map(\.seconds)) }
  }

  /// The difference of two cells, seed by seed.
  public struct Comparison: Sendable {
    /// The cell, and the one it is compared with.
    public let cell: DepthStudy.Cell, reference: DepthStudy.Cell
    /// Cell minus reference in error and in loss.
    public let errorDifference: MedianInterval, lossDifference: MedianInterval
  }

  /// The cells in the order of arms and depths.
  public let cells: [CellResult]

  package init(cells: [CellResult]) { self.cells = cells }

  /// The result of a cell; `nil` where it was not asked.
  public subscript(arm: DepthArm, depth: Int) -> CellResult? {
    cells.first { $0.cell.arm == arm && $0.cell.depth == depth }
  }

  /// The arms and depths in order.
  public var arms: [DepthArm] { unique(cells.map(\.cell.arm)) }
  /// The depths, as they were asked.
  public var depths: [Int] { unique(cells.map(\.cell.depth)) }

  private func unique<Element: Hashable>(_ values: [Element]) -> [Element] {
    var seen: Set<Element> = []
    return values.filter { seen.insert($0).inserted }
  }

  /// Seed by seed, one cell minus another.
  public func comparison(of cell: CellResult, with reference: CellResult) -> Comparison {
    func differences(_ value: (DepthOutcome) -> Double) -> [Double] {
      zip(cell.outcomes, reference.outcomes).map { a, b in
        // Two runs that diverged differ by nothing that can be known.
        value(a) == value(b) ? 0 : value(a) - value(b)
      }
    }
    return Comparison(
      cell: cell.cell, reference: reference.cell,
      errorDifference: MedianInterval(of: differences(\.errorOrOne)),
      lossDifference: MedianInterval(of: differences(\.lossOrInfinity)))
  }

  /// Every arm against plain at every depth.
  public var comparisonsWithPlain: [Comparison] {
    cells.compactMap { cell in
      guard cell.cell.arm != .plain, let plain = self[.plain, cell.cell.depth] else { return nil }
      return comparison(of: cell, with: plain)
    }
  }

  /// The shallowest depth from 4 on (or the shallowest), and the deepest: between these the arms are
  /// compared with themselves. Below 4 hidden layers all arms are nearly the same net.
  public var span: (shallow: Int, deep: Int)? {
    guard let deep = depths.max() else { return nil }
    let shallower = depths.filter { $0 < deep }
    return (shallower.filter { $0 >= 4 }.min() ?? shallower.min()).map { ($0, deep) }
  }

  /// How an arm's deepest net compares with its shallow one.
  public func growth(of arm: DepthArm) -> Comparison? {
    guard let span, let deep = self[arm, span.deep], let shallow = self[arm, span.shallow]
    else { return nil }
    return comparison(of: deep, with: shallow)
  }

  /// Whether the study's claim holds: plain training loss rises with depth, and at the largest depth residual
  /// is below plain, both by their intervals. `nil` where the arms or depths asked do not allow the question.
  public var claimHolds: Bool? {
    guard let plain = growth(of: .plain), let span, let residual = self[.residual, span.deep],
      let reference = self[.plain, span.deep]
    else { return nil }
    return plain.lossDifference.sign == .positive
      && comparison(of: residual, with: reference).lossDifference.sign == .negative
  }
}
