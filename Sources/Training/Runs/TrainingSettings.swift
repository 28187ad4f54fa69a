import Datasets
import Findings
import Plumbline

/// How a network is trained: everything that determines the result apart from the network and the data.
public struct TrainingSettings: Codable, Sendable, Hashable {
  /// The length of the run.
  public enum Length: Codable, Sendable, Hashable {
    /// Passes through the training examples.
    case epochs(Int)
    /// Updates.
    case steps(Int)
  }

  /// The order of the examples.
  public enum Order: String, Codable, Sendable, Hashable, CaseIterable {
    /// A new permutation for every epoch, from the seed.
    case shuffled
    /// As they are in the data.
    case sequential
  }

  /// Early stopping: training ends when the loss on the dev set has had no new minimum for some epochs. The
  /// parameters of the minimum are restored.
  public struct EarlyStopping: Codable, Sendable, Hashable {
    /// The number of evaluations to wait without a new minimum.
    public var patience: Int
    /// The decrease required for a new minimum.
    public var minimumImprovement: Double

    /// Waits for `patience` evaluations, one for each epoch.
    public init(patience: Int, minimumImprovement: Double = 0) {
      self.patience = patience
      self.minimumImprovement = minimumImprovement
    }
  }

  /// The loss to minimize.
  public var loss: LossFunction
  /// The optimizer.
  public var optimizer = OptimizerChoice.adam
  /// The optimizer's settings.
  public var optimizerOptions = OptimizerOptions()
  /// The learning rate.
  public var learningRate: Double
  /// How the learning rate changes.
  public var schedule = ScheduleChoice()
  /// λ in λ/m Σ|w| over the weights, m the examples of the batch.
  public var l1 = 0.0
  /// λ in λ/(2m) Σw² over the weights, m the examples of the batch.
  public var l2 = 0.0
  /// The norm to which larger gradients are clipped; `nil` for none.
  public var clipNorm: Double?
  /// The batch size; `nil` for all examples.
  public var batchSize: Int? = 128
  /// What happens to the examples left over at the end of an epoch.
  public var remainder = BatchOrder.Remainder.keep
  /// The length of the run.
  public var length: Length
  /// The order of the examples.
  public var order = Order.shuffled
  /// The seed of initial parameters, order and randomness.
  public var seed = 1
  /// The random augmentation of images, redrawn in each epoch; `nil` for none.
  public var augmentation: Augmentation?
  /// When to stop early; `nil` for never.
  public var earlyStopping: EarlyStopping?

  /// Adam, batches of 128; at 0.001 for ten epochs unless stated otherwise.
  public init(
    loss: LossFunction, learningRate: Double = 1e-3, length: Length = .epochs(10)
  ) {
    (self.loss, self.learningRate, self.length) = (loss, learningRate, length)
  }

  /// More steps than any machine can take, and few enough for sums of examples.
  package static let mostSteps = 1_000_000_000_000

  /// The key of all randomness in the run.
  public var key: Key { Key(seed: seed) }

  /// The initial parameters of a network.
  public func initialParameters<Scalar>(of network: any Layer) -> Parameters<Scalar> {
    Parameters(of: network, key: key["parameters"])
  }

  /// The examples of each step.
  ///
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  public func batches(of exampleCount: Int) throws(Problem) -> BatchOrder {
    try BatchOrder(
      exampleCount: exampleCount, batchSize: batchSize ?? exampleCount,
      order: order == .shuffled ? .shuffled(key["order"]) : .sequential, remainder: remainder)
  }

  /// The number of updates.
  public func steps(batchesPerEpoch: Int) -> Int {
    switch length {
    case .steps(let count): count
    case .epochs(let count):
      // Limited to more than anyone waits for, so that no sum of steps overflows.
      min(count, (1 << 48) / max(batchesPerEpoch, 1)) * batchesPerEpoch
    }
  }
}

/// How the learning rate changes over the steps of a run.
public struct ScheduleChoice: Codable, Sendable, Hashable {
  /// The form of the schedule.
  public var form = ScheduleForm.constant
  /// The number of steps of a linear rise from 0 before it.
  public var warmUp = 0

  /// A constant rate.
  public init() {}

  /// The schedule of a run of this many steps.
  public func schedule(_ rate: Double, steps: Int) -> Schedule {
    let schedule = Schedule(form, from: rate, over: max(1, steps - warmUp))
    return warmUp > 0 ? schedule.warmedUp(over: warmUp) : schedule
  }
}
