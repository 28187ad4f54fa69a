import Console
import Findings
import Foundation

/// How the comparisons of a report are corrected for their number, and what each factor does.
extension GridReport {
  /// The probability with which any of several comparisons of equal arms may be said to show a difference.
  private static let level = 0.1

  /// For each comparison with the reference the p of the sign test of its loss, corrected for their number; `nil` if this many
  /// comparisons with so few seeds can show nothing.
  var correctedTests: [Double]? {
    let comparisons = results.comparisonsWithReference
    guard fewestSeeds >= seedsForAllComparisons else { return nil }
    return SignTest.corrected(comparisons.map(\.lossTest.p))
  }

  /// The number of seeds of a cell.
  var fewestSeeds: Int { results.cells.map(\.outcomes.count).min() ?? 0 }

  private var seedsForAllComparisons: Int {
    SignTest.fewestDifferences(
      tests: results.comparisonsWithReference.count, level: Self.level)
  }

  /// A note on the comparisons if there are several.
  var correctionNote: String {
    let count = results.comparisonsWithReference.count
    guard correctedTests == nil else {
      return "p: sign test of the loss, seed by seed"
        + (count == 1 ? "." : "; corrected for \(count) comparisons (Holm).")
    }
    let seeds = seedsForAllComparisons
    return count == 1
      ? "A sign test needs at least \(seeds) seeds: \(Setting.reportSeeds) \(seeds)."
      : "Each interval is for a single comparison. Testing all \(count) jointly (sign test with Holm correction) "
        + "needs \(seeds) seeds: \(Setting.reportSeeds) \(seeds)."
  }

  /// A cell of the table of effects.
  struct EffectEntry {
    let title: String, text: String
    var isText = false
  }

  static let effectNote =
    "Mean over pairs of cells and seeds, with a 90 % bootstrap interval over the seeds."

  /// The rows of the table of effects.
  var effectRows: [[EffectEntry]] {
    results.effects.map { effect in
      func interval(_ low: String, _ high: String) -> EffectEntry {
        EffectEntry(title: "interval", text: "\(low) to \(high)")
      }
      func points(_ value: Double) -> String { NumberFormat.fixed(100 * value, decimals: 2) }
      func ratio(_ value: Double) -> String { NumberFormat.significant(exp(value), digits: 3) }
      let loss = effect.logLoss
      return [
        EffectEntry(title: "factor", text: effect.factor, isText: true),
        EffectEntry(title: "level", text: effect.level, isText: true),
        EffectEntry(title: "against", text: effect.reference, isText: true),
        EffectEntry(title: "pairs", text: "\(effect.pairs)"),
        EffectEntry(title: "error (points)", text: points(effect.error.mean)),
        interval(points(effect.error.low), points(effect.error.high)),
        EffectEntry(title: "loss, times", text: loss.map { ratio($0.mean) } ?? "diverged"),
        loss.map { interval(ratio($0.low), ratio($0.high)) }
          ?? EffectEntry(title: "interval", text: ""),
      ]
    }
  }
}

extension GridReport.Summary.Effect {
  fileprivate static func interval(
    _ interval: BootstrapInterval, _ number: (Double) -> Double
  ) -> Interval {
    Interval(mean: number(interval.mean), low: number(interval.low), high: number(interval.high))
  }

  init(_ effect: FactorEffect) {
    (factor, level, reference) = (effect.factor, effect.level, effect.reference)
    pairs = effect.pairs
    trainError = Self.interval(effect.error) { $0 }
    trainLossRatio = effect.logLoss.map { Self.interval($0, exp) }
  }
}
