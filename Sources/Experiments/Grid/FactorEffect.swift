import Foundation

/// The effect of a factor's level compared with its first level: the mean over all pairs of cells that differ in
/// nothing else, seed by seed.
public struct FactorEffect: Sendable {
  /// The factor (including `arm` and `depth`), its level, and the baseline level.
  public let factor: String, level: String, reference: String
  /// The number of pairs of cells.
  public let pairs: Int
  /// The change of the training error, as a fraction.
  public let error: BootstrapInterval
  /// The logarithm of the factor by which the training loss changes; `nil` if a run diverged, or a loss is 0.
  public let logLoss: BootstrapInterval?
}

extension GridResults {
  /// The effects of all levels but the first of arm, depth and factors; none for a level without pairs, or for single runs.
  ///
  /// Pairs that are one and the same run, since the arm does not read the factor, are left out.
  public var effects: [FactorEffect] {
    guard let seeds = cells.first?.outcomes.count, seeds >= 2 else { return [] }
    var effects: [FactorEffect] = []
    if let reference {
      effects += levels(
        "arm", of: \.arm, first: reference, name: \.rawValue,
        counterpart: { cell in
          GridCell(arm: reference, depth: cell.depth, condition: cell.condition)
        })
    }
    if let first = depths.min() {
      effects += levels(
        "depth", of: \.depth, first: first, name: { "\($0)" },
        counterpart: { cell in
          GridCell(arm: cell.arm, depth: first, condition: cell.condition)
        })
    }
    for setting in conditions.first?.settings ?? [] {
      effects += levels(
        setting.name, of: { $0.condition[setting.name] ?? setting.level }, first: setting.level,
        name: \.description,
        counterpart: { cell in
          let settings = cell.condition.settings.map {
            ($0.name, $0.name == setting.name ? setting.level : $0.level)
          }
          return GridCell(arm: cell.arm, depth: cell.depth, condition: Condition(settings))
        })
    }
    return effects
  }

  /// More levels than this make a curve rather than a table of effects.
  private static let mostLevels = 50

  /// The effects of the levels of one factor.
  private func levels<Level: Hashable>(
    _ factor: String, of level: (GridCell) -> Level, first: Level, name: (Level) -> String,
    counterpart: (GridCell) -> GridCell
  ) -> [FactorEffect] {
    let groups = Dictionary(grouping: cells) { level($0.cell) }
    guard groups.count <= Self.mostLevels else { return [] }
    let order = Self.unique(cells.map { level($0.cell) }).filter { $0 != first }
    return order.compactMap { level in
      effect(factor, name(level), name(first), of: groups[level] ?? [], counterpart)
    }
  }

  private func effect(
    _ factor: String, _ level: String, _ reference: String, of cells: [CellResult],
    _ counterpart: (GridCell) -> GridCell
  ) -> FactorEffect? {
    let pairs = cells.compactMap { result -> (CellResult, CellResult)? in
      let cell = counterpart(result.cell)
      guard let other = self[cell.arm, cell.depth, cell.condition],
        other.outcomes != result.outcomes
      else { return nil }
      return (result, other)
    }
    guard let first = pairs.first else { return nil }
    func mean(_ change: (GridOutcome, GridOutcome) -> Double) -> BootstrapInterval? {
      BootstrapInterval(
        of: first.0.outcomes.indices.map { seed in
          pairs.reduce(0) { $0 + change($1.0.outcomes[seed], $1.1.outcomes[seed]) }
            / Double(pairs.count)
        })
    }
    guard let error = mean({ $0.errorOrOne - $1.errorOrOne }) else { return nil }
    return FactorEffect(
      factor: factor, level: level, reference: reference, pairs: pairs.count, error: error,
      logLoss: mean { log($0.lossOrInfinity / $1.lossOrInfinity) })
  }
}
