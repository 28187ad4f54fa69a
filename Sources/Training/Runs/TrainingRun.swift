import Datasets
import Findings
import Plumbline

/// One training of one network from beginning to end, with evaluations in between: a value that determines its
/// result.
///
/// ```swift
/// var settings = TrainingSettings(loss: .crossEntropy)
/// settings.length = .epochs(20)
/// let result = try TrainingRun(network, on: train, settings, dev: dev).result()
/// print(result.train.error, result.dev?.error, result.ending)
/// ```
public struct TrainingRun<Scalar: TrainableScalar>: Sendable {
  /// The network.
  public var network: any Layer
  /// The training examples; those that decide when to stop; the test examples, which do not influence anything.
  public var train: Examples<Scalar>, dev: Examples<Scalar>?, test: Examples<Scalar>?
  /// The settings.
  public var settings: TrainingSettings
  /// The values to start from; `nil` for those of the seed.
  public var initial: Parameters<Scalar>?
  /// The epochs between two evaluations; `nil` for one in each epoch, and about a hundred in long runs. 0 for none
  /// but the last.
  public var evaluationInterval: Int?

  /// A run with these settings.
  public init(
    _ network: any Layer, on train: Examples<Scalar>, _ settings: TrainingSettings,
    dev: Examples<Scalar>? = nil, test: Examples<Scalar>? = nil,
    from initial: Parameters<Scalar>? = nil, evaluationInterval: Int? = nil
  ) {
    self.network = network
    self.train = train
    self.settings = settings
    self.dev = dev
    self.test = test
    self.initial = initial
    self.evaluationInterval = evaluationInterval
  }

  /// Progress events.
  public enum Event: Sendable {
    /// A step was taken: its number, counted from 0, and its loss before the update.
    case step(Int, loss: Double)
    /// An epoch is complete, or the run is in the middle of one.
    case epoch(TrainingEpoch)
  }

  /// Observes a step after its update: the loss before it, penalties included, the gradient that it followed, and the
  /// parameters after it.
  public typealias StepObserver = (
    _ loss: Double, _ gradient: Parameters<Scalar>, _ parameters: Parameters<Scalar>
  ) -> Void

