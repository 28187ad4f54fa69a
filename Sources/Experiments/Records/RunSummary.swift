import Diagnosis
import Findings

/// What a line of `runs.jsonl` says, as the commands on a folder show it.
public struct RunSummary: Sendable {
  /// What was run, in words.
  public let title: String
  /// What came of it, where it was a training.
  public let training: Training?

  /// What came of a training.
  public struct Training: Sendable {
    /// What distinguishes its cell from others, whatever learning rate was chosen for it.
    public let cell: [Setting]
    /// What the run was for.
    public let phase: String
    /// Its seed, and the size of its step.
    public let seed: Int, learningRate: Double
    /// The mean loss on the training set and the share of errors, at the end; `nil` if it diverged.
    public let loss: Double?, error: Double?
    /// The mean losses of the batches, epoch by epoch.
    public let epochLosses: [Double]
    /// What is wrong with it.
    public let diagnosis: [Finding.Summary]

    /// Whether a loss was not finite.
    public var diverged: Bool { loss == nil }
  }

  /// Something that is the same for all runs of a cell.
  public struct Setting: Sendable, Hashable, CustomStringConvertible {
    /// What is set, and to what.
    public let name: String, value: String

    /// As it is printed: an arm has no need of its name.
    public var description: String { name == "arm" ? value : "\(name) \(value)" }
  }

  /// The summary of a run that is not a training.
  public init(title: String) {
    self.title = title
    training = nil
  }

  init(_ training: Training) {
    title = training.cell.map(\.description).joined(separator: ", ")
    self.training = training
  }
}

extension RunConfiguration {
  /// No more than its key.
  public static func summary(of line: RunLine) throws -> RunSummary {
    RunSummary(title: line.key)
  }
}
