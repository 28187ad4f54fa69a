import Foundation
import Plots

/// The depth study's results as people and programs read them: rows of a table, CSV, a figure, sentences.
public struct DepthReport: StudyResult {
  /// What was found.
  public let results: DepthResults
  /// What was asked.
  public let configuration: DepthStudy.Configuration
  /// Where the data come from, in words.
  public let dataStatement: String
  /// What there is to say of how runs of one seed are paired.
  public let pairingNotes: [String]

  /// A report.
  public init(
    _ results: DepthResults, configuration: DepthStudy.Configuration, dataStatement: String,
    pairingNotes: [String] = []
  ) {
    self.pairingNotes = pairingNotes
    self.results = results
    self.configuration = configuration
    self.dataStatement = dataStatement
  }

  // MARK: Summary

  /// The result in numbers, for programs.
  public struct Summary: Codable, Sendable {
    /// One kind of network at one depth.
    public struct Cell: Codable, Sendable {
      /// The kind.
      public let arm: DepthArm
      /// Hidden weight layers, trainable values, reported runs, and how many of these diverged.
      public let depth: Int, parameters: Int, seeds: Int, diverged: Int
      /// The chosen learning rate, and whether it lies at the edge of the widened grid.
      public let learningRate: Double, rateAtEdge: Bool
      /// Loss (nats) and error (fraction) on the whole training set.
      public let trainLoss: Interval, trainError: Interval
      /// The median time of a run.
      public let secondsPerRun: Double
    }

    /// A paired difference from plain at one depth.
    public struct Difference: Codable, Sendable {
      /// The kind that is compared with plain.
      public let arm: DepthArm
      /// Hidden weight layers.
      public let depth: Int
      /// The kind minus plain.
      public let trainLoss: Interval, trainError: Interval
    }

    /// A median and its interval; infinite ends, from runs that diverged, are absent.
    public struct Interval: Codable, Sendable {
      /// The middle value and the ends of the interval.
      public let median: Double?, low: Double?, high: Double?
      /// The probability that the interval covers the true median.
      public let coverage: Double

      init(_ interval: MedianInterval) {
        func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
        median = finite(interval.median)
        low = finite(interval.low)
        high = finite(interval.high)
        coverage = interval.coverage
      }
    }

    /// The cells in the order of arms and depths.
    public let cells: [Cell]
    /// Every arm against plain, depth by depth.
    public let differencesFromPlain: [Difference]
    /// Whether the claim holds; absent where the question was not asked.
    public let claimHolds: Bool?
    /// What may be said.
    public let sentences: [String]
  }

  /// The result in numbers, for programs.
  public var summary: Summary {
    Summary(
      cells: results.cells.map { result in
        Summary.Cell(
          arm: result.cell.arm, depth: result.cell.depth,
          parameters: result.outcomes[0].parameters, seeds: result.outcomes.count,
          diverged: result.divergedCount, learningRate: result.learningRate,
          rateAtEdge: result.isRateAtEdge, trainLoss: Summary.Interval(result.loss),
          trainError: Summary.Interval(result.error), secondsPerRun: result.seconds)
      },
      differencesFromPlain: results.comparisonsWithPlain.map { comparison in
        Summary.Difference(
          arm: comparison.cell.arm, depth: comparison.cell.depth,
          trainLoss: Summary.Interval(comparison.lossDifference),
          trainError: Summary.Interval(comparison.errorDifference))
      },
      claimHolds: results.claimHolds, sentences: sentences)
  }

  // MARK: Tables

  /// The summary: a line for each cell. Losses in nats, errors as fractions; the interval covers the median
  /// with the probability in `coverage`. No times, so that a sweep that was interrupted gives the same bytes.
  public var csv: String {
    let header =
      "arm,depth,parameters,learning_rate,rate_at_edge,seeds,diverged,"
      + "train_loss_median,train_loss_low,train_loss_high,"
      + "train_error_median,train_error_low,train_error_high,coverage"
    let rows = results.cells.map { result -> String in
      let numbers = [
        result.loss.median, result.loss.low, result.loss.high, result.error.median,
        result.error.low, result.error.high, result.loss.coverage,
      ]
      let settings: [String] = [
        result.cell.arm.rawValue, "\(result.cell.depth)", "\(result.outcomes[0].parameters)",
        "\(result.learningRate)", "\(result.isRateAtEdge)", "\(result.outcomes.count)",
        "\(result.divergedCount)",
      ]
      return (settings + numbers.map { $0.isFinite ? "\($0)" : "" }).joined(separator: ",")
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// The sentences, the figure and the table as a page.
  public func page(figure: String, command: String) -> HTMLReport? {
    let lines = csv.split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return HTMLReport(
      title: title,
      sentences.map { .paragraph($0) } + [
        .figure(svg: figure), .table(header: lines[0], rows: Array(lines.dropFirst())),
        .paragraph(dataStatement), .code(command),
      ])
  }

  // MARK: Figure

  /// Training loss and training error against depth.
  ///
  /// - Parameter command: The command that makes the figure again.
  public func figure(command: String) -> FigureGrid {
    let x = Axis(
      "depth (hidden weight layers)", scale: .log2, ticks: results.depths.map(Double.init))
    let coverage = results.cells.map(\.loss.coverage).min() ?? 0
    let loss = Chart(
      title: "Training loss",
      x: x, y: Axis("cross-entropy (nats)", scale: .log10, range: lossRange),
      series: series(\.loss, worst: .infinity)
    )
    let error = Chart(
      title: "Training error",
      x: x, y: Axis("share of the training set", scale: .linear, format: .percent),
      series: series(\.error, worst: 1))
    return FigureGrid(
      [loss, error],
      title: title,
      caption: Caption(
        "Median and \(percent(coverage)) interval over \(configuration.reportSeeds) fresh seeds; width "
          + "\(configuration.width), batch \(configuration.batch), \(configuration.steps) steps of "
          + "\(configuration.optimizer.rawValue), learning rate chosen for each point. \(dataStatement)",
        source: "protocol after He et al., arXiv:1512.03385", command: command))
  }

  private var title: String {
    // No more than the claim's two intervals: neither is of the error, nor of how residual nets change.
    results.claimHolds == true
      ? "Training loss rises with depth in plain nets, and deep residual nets stay below"
      : "Training error against depth"
  }

  /// From a little below the smallest loss up to 10 nats, where there is more: chance is 2.3 for ten classes, and a
  /// control that explodes to 10⁹ shall not press everything else to the floor.
  private var lossRange: ClosedRange<Double>? {
    let losses = results.cells.flatMap { [$0.loss.low, $0.loss.high] }.filter { $0 > 0 }
    guard let least = losses.min(), let greatest = losses.max(), greatest > 10, least < 5 else {
      return nil
    }
    return least / 1.3...10
  }

  private func series(
    _ value: (DepthResults.CellResult) -> MedianInterval, worst: Double
  ) -> [Series] {
    results.arms.map { arm in
      let points = results.depths.compactMap { depth -> Series.Point? in
        guard let cell = results[arm, depth] else { return nil }
        let interval = value(cell)
        let isDiverged = 2 * cell.divergedCount > cell.outcomes.count
        return isDiverged
          ? .diverged(at: Double(depth))
          : Series.Point(
            Double(depth), interval.median, lower: interval.low,
            upper: interval.high.isFinite ? interval.high : interval.median)
      }
      return Series(arm.rawValue, points, slot: DepthArm.allCases.firstIndex(of: arm))
    }
  }
}
