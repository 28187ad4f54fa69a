import Datasets
import Findings
import Plumbline
import Training

/// A training that instruments looked on at, and what they say of it.
public struct DiagnosedResult<Scalar: TrainableScalar>: Sendable {
  /// What came out of the run: the same, to the bit, as without instruments.
  public let result: TrainingResult<Scalar>
  /// What is wrong with the run, and what that rests on.
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
  /// Trains while instruments look on, and diagnoses the run.
  ///
  /// - Parameters:
  ///   - baseError: The error that nobody could go below, which bias is measured from; `nil` if it is not known.
  ///   - classesAsValues: The number of classes that the targets are the numbers of; `nil` if they are not.
  ///   - columnNames: The column that each feature comes from, where they are of a table.
  ///   - measuringSharpness: Whether the sharpness is measured at the end of plain gradient descent. Of a small network: it
  ///     takes some hundred steps' time and the memory of as many.
  ///   - workers: The threads that may take part; they change no number.
  ///   - checkpoints: Where the state of the run is kept, and gone on from; `nil` for nowhere.
  ///   - shouldStop: Called after every event; `true` ends the run and keeps what there is.
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  public func diagnosed(
    baseError: Double? = nil, classesAsValues: Int? = nil, columnNames: [String]? = nil,
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
    return DiagnosedResult(result: result, diagnosis: Diagnosis(evidence))
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
