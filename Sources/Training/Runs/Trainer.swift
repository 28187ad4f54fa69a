import Datasets
import Findings
import Networks
import Plumbline

/// A network in training: takes steps one at a time, so that its caller may inspect anything in between.
///
/// ```swift
/// var trainer = try Trainer(network, on: examples, settings)
/// while trainer.stepsDone < 400 { print(try trainer.step()) }
/// ```
///
/// The seed determines the initial parameters (through their names), the order of the examples and the masks of
/// random layers, and nothing else: two networks trained with the same seed see the same batches.
public struct Trainer<Scalar: TrainableScalar> {
  /// The network.
  public let network: any Layer
  /// The settings.
  public let settings: TrainingSettings
  /// The training examples.
  public let examples: Examples<Scalar>
  /// The batches.
  public let batches: BatchOrder
  /// The number of updates requested by the settings.
  public let stepCount: Int

  /// The values so far.
  public private(set) var parameters: Parameters<Scalar>
  /// The number of updates so far.
  public private(set) var stepsDone = 0
  /// The gradient of the last step.
  public var gradient: Parameters<Scalar> { trainingStep.gradient }
  /// The learning rate of the next update.
  public var learningRate: Double { schedule(stepsDone) }

  private let schedule: Schedule
  private let workers: Workers
  private var optimizer: any Optimizer<Scalar>
  private var trainingStep: TrainingStep<Scalar>
  private var order: BatchOrder.Steps
  /// The state at a step whose loss was finite, from which the last good one can be computed again.
  private var checkpoint: (step: Int, parameters: Parameters<Scalar>, any Optimizer<Scalar>)?

  private static var checkpointInterval: Int { 100 }

  /// A network at its initial parameters, those of the seed if none are given.
  ///
  /// - Parameters:
  ///   - network: The network to train.
  ///   - examples: The training examples.
  ///   - settings: Loss, optimizer, rate, batches, penalties and seed.
  ///   - initial: The values to start from; `nil` for those of the seed.
  ///   - workers: The threads that may be used; they do not change any result.
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data, if a ``/Networks/Network`` with batch normalization
  ///   would see a batch of one example, or if image augmentation is requested for examples that are not images.
  public init(
    _ network: any Layer, on examples: Examples<Scalar>, _ settings: TrainingSettings,
    from initial: Parameters<Scalar>? = nil, workers: Workers = .single
  ) throws(Problem) {
    self.network = network
    self.settings = settings
    self.examples = examples
    self.workers = workers
    if settings.augmentation != nil, (network as? Network)?.classesTaken != nil {
      throw Problem(
        .inconsistent, subject: "augmentation", location: "examples",
        problem: "the network begins with an embedding, whose class numbers cannot be changed",
        remedy: "leave the augmentation out")
    }
    if let augmentation = settings.augmentation, augmentation.asksForPictures,
      examples.pictures == nil
    {
      throw Problem(
        .inconsistent, subject: "augmentation", location: "examples",
        problem: "the examples are not images",
        remedy:
          "give images of shape (height, width), (channels, height, width) or (height, width, "
          + "channels), or use noise only")
    }
    batches = try settings.batches(of: examples.count)
    order = batches.steps()
    stepCount = settings.steps(batchesPerEpoch: batches.batchesPerEpoch)
    if let least = (network as? Network)?.smallestTrainingBatch {
      try Self.check(batches, stepCount: stepCount, least: least)
    }
    schedule = settings.schedule.schedule(settings.learningRate, steps: stepCount)
    parameters = initial ?? settings.initialParameters(of: network)
    optimizer = settings.optimizer.optimizer(
      learningRate: settings.learningRate, options: settings.optimizerOptions)
    trainingStep = Self.trainingStep(network, settings, workers)
  }

  /// Throws if a batch has fewer examples than the network can be trained with.
  private static func check(
    _ batches: BatchOrder, stepCount: Int, least: Int
  ) throws(Problem) {
    let rest = batches.remainder == .keep ? batches.exampleCount % batches.batchSize : 0
    // Full batches come first, and a short run ends before the last batch.
    let isRestReached = rest > 0 && stepCount >= batches.batchesPerEpoch
    guard min(batches.batchSize, isRestReached ? rest : .max) < least else { return }
    let count = batches.exampleCount
    let fitting =
      count < least ? [] : (least...count).filter { count % $0 == 0 || count % $0 >= least }
    throw Problem(
      .inconsistent, subject: "batches", location: "batch size",
      problem: (batches.batchSize < least ? "a batch" : "the last batch of an epoch")
        + " has one example, but batch normalization needs at least two in training",
      remedy: (fitting.last { $0 <= batches.batchSize } ?? fitting.first).map {
        "give a batch size of \($0)"
      }
        ?? "give more examples, or a network without batch normalization")
  }

  /// Continues from a state of the same training, in place of the initial one.
  mutating func restore(_ state: TrainingCheckpoint<Scalar>) {
    parameters = state.parameters
    optimizer.state = state.optimizer
    stepsDone = state.losses.count
    order = batches.steps(from: stepsDone)
    // The loss of the next step is known to be finite.
    checkpoint = (stepsDone, parameters, optimizer)
  }

