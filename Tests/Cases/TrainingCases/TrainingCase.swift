import Datasets
import Diagnosis
import Findings
import Plumbline
import Training

/// A run of which it is known what is wrong with it, since it was made so: to measure a diagnosis by.
public struct TrainingCase: Sendable {
  /// What was done to the run.
  public struct Truth: Sendable, Hashable {
    /// The kind of trouble.
    public let family: Finding.Family
    /// The causes that name what was done.
    public let causes: Set<Finding.Cause>
    /// The layer, and the step, where what was done has such a position.
    public var layer: String?
    /// How the step at which it began is known.
    public var onset: Onset?

    /// How the first step of a trouble is known without the instruments.
    public enum Onset: Sendable, Hashable {
      /// From the start.
      case start
      /// By computing the run again and looking at the gradient of this parameter in every step: the first from which on it is
      /// exactly zero.
      case zeroGradient(of: String)
    }
  }

  /// A short name.
  public let name: String
  /// What is wrong; `nil` for a healthy run.
  public let truth: Truth?
  /// The run.
  public let run: TrainingRun<Float>
  /// Whether the trouble shows as a network that does not learn, so that a run that learned in spite of it is left out.
  public let preventsLearning: Bool
  /// The classes that are fitted as numbers; `nil` where they are not.
  let classesAsValues: Int?

  init(
    _ name: String, _ truth: Truth?, preventsLearning: Bool = true, classesAsValues: Int? = nil,
    _ run: TrainingRun<Float>
  ) {
    self.classesAsValues = classesAsValues
    self.name = name
    self.truth = truth
    self.run = run
    self.preventsLearning = preventsLearning
  }

  /// The first step of the trouble, where it is known.
  func onset() throws(Problem) -> Int? {
    switch truth?.onset {
    case nil: return nil
    case .start: return 0
    case .zeroGradient(let name):
      var trainer = try Trainer(run.network, on: run.train, run.settings)
      var since: Int?
      while trainer.stepsDone < trainer.stepCount {
        let step = trainer.stepsDone
        guard (try? trainer.step()) != nil else { return nil }
        let isZero = trainer.gradient[name].scalars.allSatisfy { $0 == 0 }
        since = isZero ? since ?? step : nil
      }
      return since
    }
  }
}

/// Which half of the own cases: the rules were made while looking at the one, and are judged by the other.
public enum CaseHalf: String, Sendable, CaseIterable, Codable {
  /// Looked at while the rules were made.
  case development
  /// Made by the same recipes with other seeds, widths and depths.
  case heldOut = "held-out"
}
