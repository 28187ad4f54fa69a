import Datasets
import Findings
import Networks
import Plumbline
import Training

/// A remedy as a change to a run: proposed by a rule, and carried out by an explanation.
public struct Treatment: Sendable {
  /// What is changed, in words that follow "same run, ".
  public let change: String
  /// What to type for it; empty if it changes a file.
  public let options: String
  let kind: Kind
  /// Whether the finding is refuted if the changed run does not do better. Data that are read wrongly, or a loss that does not
  /// suit, are faults whatever the result.
  let isDecisive: Bool

  /// What is changed.
  enum Kind: Sendable {
    /// A training setting.
    case settings(@Sendable (inout TrainingSettings) -> Void)
    /// The layers; `nil` if they cannot be changed that way.
    case network(@Sendable (NetworkDescription) -> NetworkDescription?)
    /// The initial values of the weights.
    case weights(DenseNetworkOptions.Scheme)
    /// The features: shifted and scaled by the training set's statistics.
    case features
    /// A feature: set to the same value for all examples.
    case withoutFeature(Int)
    /// The targets: shifted and scaled to mean 0 and variance 1.
    case targets
    /// The rate: smaller or larger ones, of which the best is kept.
    case smallerRates, largerRates
    /// The targets, which take these values: as classes, with one output each, and their cross-entropy.
    case classes([Double])
    /// All classes weighted equally in the loss.
    case balanced
    /// The number of steps: multiplied by this factor.
    case moreSteps(Int)
    /// Several of these, except rates.
    indirect case together([Kind])
  }

  /// Whether rates are tried, of which the best is kept.
  var isOfRates: Bool {
    switch kind {
    case .smallerRates, .largerRates: true
    default: false
    }
  }

  init(_ change: String, options: String = "", isDecisive: Bool = true, _ kind: Kind) {
    self.isDecisive = isDecisive
    self.change = change
    self.options = options
    self.kind = kind
  }
}