  /// The optimizer's state.
  var optimizerState: OptimizerState<Scalar> { optimizer.state }

  private static func trainingStep(
    _ network: any Layer, _ settings: TrainingSettings, _ workers: Workers
  ) -> TrainingStep<Scalar> {
    let cost = Cost(settings)
    return TrainingStep(of: network, workers: workers) { pass, inputs in
      cost(network(inputs[0], pass), inputs[1], pass)
    }
  }

  /// The key of the random layers in a step.
  private func key(ofStep step: Int) -> Key { settings.key["steps"][step] }

  /// Computes the loss of the next batch, penalties included, and moves the parameters along its gradient.
  ///
  /// - Returns: The loss before the update.
  /// - Throws: ``NonFiniteLoss`` if the loss is not finite. Then ``parameters`` are the last with a finite
  ///   loss, and further steps fail in the same way.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func step() throws(NonFiniteLoss) -> Double {
    guard let rows = order.next() else { fatalError("the order of batches has an end") }
    let loss = Double(loss(rows))
    guard loss.isFinite else { throw fail(rows, loss) }
    if stepsDone.isMultiple(of: Self.checkpointInterval) {
      checkpoint = (stepsDone, parameters, optimizer)
    }
    update()
    return loss
  }

  private mutating func loss(_ rows: ArraySlice<Int>) -> Scalar {
    let key = key(ofStep: stepsDone)
    if settings.augmentation != nil {
      return trainingStep.loss(at: parameters, inputs: batch(rows), key: key)
    }
    let inputs = [examples.features, examples.targets]
    let isWhole = rows.count == examples.count && settings.order == .sequential
    return isWhole
      ? trainingStep.loss(at: parameters, inputs: inputs, key: key)
      : trainingStep.loss(at: parameters, inputs: inputs, rows: rows, key: key)
  }

  /// The features and targets of a batch as the network sees them.
  private func batch(_ rows: ArraySlice<Int>) -> [Tensor<Scalar>] {
    var features = examples.features.selectingRows(rows)
    if let augmentation = settings.augmentation {
      features = augmentation.applied(
        to: features, layout: examples.pictures, examples: rows,
        key: settings.key["augmentation"][batches.epoch(ofStep: stepsDone)])
    }
    return [features, examples.targets.selectingRows(rows)]
  }

  private mutating func update() {
    if !parameters.layout.statistics.isEmpty { parameters.statistics = trainingStep.statistics }
    optimizer.learningRate = schedule(stepsDone)
    if let bound = settings.clipNorm {
      optimizer.update(
        &parameters, along: trainingStep.gradient.clipped(toNorm: bound), on: workers)
    } else {
      optimizer.update(&parameters, along: trainingStep.gradient, on: workers)
    }
    stepsDone += 1
  }

  /// Finds where the loss ceased to be finite, and goes back to the last parameters at which it was finite.
  private mutating func fail(_ rows: ArraySlice<Int>, _ loss: Double) -> NonFiniteLoss {
    let failure = NonFiniteLoss(
      step: stepsDone, loss: loss, origin: origin(of: rows),
      parametersAreFinite: parameters.vector.isFinite)
    if let (step, good, optimizer) = checkpoint {
      let failed = stepsDone
      (parameters, self.optimizer, stepsDone) = (good, optimizer, step)
      order = batches.steps(from: step)
      while stepsDone < failed - 1, let rows = order.next() {
        _ = self.loss(rows)
        update()
      }
    }
    return failure
  }

  /// The first value that is not finite, from an eager computation that checks each.
  private func origin(of rows: ArraySlice<Int>) -> NonFiniteError? {
    let tape = Tape<Scalar>(checkingFinite: true, step: stepsDone)
    let pass = parameters.pass(on: tape, mode: .training, key: key(ofStep: stepsDone))
    let inputs = batch(rows).map { tape.constant($0) }
    _ = Cost(settings)(network(inputs[0], pass), inputs[1], pass)
    return tape.firstNonFinite
  }
}

/// A step whose loss was infinite or NaN.
public struct NonFiniteLoss: Error, Sendable, CustomStringConvertible {
  /// The step, counted from 0.
  public let step: Int
  /// The loss, which is not finite.
  public let loss: Double
  /// The first value in the step that was not finite, with the operation and its inputs' ranges.
  public let origin: NonFiniteError?
  /// Whether the parameters were finite, so that the step itself overflowed.
  public let parametersAreFinite: Bool

  /// A sentence: where, and from which inputs.
  public var description: String {
    // Some processors give every NaN a sign, which says nothing.
    "the loss at step \(step) is \(loss.isNaN ? "nan" : "\(loss)")"
      + (origin.map { ": \($0)" } ?? "")
  }
}

/// What is minimized: the loss and the penalties on the weights.
struct Cost: Sendable {
  private let loss: LossFunction
  private let penalty: WeightPenalty

  init(_ settings: TrainingSettings) {
    loss = settings.loss
    penalty = WeightPenalty(l1: settings.l1, l2: settings.l2)
  }

  func callAsFunction<T: TensorProtocol>(_ outputs: T, _ targets: T, _ pass: Pass<T>) -> T {
    penalty.added(to: loss(outputs, targets), on: pass.all, examples: outputs.shape[0])
  }
}
