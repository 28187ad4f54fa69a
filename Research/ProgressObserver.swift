import Console
import Experiments
import Synchronization

/// Shows each stage of a sweep as a progress bar.
final class ProgressObserver: SweepObserver {
  private let bar = Mutex<ProgressBar?>(nil)

  func began(_ stage: SweepStage) {
    bar.withLock {
      $0 = ProgressBar(
        stage.name, items: stage.runs, work: stage.work, doneItems: stage.runsDone,
        doneWork: stage.workDone)
    }
  }

  func advanced(runs: Int, work: Double) {
    bar.withLock { $0?.advance(items: runs, work: work) }
  }

  func ended() {
    bar.withLock {
      $0?.finish()
      $0 = nil
    }
  }
}
