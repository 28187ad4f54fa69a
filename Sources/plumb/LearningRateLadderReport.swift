import Console
import Datasets
import Experiments
import Foundation
import Plumbline
import Training

/// What `plumb train --ladder N` shows: a row for each rate.
struct LearningRateLadderReport<Scalar: TrainableScalar> {
  let rungs: [LearningRateLadder<Scalar>.Rung]

  /// The rung that is kept.
  var best: LearningRateLadder<Scalar>.Rung { LearningRateLadder.best(of: rungs) }

  /// Trains with every rate, with a progress bar.
  ///
  /// - Parameters:
  ///   - journal: Where finished rates are kept; `nil` for nowhere.
  ///   - checkpoints: Where rates in progress keep their states; `nil` for nowhere.
  init(
    _ run: TrainingRun<Scalar>, rungs count: Int, threads: Int, journal: Journal?,
    checkpoints: CheckpointFiles?
  ) throws {
    rungs = try LearningRateLadder(run, rungs: count).rungs(
      jobs: threads, journal: journal, checkpoints: checkpoints, observer: ProgressObserver(),
      shouldStop: { Interrupts.isRequested })
  }

  /// The table, and which rate was the best by which loss.
  var text: String {
    let outcomes = rungs.map { TrainingOutcome($0.run) }
    let hasDev = outcomes.contains { $0.devLoss != nil }
    let hasError = outcomes.contains { $0.trainError != nil }
    var headers: [Table.Column] = ["rate", "train loss"]
    if hasError { headers.append("train error") }
    if hasDev { headers.append("dev loss") }
    if hasDev && hasError { headers.append("dev error") }
    var table = Table(headers + [Table.Column("ended", .left)])
    func number(_ value: Double?) -> String {
      value.map { NumberFormat.significant($0) } ?? "not finite"
    }
    func percent(_ value: Double?) -> String {
      value.map { NumberFormat.percent($0, decimals: 2) } ?? ""
    }
    for (rung, outcome) in zip(rungs, outcomes) {
      var cells = [NumberFormat.plain(rung.rate), number(outcome.trainLoss)]
      if hasError { cells.append(percent(outcome.trainError)) }
      if hasDev { cells.append(number(outcome.devLoss)) }
      if hasDev && hasError { cells.append(percent(outcome.devError)) }
      table.add(cells + [ended(outcome)])
    }
    let rate = NumberFormat.plain(best.rate)
    let edge =
      rungs.count > 1 && best.rate == rungs.first?.rate
      ? " It is the highest tried: a better one may lie above it."
      : rungs.count > 1 && best.rate == rungs.last?.rate
        ? " It is the lowest tried: a better one may lie below it." : ""
    let lower = NumberFormat.significant((rungs.last?.rate ?? 1) / 3, digits: 2)
    return table.text()
      + (best.isDiverged
        ? "Every rate diverged: try --learning-rate \(lower) or lower.\n"
        : "Best by \(hasDev ? "dev" : "train") loss: \(rate), which is kept.\(edge)\n")
  }

  private func ended(_ outcome: TrainingOutcome) -> String {
    switch outcome.ending {
    case "finished": "after \(outcome.steps) steps"
    case "stopped-early": "early, best epoch \(outcome.bestEpoch ?? 0)"
    case "non-finite": "not finite at step \(outcome.divergedAtStep ?? 0)"
    default: "interrupted at step \(outcome.steps)"
    }
  }
}
