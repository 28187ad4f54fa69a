import Foundation
import Plumbline
import Training

/// What is known of a run, as numbers: all that a diagnosis is made from, and what is stored of it.
public struct Evidence: Codable, Sendable, Hashable {
  /// How the network was trained.
  public var settings: TrainingSettings
  /// The training examples; the trained values; the updates.
  public var exampleCount: Int, parameterCount: Int, stepCount: Int
  /// The loss over the steps.
  public var losses: LossCurve
  /// What an answer that ignores the input costs.
  public var baseRate: BaseRate
  /// How many examples the probes look at.
  public var probeExampleCount: Int
  /// The measurements, the first before the first step and the last at the end.
  public var probes: [ProbeMeasurement]
  /// The ``ProbeMeasurement/outputSpread`` in inference mode, at the end.
  public var inferenceSpread: Double
  /// Where gradients were exactly zero.
  public var gradients: [GradientRecord]
  /// What theory says of the signal at initialization; empty if the network is not a description.
  public var predictions: [Prediction]
  /// What the features and targets are like.
  public var data: DataEvidence
  /// The evaluation on the training examples at the end.
  public var train: Evaluation
  /// Everything else.
  public var outcome: RunOutcome
  /// How far the weights have moved from the start to the end, in relation to their size at the start: that of the matrix that moved
  /// most. A random walk of customary steps goes once its own size in some thousand.
  public var travel: Double
  /// What is true of the network before its first step.
  public var facts: NetworkFacts
  /// What the targets are like.
  public var targets: TargetEvidence
  /// How the answers are distributed at the end; `nil` for values.
  public var answers: AnswerEvidence?
  /// What fits in closed form tell of the targets; `nil` if the run left nothing to ask, or there is too little to ask.
  public var fits: FitReference?
  /// How well neighbours tell the targets; `nil` if the run left nothing to ask, or there are none to ask.
  public var neighbors: NeighborReference?
  /// What the predictions leave of the variance of real targets, where the loss is not the squared error; `nil` for other losses.
  public var squareShare: Double?
  /// Whether what the features say of the training targets holds in the dev set, or else the test set; `nil` if the network does about as well there.
  public var relation: SetRelation?
  /// How mistakes go with certainty, of methods that have not seen an example; `nil` if nothing speaks for labels that are wrong.
  public var noise: NoiseProfile?
  /// The standard deviation of the loss from example to example, at the end, in inference mode: what a batch's mean swings by,
  /// times the root of its size; `nil` if the run left nothing to ask.
  public var exampleLossDeviation: Double?
  /// The largest probability with which the network drops a unit; `nil` if the network is not a description.
  public var dropout: Double?

  /// How long the gradient of a parameter has been zero at the end of the run.
  public struct GradientRecord: Codable, Sendable, Hashable {
    /// The path, and the extents of the value.
    public let name: String, shape: [Int]
    /// The first of the steps at the end at which the whole gradient was exactly zero; `nil` if the last was not.
    public let zeroSince: Int?
    /// The same for every value of a bias; `nil` for a parameter with other than one axis.
    public let unitsZeroSince: [Int?]?
  }

  /// The mean square that theory predicts after a layer at initialization, for inputs of mean square 1.
  public struct Prediction: Codable, Sendable, Hashable {
    /// Path and kind of the layer.
    public let layer: String, kind: String
    /// The prediction.
    public let meanSquare: Double
  }

  /// The first look, before any step.
  public var start: ProbeMeasurement? { probes.first }
  /// The last look.
  public var end: ProbeMeasurement? { probes.last }

  /// Whether there is more to learn, or may be: the training error is not next to nothing.
  var leavesError: Bool { train.error.map { $0 > 0.03 } ?? !(progress > 0.97) }

  /// How much of what an answer without looking costs has been learned: 1 for a loss of 0, or of the least that shares as targets
  /// allow, and 0 for the base rate.
  public var progress: Double { progress(of: train) }

  /// The same on other examples.
  func progress(of evaluation: Evaluation) -> Double {
    (baseRate.loss - evaluation.loss) / max(baseRate.loss - (targets.shareEntropy ?? 0), 1e-300)
  }
}
