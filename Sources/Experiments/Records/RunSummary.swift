import Diagnosis
import Findings

/// The summary of a line of `runs.jsonl`, as shown by the commands on a folder.
public struct RunSummary: Sendable {
  /// What was run, in words.
  public let title: String
  /// The result, if it was a training run.
  public let training: Training?

  /// The result of a training run.
  public struct Training: Sendable {
    /// What distinguishes its cell from others, whatever learning rate was chosen for it.
    public let cell: [Setting]
    /// The purpose of the run.
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

  /// A setting shared by all runs of a cell.
  public struct Setting: Sendable, Hashable, CustomStringConvertible {
    /// The setting and its value.
    public let name: String, value: String

    /// As printed: an arm does not need its name.
    public var description: String { name == "arm" ? value : "\(name) \(value)" }
  }

  /// The summary of a run other than training.
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
  /// Just its key.
  public static func summary(of line: RunLine) throws -> RunSummary {
    RunSummary(title: line.key)
  }
}
