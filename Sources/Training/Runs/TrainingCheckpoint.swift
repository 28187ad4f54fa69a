import Plumbline

/// The state of a training run between two steps: a run resumed from it ends with the same bits as one that was never stopped.
///
/// Everything random follows from the seed and the number of the step, and so does the order of the examples, so both are
/// determined by the number of losses. The next step is known to have a finite loss.
public struct TrainingCheckpoint<Scalar: TrainableScalar>: Sendable {
  /// The values so far, and the optimizer's state.
  public let parameters: Parameters<Scalar>, optimizer: OptimizerState<Scalar>
  /// The loss of every step so far, and the epochs.
  public let losses: [Double], epochs: [TrainingEpoch]
  /// The best so far, if early stopping is used.
  public let best: Best?
  /// The time so far.
  public let seconds: Double
  /// The state of an observer, in its own format; empty for none.
  public let observation: [UInt8]

  /// The values with the smallest dev loss, and their epoch.
  public struct Best: Sendable {
    let loss: Double, parameters: Parameters<Scalar>, epoch: Int
  }

  /// The number of steps so far.
  public var step: Int { losses.count }
}
