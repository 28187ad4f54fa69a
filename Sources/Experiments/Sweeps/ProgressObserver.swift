import Console
import Synchronization

/// Shows each stage of a sweep as a progress bar, where standard error is a terminal.
public final class ProgressObserver: SweepObserver {
  private let bar = Mutex<ProgressBar?>(nil)

  /// An observer without a bar yet.
  public init() {}

  /// Shows a bar for the stage.
  public func began(_ stage: SweepStage) {
    bar.withLock {
      $0 = ProgressBar(
        stage.name, items: stage.runs, work: stage.work, doneItems: stage.runsDone,
        doneWork: stage.workDone)
    }
  }

  /// Moves the bar.
  public func advanced(runs: Int, work: Double) {
    bar.withLock { $0?.advance(items: runs, work: work) }
  }

  /// Takes the bar away.
  public func ended() {
    bar.withLock {
      $0?.finish()
      $0 = nil
    }
  }
}
