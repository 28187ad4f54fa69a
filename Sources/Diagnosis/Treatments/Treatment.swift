import Datasets
import Findings
import Networks
import Plumbline
import Training

/// A remedy as the change of a run: what a rule proposes, and what an explanation carries out.
public struct Treatment: Sendable {
  /// What is changed, in words that follow "same run, ".
  public let change: String
  /// What to type for it; empty if it is a change of a file.
  public let options: String
  let kind: Kind
  /// Whether the finding is refuted where the changed run does not do better: what is read wrongly, or judged by a loss that does not
  /// suit, is so whatever comes of it.
  let isDecisive: Bool

  /// What is changed.
  enum Kind: Sendable {
    /// Something that is set about the training.
    case settings(@Sendable (inout TrainingSettings) -> Void)
    /// The layers; `nil` if they cannot be changed so.
    case network(@Sendable (NetworkDescription) -> NetworkDescription?)
    /// The initial values of all weights, by the variance over fan-in that they get.
    case weights(gain: Double)
    /// The features: shifted and scaled by the training set's.
    case features
    /// A feature: the same for all examples.
    case withoutFeature(Int)
    /// The targets: shifted and scaled to mean 0 and variance 1.
    case targets
    /// The rate: smaller ones, or larger ones, of which the best is kept.
    case smallerRates, largerRates
    /// The targets, which have these values: as classes, with an output for each, and their cross-entropy.
    case classes([Double])
    /// Every class made to count alike in the loss.
    case balanced
    /// So many times as many steps.
    case moreSteps(Int)
    /// Several of these, but for rates.
    indirect case together([Kind])
  }

  init(_ change: String, options: String = "", isDecisive: Bool = true, _ kind: Kind) {
    self.isDecisive = isDecisive
    self.change = change
    self.options = options
    self.kind = kind
  }
}
