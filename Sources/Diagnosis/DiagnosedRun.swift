import Datasets
import Findings
import Plumbline
import Training

/// A training run observed by instruments, and what they say about it.
public struct DiagnosedResult<Scalar: TrainableScalar>: Sendable {
  /// The result of the run: bit-identical to that without instruments.
  public let result: TrainingResult<Scalar>
  /// What is wrong with the run, and the evidence for it.
  public var diagnosis: Diagnosis

  /// A result with its diagnosis.
  package init(result: TrainingResult<Scalar>, diagnosis: Diagnosis) {
    self.result = result
    self.diagnosis = diagnosis
  }
}

/// The instruments of one run, which its steps and its checkpoints both look at.
private final class Observer<Scalar: TrainableScalar> {
  var instruments: Instruments<Scalar>

  init(_ instruments: Instruments<Scalar>) { self.instruments = instruments }
}

extension TrainingRun {
  /// Trains under instruments, and diagnoses the run.
  ///
  /// - Parameters:
  ///   - baseError: The lowest error that anybody could reach, from which bias is measured; `nil` if unknown.
  ///   - classesAsValues: The number of classes if the targets are class numbers; `nil` if they are not.
  ///   - columnNames: The column that each feature comes from, if they come from a table.
  ///   - takesInputsFromData: Whether the number of the network's inputs follows from the data; `nil` if unknown.
  ///   - chosenWithLayers: The options that were chosen together with the layers, and would not be if the command gave layers; `nil`
  ///     for none.
  ///   - measuringSharpness: Whether the sharpness is measured at the end of plain gradient descent. For small networks only: it
  ///     takes the time and memory of several hundred steps.
  ///   - workers: The threads that may take part; they do not affect results.
  ///   - checkpoints: Where the state of the run is saved and resumed from; `nil` for nowhere.
  ///   - shouldStop: Called after every event; `true` ends the run and keeps its results so far.
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  public func diagnosed(
    baseError: Double? = nil, classesAsValues: Int? = nil, columnNames: [String]? = nil,
    takesInputsFromData: Bool? = nil, chosenWithLayers: String? = nil,
    measuringSharpness: Bool = false,
    workers: Workers = .single, checkpoints: CheckpointFiles? = nil,
    shouldStop: (Event) -> Bool = { _ in false }
  ) throws(Problem) -> DiagnosedResult<Scalar> {
    var run = self
    let start = initialParameters
    run.initial = start
    let observer = Observer(Instruments(network, on: train, settings, at: start))
    var continuation = checkpoints.map {
      Continuation($0, start.layout) { observer.instruments.observation }
    }
    if let state = continuation?.start, !observer.instruments.restore(from: state) {
      continuation?.start = nil
    }
    let result = try run.result(
      workers: workers, continuing: continuation,
      observer: { loss, gradient, parameters in
        observer.instruments.record(loss: loss, gradient: gradient, parameters: parameters)
      }, shouldStop: shouldStop)
    let instruments = observer.instruments
    var outcome = outcome(of: result)
    outcome.baseError = baseError
    outcome.classesAsValues = classesAsValues
    outcome.columnNames = columnNames
    outcome.takesInputsFromData = takesInputsFromData
    outcome.chosenWithLayers = chosenWithLayers
    outcome.startsFromParameters = initial != nil
    if measuringSharpness, settings.optimizer == .sgd {
      let sharpness = Sharpness(
        of: network, at: result.parameters, on: train, loss: settings.loss,
        key: settings.key["sharpness"])
      if sharpness.value.isFinite { outcome.sharpness = sharpness.value }
    }
    outcome.data = DataEvidence(
      train: train, dev: dev, test: test, loss: settings.loss,
      columnNames: columnNames)
    var evidence = instruments.evidence(at: result.parameters, outcome: outcome)
    if evidence.leavesGap, let other = dev ?? test {
      evidence.relation = SetRelation(
        of: train, on: other, loss: settings.loss, key: settings.key["references"])
    }
    if let far = dev.flatMap({ FarTargets(of: $0, beside: train, loss: settings.loss) }) {
      evidence.farTargets = far
    }
    var diagnosis = Diagnosis(evidence)
    if result.ending != .stopped, let rate = try rate(suiting: diagnosis, workers) {
      evidence.workingRate = rate
      diagnosis = Diagnosis(evidence)
    }
    return DiagnosedResult(result: result, diagnosis: diagnosis)
  }

  /// The rate that gets farthest in a few steps, if the run's own is at fault: tried rather than guessed.
  private func rate(suiting diagnosis: Diagnosis, _ workers: Workers) throws(Problem) -> Double? {
    let causes = diagnosis.findings.map(\.cause)
    let isTooLarge =
      causes.contains(.learningRateTooLarge) || causes.contains(.updateKilledUnits)
    guard isTooLarge || causes.contains(.learningRateTooSmall) else { return nil }
    let planned = max(1, diagnosis.evidence.plannedSteps)
    let rates = RateTrials.rates(isTooLarge ? .smaller : .larger, than: settings.learningRate)
    let best = try RateTrial(self, steps: RateTrials.steps(ofRun: planned)).best(
      of: rates, workers: workers)
    guard isTooLarge, let best else { return best }
    // At the edge of what is stable, a rate may learn for a while and diverge later.
    let whole = RateTrial(self, steps: min(planned, 2000))
    for rate in rates.drop(while: { $0 > best }).prefix(3)
    where try whole.learns(at: rate, below: diagnosis.evidence.baseRate.loss, workers: workers) {
      return rate
    }
    return best
  }

  /// What the result says that the instruments do not see.
  private func outcome(of result: TrainingResult<Scalar>) -> RunOutcome {
    var outcome = RunOutcome()
    (outcome.train, outcome.dev, outcome.test) = (result.train, result.dev, result.test)
    (outcome.devCount, outcome.testCount) = (dev?.count, test?.count)
    outcome.devCurve = result.epochs.compactMap { epoch in
      epoch.dev.map { RunOutcome.Point(step: epoch.stepsDone, loss: $0.loss) }
    }
    if case .nonFinite(let failure) = result.ending {
      outcome.failure = RunOutcome.Failure(
        step: failure.step, layer: failure.origin?.layer, operation: failure.origin?.operation,
        description: failure.description)
    }
    return outcome
  }
}
