import Training

/// The results of an experiment: a cell for each kind of network, depth and condition, and the conclusions from them.
public struct GridResults: Sendable {
  /// The reported runs of one cell, seed by seed.
  public struct CellResult: Sendable {
    /// The kind of network, the depth and the condition.
    public let cell: GridCell
    /// The chosen learning rate, and whether a better one may lie outside the widened grid.
    public let learningRate: Double, isRateAtEdge: Bool
    /// The rates that were tried, and the median loss of their runs; infinite if these diverged.
    public let triedRates: [(rate: Double, loss: Double)]
    /// The outcomes in the order of the seeds, which is the same in every cell.
    public let outcomes: [GridOutcome]
    /// Loss and error over the seeds; a run that diverged counts as infinite loss and error 1.
    public let loss: MedianInterval, error: MedianInterval

    package init(cell: GridCell, search: LearningRateSearch, outcomes: [GridOutcome]) {
      self.cell = cell
      learningRate = search.best
      isRateAtEdge = search.isAtEdge
      triedRates = search.tried
      self.outcomes = outcomes
      loss = MedianInterval(of: outcomes.map(\.lossOrInfinity))
      error = MedianInterval(of: outcomes.map(\.errorOrOne))
    }

    /// The number of runs that diverged.
    public var divergedCount: Int { outcomes.count(where: \.diverged) }

    /// A measure over the seeds; a run without it counts as infinite.
    func measure(_ name: String) -> MedianInterval {
      MedianInterval(of: outcomes.map { $0.measure(name) })
    }

    /// The median time of a run in seconds.
    public var seconds: Double { median(outcomes.map(\.seconds)) }
  }

  /// The difference of two cells, seed by seed.
  public struct Comparison: Sendable {
    /// The cell, and the one it is compared with.
    public let cell: GridCell, reference: GridCell
    /// Cell minus reference in error and in loss.
    public let errorDifference: MedianInterval, lossDifference: MedianInterval
    /// The sign test of the differences in loss.
    public let lossTest: SignTest
  }

  /// The cells in the order of conditions, arms and depths.
  public let cells: [CellResult]
  /// The arm that the others are compared with; `nil` if it was not requested.
  public let reference: Arm?
  /// What is predicted.
  let predictions: [Prediction]
  /// The conditions, arms and depths, each in the order of the cells.
  public let conditions: [Condition], arms: [Arm], depths: [Int]
  /// The positions of the cells.
  private let positions: [GridCell: Int]

