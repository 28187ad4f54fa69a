import Foundation
import Plots

/// An experiment's results for people and programs: table rows, CSV, a figure, sentences.
public struct GridReport: StudyResult {
  /// The results.
  public let results: GridResults
  /// The request.
  public let configuration: GridConfiguration
  /// The origin of the data, in words.
  public let dataStatement: String
  /// Notes on how runs with the same seed are paired.
  public let pairingNotes: [String]
  /// The title of figure and page: if the claim holds, and otherwise.
  public let titles: (finding: String, question: String)
  /// The publication of the claim or protocol; empty for none.
  public let source: String
  /// The additional measures.
  var measures = Measure.standard
  /// The losses of the steps; `nil` if not requested.
  var learningCurves: LearningCurves?

  /// A report.
  public init(
    _ results: GridResults, configuration: GridConfiguration, dataStatement: String,
    pairingNotes: [String] = [],
    titles: (finding: String, question: String) = (
      "The claim holds", "Training error against depth"
    ),
    source: String = ""
  ) {
    self.pairingNotes = pairingNotes
    self.results = results
    self.configuration = configuration
    self.dataStatement = dataStatement
    self.titles = titles
    self.source = source
  }

  // MARK: Summary

  /// The result in numbers, for programs.
  public struct Summary: Codable, Sendable {
    /// One kind of network at one depth.
    public struct Cell: Codable, Sendable {
      /// The kind.
      public let arm: Arm
      /// The levels of the varied factors; absent if there are none.
      public let condition: [String: Factor.Level]?
      /// Hidden weight layers, trainable values, reported runs, and how many of these diverged.
      public let depth: Int, parameters: Int, seeds: Int, diverged: Int
      /// The chosen learning rate, and whether it lies at the edge of the widened grid.
      public let learningRate: Double, rateAtEdge: Bool
      /// Loss (nats) and error (fraction) on the whole training set.
      public let trainLoss: Interval, trainError: Interval
      /// The additional measurements, by name; absent if none were requested.
      public let measures: [String: Interval]?
      /// The median time of a run.
      public let secondsPerRun: Double
    }

    /// A paired difference from the reference at one depth.
    public struct Difference: Codable, Sendable {
      /// The kind that is compared, and the reference kind.
      public let arm: Arm, reference: Arm
      /// The levels of the varied factors; absent if there are none.
      public let condition: [String: Factor.Level]?
      /// Hidden weight layers.
      public let depth: Int
      /// The kind minus the reference.
      public let trainLoss: Interval, trainError: Interval
      /// The p value of the sign test on the loss, and its correction for the number of differences (Holm).
      public let p: Double, correctedP: Double
    }

    /// The effect of a factor's level, over all pairs of cells that differ in nothing else.
    public struct Effect: Codable, Sendable {
      /// The factor, its level, and the baseline level.
      public let factor: String, level: String, reference: String
      /// The number of pairs.
      public let pairs: Int
      /// The mean change of the error (a fraction), with a bootstrap interval of 90 %.
      public let trainError: Interval
      /// The same for the factor by which the loss changes; absent if a run diverged.
      public let trainLossRatio: Interval?

      /// A mean and its interval.
      public struct Interval: Codable, Sendable {
        /// The mean and the ends.
        public let mean: Double, low: Double, high: Double
      }
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

    /// The cells in the order of conditions, arms and depths.
    public let cells: [Cell]
    /// Every arm against the reference, depth by depth.
    public let differencesFromReference: [Difference]
    /// The effect of each factor.
    public let effects: [Effect]
    /// Whether the claim holds; absent if the runs do not address it.
    public let claimHolds: Bool?
    /// The supported sentences.
    public let sentences: [String]
  }

  /// The result in numbers, for programs.
  public var summary: Summary {
    let comparisons = results.comparisonsWithReference
    let corrected = SignTest.corrected(comparisons.map(\.lossTest.p))
    return Summary(
      cells: results.cells.map { result in
        Summary.Cell(
          arm: result.cell.arm, condition: levels(result.cell.condition), depth: result.cell.depth,
          parameters: result.outcomes[0].parameters, seeds: result.outcomes.count,
          diverged: result.divergedCount, learningRate: result.learningRate,
          rateAtEdge: result.isRateAtEdge, trainLoss: Summary.Interval(result.loss),
          trainError: Summary.Interval(result.error),
          measures: configuration.measures.map { names in
            Dictionary(
              names.map { ($0, Summary.Interval(result.measure($0))) },
              uniquingKeysWith: { first, _ in first })
          }, secondsPerRun: result.seconds)
      },
      differencesFromReference: zip(comparisons, corrected).map { comparison, corrected in
        Summary.Difference(
          arm: comparison.cell.arm, reference: comparison.reference.arm,
          condition: levels(comparison.cell.condition), depth: comparison.cell.depth,
          trainLoss: Summary.Interval(comparison.lossDifference),
          trainError: Summary.Interval(comparison.errorDifference),
          p: comparison.lossTest.p, correctedP: corrected)
      },
      effects: results.effects.map(Summary.Effect.init),
      claimHolds: results.claimHolds, sentences: sentences)
  }

  private func levels(_ condition: Condition) -> [String: Factor.Level]? {
    guard !condition.settings.isEmpty else { return nil }
    return Dictionary(uniqueKeysWithValues: condition.settings.map { ($0.name, $0.level) })
  }

  // MARK: Tables

  /// The summary: one line per cell. Losses in nats, errors as fractions; the interval covers the median
  /// with the probability in `coverage`. No times, so that an interrupted sweep gives the same bytes.
  public var csv: String {
    let factors = (configuration.factors ?? []).map { $0.name + "," }.joined()
    let measures = configuration.measures ?? []
    let header =
      "\(factors)arm,depth,parameters,learning_rate,rate_at_edge,seeds,diverged,"
      + "train_loss_median,train_loss_low,train_loss_high,"
      + "train_error_median,train_error_low,train_error_high,coverage"
      + measures.map { name in
        let name = name.replacing("-", with: "_")
        return ",\(name)_median,\(name)_low,\(name)_high"
      }.joined()
    let rows = results.cells.map { result -> String in
      let numbers =
        [
          result.loss.median, result.loss.low, result.loss.high, result.error.median,
          result.error.low, result.error.high, result.loss.coverage,
        ]
        + measures.flatMap { name -> [Double] in
          let interval = result.measure(name)
          return [interval.median, interval.low, interval.high]
        }
      let levels = result.cell.condition.settings.map { Self.quoted("\($0.level)") }
      let settings: [String] =
        levels + [
          result.cell.arm.rawValue, "\(result.cell.depth)", "\(result.outcomes[0].parameters)",
          "\(result.learningRate)", "\(result.isRateAtEdge)", "\(result.outcomes.count)",
          "\(result.divergedCount)",
        ]
      return (settings + numbers.map { $0.isFinite ? "\($0)" : "" }).joined(separator: ",")
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// A cell of comma-separated values.
  private static func quoted(_ text: String) -> String {
    text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }

  var title: String {
    results.claimHolds == true ? titles.finding : titles.question
  }
}
