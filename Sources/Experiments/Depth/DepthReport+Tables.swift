import Console

extension DepthReport {
  /// Both intervals of the claim, which is of the loss; none where the question was not asked.
  public var checks: [Check] {
    guard let plain = results.growth(of: .plain), let span = results.span,
      let residual = results[.residual, span.deep], let reference = results[.plain, span.deep]
    else { return [] }
    let difference = results.comparison(of: reference, with: residual).lossDifference
    return [
      Check(
        "plain: training loss at depth \(span.deep) above that at \(span.shallow)", .above, 0,
        median: plain.lossDifference),
      Check(
        "depth \(span.deep): plain training loss above residual", .above, 0, median: difference),
    ]
  }

  /// Whether the claim holds; `nil` where the question was not asked.
  public var claimHolds: Bool? { results.claimHolds }

  /// The table of cells, the paired differences, and the sentences.
  public var text: String {
    var parts = [cellTable]
    if !results.comparisonsWithPlain.isEmpty { parts.append(differenceTable) }
    return (parts + sentences).joined(separator: "\n") + "\n"
  }

  private var cellTable: String {
    let coverage = results.cells.map(\.loss.coverage).min() ?? 0
    var table = Table([
      Table.Column("arm", .left), "depth", "rate", "training error", "interval", "training loss",
      "interval", "diverged", "s/run",
    ])
    for arm in results.arms {
      if arm != results.arms[0] { table.addRule() }
      for cell in results.cells where cell.cell.arm == arm {
        table.add(
          arm.rawValue, "\(cell.cell.depth)",
          NumberFormat.plain(cell.learningRate) + (cell.isRateAtEdge ? " (edge)" : ""),
          NumberFormat.percent(cell.error.median, decimals: 2),
          "\(NumberFormat.percent(cell.error.low, decimals: 2)) to "
            + NumberFormat.percent(cell.error.high, decimals: 2),
          lossNumber(cell.loss.median),
          "\(lossNumber(cell.loss.low)) to \(lossNumber(cell.loss.high))",
          cell.divergedCount == 0 ? "" : "\(cell.divergedCount) of \(cell.outcomes.count)",
          NumberFormat.fixed(cell.seconds, decimals: 2))
      }
    }
    return table.text()
      + "Median over fresh seeds; the interval covers the true median with probability "
      + "\(NumberFormat.percent(coverage)) or more.\n"
  }

  private var differenceTable: String {
    var table = Table(
      [
        Table.Column("arm", .left), "depth", "error difference (points)", "interval",
        "loss difference", "interval",
      ],
      title: "paired difference from plain, seed by seed")
    for comparison in results.comparisonsWithPlain {
      let (error, loss) = (comparison.errorDifference, comparison.lossDifference)
      table.add(
        comparison.cell.arm.rawValue, "\(comparison.cell.depth)", percentagePoints(error.median),
        "\(percentagePoints(error.low)) to \(percentagePoints(error.high))",
        lossDifference(loss.median),
        "\(lossDifference(loss.low)) to \(lossDifference(loss.high))")
    }
    return table.text()
  }

  private func percentagePoints(_ value: Double) -> String {
    NumberFormat.fixed(100 * value, decimals: 2)
  }

  private func lossNumber(_ value: Double) -> String {
    value.isFinite ? NumberFormat.significant(value, digits: 3) : "diverged"
  }

  /// A difference of losses: infinite below 0 where plain diverged, above where the other did.
  private func lossDifference(_ value: Double) -> String {
    value.isFinite ? lossNumber(value) : value < 0 ? "-infinite" : "+infinite"
  }
}
