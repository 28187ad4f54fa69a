import Console
import Synchronization

/// Shows each stage of a sweep as a progress bar with the best loss so far and any failures, and a bar for each run in progress, if
/// standard error is a terminal.
public final class ProgressObserver: SweepObserver {
  private let state = Mutex(State())

  /// The progress of a stage.
  private struct State {
    var bar: ProgressBar?
    var stage = ""
    var best: Double?
    var diverged = 0, failed = 0
    /// The runs under way, by their positions.
    var running: [Int: ProgressBar.Part] = [:]

    /// The runs in progress, in their order.
    var parts: [ProgressBar.Part] { running.sorted { $0.key < $1.key }.map(\.value) }

    /// The stage, and its label.
    var label: String {
      var parts = [stage]
      if let best { parts.append("best \(NumberFormat.significant(best, digits: 3))") }
      if diverged > 0 { parts.append("\(diverged) diverged") }
      if failed > 0 { parts.append("\(failed) failed") }
      return parts.joined(separator: ", ")
    }
  }

  /// An observer without a bar yet.
  public init() {}

  /// Shows a bar for the stage.
  public func began(_ stage: SweepStage) {
    state.withLock {
      $0 = State()
      $0.stage = stage.name
      $0.bar = ProgressBar(
        stage.name, items: stage.runs, work: stage.work, doneItems: stage.runsDone,
        doneWork: stage.workDone)
    }
  }

  /// Moves the bar.
  public func advanced(runs: Int, work: Double) {
    state.withLock { state in
      state.bar?.advance(items: runs, work: work, label: state.label) { state.parts }
    }
  }

  /// Shows a bar of the run.
  public func began(run: Int, _ title: String) {
    state.withLock { state in
      state.running[run] = ProgressBar.Part(title, share: 0)
      state.bar?.advance(items: 0, work: 0, label: state.label) { state.parts }
    }
  }

  /// Moves it.
  public func advanced(run: Int, to share: Double) {
    state.withLock { state in
      guard let part = state.running[run] else { return }
      state.running[run] = ProgressBar.Part(part.label, share: share)
    }
  }

  /// Removes it.
  public func ended(run: Int) { state.withLock { $0.running[run] = nil } }

  /// Updates the counts in the label.
  public func finished(loss: Double?, isFailure: Bool) {
    state.withLock { state in
      if isFailure { state.failed += 1 }
      guard let loss else { return }
      if loss.isFinite { state.best = min(state.best ?? loss, loss) } else { state.diverged += 1 }
    }
  }

  /// Removes the bar.
  public func ended() {
    state.withLock {
      $0.bar?.finish()
      $0.bar = nil
    }
  }
}