  /// Results, together with predictions about them.
  ///
  /// - Parameter reference: The name of the arm that the others are compared with.
  package init(
    cells: [CellResult], reference: String = "plain", predictions: [Prediction] = []
  ) {
    self.cells = cells
    self.reference = cells.map(\.cell.arm).first { $0.rawValue == reference }
    self.predictions = predictions
    conditions = Self.unique(cells.map(\.cell.condition))
    arms = Self.unique(cells.map(\.cell.arm))
    depths = Self.unique(cells.map(\.cell.depth))
    positions = Dictionary(
      cells.enumerated().map { ($1.cell, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The same results with another reference and other predictions.
  func comparing(with reference: String, _ predictions: [Prediction]) -> GridResults {
    GridResults(cells: cells, reference: reference, predictions: predictions)
  }

  /// The result of a cell; `nil` if it was not requested.
  ///
  /// - Parameters:
  ///   - arm: The arm.
  ///   - depth: The number of hidden weight layers.
  ///   - condition: `nil` for the first of all.
  public subscript(arm: Arm, depth: Int, condition: Condition? = nil) -> CellResult? {
    guard let condition = condition ?? cells.first?.cell.condition else { return nil }
    return positions[GridCell(arm: arm, depth: depth, condition: condition)].map { cells[$0] }
  }

  /// The arm with a name; `nil` if it was not requested.
  func arm(_ name: String) -> Arm? { arms.first { $0.rawValue == name } }

  static func unique<Element: Hashable>(_ values: [Element]) -> [Element] {
    var seen: Set<Element> = []
    return values.filter { seen.insert($0).inserted }
  }

  /// Seed by seed, one cell minus another.
  public func comparison(of cell: CellResult, with reference: CellResult) -> Comparison {
    func differences(_ value: (GridOutcome) -> Double) -> [Double] {
      zip(cell.outcomes, reference.outcomes).map { a, b in
        // Two runs that diverged have no known difference.
        value(a) == value(b) ? 0 : value(a) - value(b)
      }
    }
    let losses = differences(\.lossOrInfinity)
    return Comparison(
      cell: cell.cell, reference: reference.cell,
      errorDifference: MedianInterval(of: differences(\.errorOrOne)),
      lossDifference: MedianInterval(of: losses), lossTest: SignTest(of: losses))
  }

  /// Every arm against the reference at every depth, under every condition.
  public var comparisonsWithReference: [Comparison] {
    guard let reference else { return [] }
    return cells.compactMap { cell in
      guard cell.cell.arm != reference,
        let other = self[reference, cell.cell.depth, cell.cell.condition]
      else { return nil }
      return comparison(of: cell, with: other)
    }
  }

  /// The difference of two quantities at a depth, seed by seed; `nil` if one was not requested.
  func difference(
    _ one: Prediction.Quantity, _ other: Prediction.Quantity, _ depth: Int, _ condition: Condition
  ) -> MedianInterval? {
    guard let one = values(one, depth, condition), let other = values(other, depth, condition)
    else { return nil }
    // Two runs that diverged have no known difference.
    return MedianInterval(of: zip(one, other).map { $0 == $1 ? 0 : $0 - $1 })
  }

  /// A quantity at a depth, seed by seed; `nil` if it was not requested.
  func values(
    _ quantity: Prediction.Quantity, _ depth: Int, _ condition: Condition
  ) -> [Double]? {
    guard let cell = arm(quantity.arm).flatMap({ self[$0, depth, condition] }) else { return nil }
    let isAsked =
      [Measure.trainLoss, Measure.trainError].contains(quantity.measure)
      || cell.outcomes.contains { $0.measures?[quantity.measure] != nil }
    return isAsked ? cell.outcomes.map { $0.measure(quantity.measure) } : nil
  }

  /// The smallest depth of at least 4 (or else the smallest), and the largest: between these the arms are
  /// compared with themselves. Below 4 hidden layers all arms are nearly the same net.
  public var span: (shallow: Int, deep: Int)? {
    guard let deep = depths.max() else { return nil }
    let shallower = depths.filter { $0 < deep }
    return (shallower.filter { $0 >= 4 }.min() ?? shallower.min()).map { ($0, deep) }
  }

  /// The comparison of an arm's deepest net with its shallow one.
  ///
  /// - Parameters:
  ///   - arm: The arm.
  ///   - condition: `nil` for the first of all.
  public func growth(of arm: Arm, _ condition: Condition? = nil) -> Comparison? {
    guard let span, let deep = self[arm, span.deep, condition],
      let shallow = self[arm, span.shallow, condition]
    else { return nil }
    return comparison(of: deep, with: shallow)
  }

  /// The predictions next to the measurements, under every condition; `nil` if one of them was not requested.
  var checks: [Check]? {
    var checks: [Check] = []
    for condition in conditions {
      for prediction in predictions {
        guard let check = prediction.check(self, condition) else { return nil }
        checks.append(check)
      }
    }
    return checks.isEmpty ? nil : checks
  }

  /// Whether all predictions hold, by the intervals. `nil` if the requested arms or depths do not address them, or
  /// nothing is predicted.
  public var claimHolds: Bool? { checks.map { $0.allSatisfy(\.holds) } }
}

extension MedianInterval {
  /// The interval of the values with the opposite sign.
  var negated: MedianInterval {
    MedianInterval(median: -median, low: -high, high: -low, coverage: coverage, count: count)
  }
}
