import Foundation
import Plumbline
import Training

/// What is known about a run, as numbers: everything that a diagnosis is made from, and that is stored.
public struct Evidence: Codable, Sendable, Hashable {
  /// How the network was trained.
  public var settings: TrainingSettings
  /// The numbers of training examples, of trained values, and of updates.
  public var exampleCount: Int, parameterCount: Int, stepCount: Int
  /// The loss over the steps.
  public var losses: LossCurve
  /// The cost of the best answer that ignores the input.
  public var baseRate: BaseRate
  /// The number of examples that the probes use.
  public var probeExampleCount: Int
  /// The measurements, from before the first step to the end.
  public var probes: [ProbeMeasurement]
  /// The ``ProbeMeasurement/outputSpread`` in inference mode, at the end.
  public var inferenceSpread: Double
  /// Where gradients were exactly zero.
  public var gradients: [GradientRecord]
  /// What theory predicts for the signal at initialization; empty if the network is not a description.
  public var predictions: [Prediction]
  /// Properties of the features and targets.
  public var data: DataEvidence
  /// The evaluation on the training examples at the end.
  public var train: Evaluation
  /// Everything else.
  public var outcome: RunOutcome
  /// How far the weights moved from start to end, relative to their size at the start: that of the matrix that moved
  /// most. A random walk with customary steps covers its own size in about a thousand.
  public var travel: Double
  /// What is true of the network before its first step.
  public var facts: NetworkFacts
  /// Properties of the targets.
  public var targets: TargetEvidence
  /// How the answers are distributed at the end; `nil` for real targets.
  public var answers: AnswerEvidence?
  /// What closed-form fits say about the targets; `nil` if the run left no question, or there are too few data.
  public var fits: FitReference?
  /// How well neighbors predict the targets; `nil` if the run left no question, or there are no neighbors.
  public var neighbors: NeighborReference?
  /// The unexplained share of the variance of real targets, if the loss is not the squared error; `nil` otherwise.
  public var squareShare: Double?
  /// Whether the relation of features and targets holds in the dev set, or else the test set; `nil` if the network does about as
  /// well there.
  public var relation: SetRelation?
  /// Targets of the dev set far beyond those of the training set; `nil` if there are none.
  public var farTargets: FarTargets?
  /// How mistakes on unseen examples depend on confidence; `nil` if nothing suggests that labels are wrong.
  public var noise: NoiseProfile?
  /// The standard deviation of the loss across examples, at the end, in inference mode: the fluctuation of a batch's mean
  /// times the square root of its size; `nil` if the run left no question.
  public var exampleLossDeviation: Double?
  /// The rate that got farthest in a few steps, below the run's own if that is too large, above it if it is too small; `nil` otherwise.
  public var workingRate: Double?
  /// The largest probability with which the network drops a unit; `nil` if the network is not a description.
  public var dropout: Double?

  /// For how long the gradient of a parameter has been zero at the end of the run.
  public struct GradientRecord: Codable, Sendable, Hashable {
    /// The path and the shape of the value.
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

  /// The first measurement, before any step.
  public var start: ProbeMeasurement? { probes.first }
  /// The last measurement.
  public var end: ProbeMeasurement? { probes.last }

  /// Whether there is or may be more to learn: the training error is not close to zero.
  var leavesError: Bool { train.error.map { $0 > 0.03 } ?? !(progress > 0.97) }

  /// The learned share of the base rate's loss: 1 for a loss of 0, or of the least that shares or counts as targets
  /// allow, and 0 for the base rate.
  public var progress: Double { progress(of: train) }

  /// The same on other examples.
  func progress(of evaluation: Evaluation) -> Double {
    (baseRate.loss - evaluation.loss)
      / max(above(baseRate.loss) - (targets.shareEntropy ?? 0), 1e-300)
  }

  /// How far a loss is above that of answers that equal the targets. For counts that is not zero, and mostly negative: ratios of
  /// losses only mean something from there.
  func above(_ loss: Double) -> Double { loss - (targets.perfectLoss ?? 0) }

  /// The loss of a run that has learned half of what there is to learn.
  var halfLoss: Double { baseRate.loss - 0.5 * above(baseRate.loss) }
}