  /// The values that the run starts from.
  public var initialParameters: Parameters<Scalar> {
    initial ?? settings.initialParameters(of: network)
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - workers: The threads that may take part; they do not affect results.
  ///   - shouldStop: Called after every event; `true` ends the run and keeps the results so far.
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  public func result(
    workers: Workers = .single, shouldStop: (Event) -> Bool = { _ in false }
  ) throws(Problem) -> TrainingResult<Scalar> {
    try result(workers: workers, observer: { _, _, _ in }, shouldStop: shouldStop)
  }

  /// Where a training saves its state, where it resumes from, and what its observer has seen so far.
  public struct Continuation {
    let files: CheckpointFiles
    /// The state from which the run resumed; `nil` if it starts at the beginning.
    public var start: TrainingCheckpoint<Scalar>?
    /// What the observer has seen so far, in its own form.
    let observation: () -> [UInt8]

    /// A run that resumes from the last state in these files, if there is one.
    public init(
      _ files: CheckpointFiles, _ layout: ParameterLayout, observation: @escaping () -> [UInt8]
    ) {
      self.files = files
      self.observation = observation
      start = files.latest(layout)
    }
  }

  /// Trains while an observer watches after every update, which does not change any result.
  ///
  /// - Parameters:
  ///   - workers: The threads that may take part; they do not affect results.
  ///   - continuation: Where the run saves its state; `nil` for nowhere.
  ///   - observer: Called after every update.
  ///   - shouldStop: Called after every event; `true` ends the run and keeps the results so far.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func result(
    workers: Workers = .single, continuing continuation: Continuation? = nil,
    observer: StepObserver, shouldStop: (Event) -> Bool = { _ in false }
  ) throws(Problem) -> TrainingResult<Scalar> {
    var trainer = try Trainer(network, on: train, settings, from: initial, workers: workers)
    let stepsPerEpoch = trainer.batches.batchesPerEpoch
    let epochCount = (trainer.stepCount + stepsPerEpoch - 1) / stepsPerEpoch
    let interval = evaluationInterval ?? (settings.earlyStopping == nil ? epochCount / 100 : 1)
    var losses: [Double] = []
    // A run that is meant to be stopped by hand may request more steps than fit into memory.
    losses.reserveCapacity(min(trainer.stepCount, 1 << 20))
    var epochs: [TrainingEpoch] = []
    var best: TrainingCheckpoint<Scalar>.Best?
    var ending = TrainingEnding.finished
    let clock = ContinuousClock()
    var start = clock.now
    if let state = continuation?.start {
      trainer.restore(state)
      (losses, epochs, best) = (state.losses, state.epochs, state.best)
      start -= .seconds(state.seconds)
    }
    var writer = continuation.map { CheckpointWriter<Scalar>($0.files, trainer.parameters.layout) }

    /// The state before the next step, whose loss must be known before the state is kept.
    func state(_ trainer: Trainer<Scalar>) -> TrainingCheckpoint<Scalar> {
      TrainingCheckpoint(
        parameters: trainer.parameters, optimizer: trainer.optimizerState, losses: losses,
        epochs: epochs, best: best, seconds: (clock.now - start) / .seconds(1),
        observation: continuation?.observation() ?? [])
    }

    func epoch(evaluated isEvaluated: Bool) -> TrainingEpoch {
      let number = (losses.count - 1) / stepsPerEpoch
      let batches = losses.dropFirst(number * stepsPerEpoch)
      return TrainingEpoch(
        epoch: number + 1, stepsDone: trainer.stepsDone,
        meanBatchLoss: batches.reduce(0, +) / Double(batches.count),
        train: isEvaluated ? evaluation(trainer.parameters, train) : nil,
        dev: isEvaluated || settings.earlyStopping != nil
          ? dev.map { evaluation(trainer.parameters, $0) } : nil,
        learningRate: trainer.learningRate, seconds: (clock.now - start) / .seconds(1))
    }

    while ending == .finished, trainer.stepsDone < trainer.stepCount {
      let step = trainer.stepsDone
      let isDue = step > 0 && writer?.isDue == true
      let before = isDue ? writer?.taking { state(trainer) } : nil
      do {
        losses.append(try trainer.step())
      } catch {
        ending = .nonFinite(error)
        break
      }
      if let before { writer?.write(before) }
      observer(losses[step], trainer.gradient, trainer.parameters)
      if shouldStop(.step(step, loss: losses[step])) {
        ending = .stopped
        // A finished epoch is evaluated first, so that a resumed run begins with the next.
        guard trainer.stepsDone.isMultiple(of: stepsPerEpoch) else { break }
      }
      guard trainer.stepsDone.isMultiple(of: stepsPerEpoch) else { continue }
      let isEvaluated =
        evaluationInterval != 0 && (step / stepsPerEpoch).isMultiple(of: max(1, interval))
        && trainer.stepsDone < trainer.stepCount
      let epoch = epoch(evaluated: isEvaluated)
      epochs.append(epoch)
      if let rule = settings.earlyStopping, let loss = epoch.dev?.loss {
        if loss < (best?.loss ?? .infinity) - rule.minimumImprovement {
          best = .init(loss: loss, parameters: trainer.parameters, epoch: epoch.epoch)
        } else if let best, epoch.epoch - best.epoch >= rule.patience {
          ending = .stoppedEarly(bestEpoch: best.epoch)
        }
      }
      if shouldStop(.epoch(epoch)), ending == .finished { ending = .stopped }
    }
    // A finished epoch that was not evaluated would be lost to a resumed run.
    let isBetweenSteps = losses.count / stepsPerEpoch == epochs.count
    if ending == .stopped, writer != nil, isBetweenSteps, trainer.stepsDone < trainer.stepCount {
      let last = state(trainer)
      // One step further on a copy, to see whether its loss is finite.
      var ahead = trainer
      if (try? ahead.step()) != nil { writer?.write(last) }
    }
    if epochs.count * stepsPerEpoch < losses.count { epochs.append(epoch(evaluated: false)) }
    let seconds = (clock.now - start) / .seconds(1)
    let parameters = best?.parameters ?? trainer.parameters
    let trainEnd = evaluation(parameters, train)
    let (devEnd, testEnd) = (
      dev.map { evaluation(parameters, $0) }, test.map { evaluation(parameters, $0) }
    )
    if best == nil, let last = epochs.last, last.stepsDone == trainer.stepsDone, last.train == nil {
      epochs[epochs.count - 1] = last.evaluated(train: trainEnd, dev: devEnd)
    }
    return TrainingResult(
      parameters: parameters, losses: losses, epochs: epochs, ending: ending, train: trainEnd,
      dev: devEnd, test: testEnd, stepsPerEpoch: stepsPerEpoch, bestEpoch: best?.epoch,
      seconds: seconds)
  }

  private func evaluation(
    _ parameters: Parameters<Scalar>, _ examples: Examples<Scalar>
  ) -> Evaluation {
    Evaluation(of: network, parameters, on: examples, loss: settings.loss)
  }
}

/// An epoch of a run, possibly an incomplete last one.
public struct TrainingEpoch: Sendable, Codable, Hashable {
  /// Counted from 1.
  public let epoch: Int
  /// The number of updates at its end.
  public let stepsDone: Int
  /// The mean loss of its batches, penalties included, each before that step's update.
  public let meanBatchLoss: Double
  /// The evaluations at its end, if any.
  public let train: Evaluation?, dev: Evaluation?
  /// The learning rate of the next update.
  public let learningRate: Double
  /// The time since the start of the run.
  public let seconds: Double

  /// The same with evaluations at its end.
  fileprivate func evaluated(train: Evaluation?, dev: Evaluation?) -> TrainingEpoch {
    TrainingEpoch(
      epoch: epoch, stepsDone: stepsDone, meanBatchLoss: meanBatchLoss, train: train, dev: dev,
      learningRate: learningRate, seconds: seconds)
  }
}

/// How a run ended.
public enum TrainingEnding: Sendable, Equatable {
  /// After all its steps.
  case finished
  /// Because the dev loss had no new minimum; the parameters are those of the best epoch.
  case stoppedEarly(bestEpoch: Int)
  /// Because the loss was not finite; the parameters are the last with a finite loss.
  case nonFinite(NonFiniteLoss)
  /// On request.
  case stopped

  /// Whether both are of the same kind, at the same step.
  public static func == (left: TrainingEnding, right: TrainingEnding) -> Bool {
    switch (left, right) {
    case (.finished, .finished), (.stopped, .stopped): true
    case (.stoppedEarly(let left), .stoppedEarly(let right)): left == right
    case (.nonFinite(let left), .nonFinite(let right)): left.step == right.step
    default: false
    }
  }
}

/// The result of a run.
public struct TrainingResult<Scalar: TrainableScalar>: Sendable {
  /// The values at the end: the best if the run stopped early, the last good ones if a loss was not finite.
  public let parameters: Parameters<Scalar>
  /// The loss of every step before its update, penalties included.
  public let losses: [Double]
  /// The epochs.
  public let epochs: [TrainingEpoch]
  /// How the run ended.
  public let ending: TrainingEnding
  /// The evaluations of ``parameters``.
  public let train: Evaluation, dev: Evaluation?, test: Evaluation?
  /// The number of steps per epoch.
  public let stepsPerEpoch: Int
  /// The epoch whose parameters these are, if early stopping chose one.
  public let bestEpoch: Int?
  /// The time that training took.
  public let seconds: Double
  /// A result of these parts.
  package init(
    parameters: Parameters<Scalar>, losses: [Double], epochs: [TrainingEpoch],
    ending: TrainingEnding, train: Evaluation, dev: Evaluation?, test: Evaluation?,
    stepsPerEpoch: Int, bestEpoch: Int?, seconds: Double
  ) {
    self.parameters = parameters
    self.losses = losses
    self.epochs = epochs
    self.ending = ending
    (self.train, self.dev, self.test) = (train, dev, test)
    self.stepsPerEpoch = stepsPerEpoch
    self.bestEpoch = bestEpoch
    self.seconds = seconds
  }

  /// The step (from 0) whose loss was not finite, or the number of steps if only the evaluation after them was not; `nil` for
  /// a run without such a loss.
  public var divergedAtStep: Int? {
    if case .nonFinite(let failure) = ending { return failure.step }
    return train.isFinite ? nil : losses.count
  }
}
