import Console
import Datasets
import Diagnosis
import Experiments
import Findings
import Foundation
import Networks
import Plumbline
import Training

/// One call of `plumb train`: everything is read and checked first, then carried out.
struct TrainSession<Scalar: TrainableScalar> {
  private let options: ParsedOptions
  private let sets: LabelledSets
  private let network: Network
  private let run: TrainingRun<Scalar>
  private let request: TrainingRequest
  /// What the features of all sets were shifted and scaled by.
  private let normalization: Normalization?
  /// The classes that are fitted as numbers, where that was asked for.
  private let classesAsValues: Int?
  /// What was made of the examples, where that is worth a line.
  private let note: String?
  /// What real targets were shifted and scaled by.
  private let targetScale: TargetScale<Scalar>?
  private let provenance = Provenance()

  init(_ options: ParsedOptions) throws {
    try TrainCommand.checkPaths(options)
    self.options = options
    sets = try TrainCommand.sets(options)
    let trained = try TrainedNetwork(options, for: sets.train)
    let (description, loss) = (trained.description, trained.loss)
    classesAsValues = trained.classesAsValues
    do {
      network = try description.network()
    } catch {
      throw RequestError("the network cannot be built: \(error.description)")
    }
    guard ParameterLayout(of: network).count > 0 else {
      throw RequestError(
        "the network has no parameters, so there is nothing to train: give it a layer with weights, such as "
          + "dense")
    }
    let outputs = network.outputShape.elementCount
    guard network.outputShape.rank == 1 else {
      throw RequestError(
        "the network puts out \(network.outputShape) for an example, and losses take a row of "
          + "numbers: end it with global-average-pool or flatten, and a dense layer")
    }
    func examples(_ data: LabelledSet) throws(Problem) -> Examples<Scalar> {
      try Examples(data, input: description.input, outputs: outputs, loss: loss)
    }
    var train = try examples(sets.train)
    var dev = try sets.dev.map { data throws(Problem) in try examples(data) }
    var test = try sets.test.map { data throws(Problem) in try examples(data) }
    normalization = options[TrainCommand.normalize].map {
      Normalization(fitting: train.features, scope: $0)
    }
    if let normalization {
      train = train.normalized(by: normalization)
      dev = dev?.normalized(by: normalization)
      test = test?.normalized(by: normalization)
    }
    targetScale = try TargetScale(options, train, loss)
    if let targetScale {
      train = targetScale.applied(to: train)
      dev = dev.map { targetScale.applied(to: $0) }
      test = test.map { targetScale.applied(to: $0) }
    }
    let given = train.count
    if options[TrainCommand.classWeights] != nil { train = try train.balanced(loss) }
    let settings = try TrainOptions.settings(options, loss: loss, examples: train.count)
    note =
      train.count == given
      ? nil : "balanced: \(given) examples, those of rare classes repeated to \(train.count)"
    let initial: Parameters<Scalar>? = try options[TrainCommand.parameterFile].map {
      [network] path in
      try ParameterFile.read(path, into: network, layout: options[TrainCommand.layout])
    }
    guard dev != nil || settings.earlyStopping == nil else {
      throw RequestError(
        "--early-stopping: there is no dev set to stop by: give data with dev_x and dev_y, or --split "
          + "60,20,20")
    }
    run = TrainingRun(network, on: train, settings, dev: dev, test: test, from: initial)
    // What the trainer would refuse, before anything is written.
    _ = try Trainer(network, on: train, settings, from: initial)
    request = TrainingRequest(
      run, of: network, precision: options[TrainCommand.precision], data: sets.train.provenance,
      normalization: normalization?.scope)
  }

  func carryOut() throws -> ExitStatus {
    if options[LearningRateOptions.find] {
      print("\(sets.summary)\n\n\(NetworkReport.text(network))")
      return try LearningRateReport.carryOut(
        run, request, options, folder: options[TrainCommand.out], json: options[TrainCommand.json],
        workers: Workers(threadCount))
    }
    let folder = try options[TrainCommand.out].map { try prepare($0) }
    print(sets.summary)
    let distributions = DistributionCheck(sets.all)
    if distributions.verdict != .same { print(distributions) }
    print("\n" + NetworkReport.text(network))
    if let note { print(note) }
    if let targetScale { print(targetScale.text) }
    print(TrainOptions.text(run.settings, examples: run.train.count) + "\n")
    if options[NetworkOptions.residual], network.description.residualBlockCount == 0 {
      print(
        "note: no two hidden layers in a row keep their width, so there is no residual block\n")
    }
    // The run looks at signals itself, so that what it has is kept.
    return try Interrupts.finishing {
      var (runs, kept) = try trainAll()
      if options[TrainCommand.explain] { runs[kept].run.diagnosis = try explained(runs[kept]) }
      let report = TrainingReport(runs[kept].request, runs[kept].run)
      try folder.map { try write(report, runs, kept: kept, $0) }
      if let path = options[TrainCommand.json] {
        try AtomicFile.write(JSONText.prettyEncoder.encode(TrainResult(report)), to: path)
      }
      printOutcome(report, folder)
      print("\ndiagnosis: \(runs[kept].run.diagnosis)")
      return report.outcome.diverged ? .answerIsNo : .done
    }
  }

  /// A run that was carried out.
  private typealias Run = (request: TrainingRequest, run: DiagnosedResult<Scalar>)

  /// The runs, those of a ladder or the only one, and the place of that which is kept.
  private func trainAll() throws -> (runs: [Run], kept: Int) {
    guard let count = options[LearningRateOptions.ladder] else {
      return ([(request, try train())], 0)
    }
    let ladder = try LearningRateLadderReport(run, rungs: count, threads: threadCount)
    print(ladder.text)
    let runs = ladder.rungs.map { (request.atLearningRate($0.rate), $0.run) }
    return (runs, ladder.rungs.firstIndex { $0.rate == ladder.best.rate } ?? 0)
  }

  /// What a folder is told apart by.
  private var sweepKey: String {
    get throws {
      try request.key + (options[LearningRateOptions.ladder].map { "-ladder-\($0)" } ?? "")
    }
  }

  private var threadCount: Int {
    options[TrainCommand.threads] ?? ProcessInfo.processInfo.activeProcessorCount
  }

  private func train() throws -> DiagnosedResult<Scalar> {
    let steps = run.settings.steps(
      batchesPerEpoch: try run.settings.batches(of: run.train.count).batchesPerEpoch)
    let batch = run.settings.batchSize ?? run.train.count
    let bar = ProgressBar(
      "training", items: min(steps, .max / batch) * batch, unit: "examples")
    defer { bar.finish() }
    var (loss, error) = ("", "")
    return try run.diagnosed(
      baseError: options[TrainCommand.baseError], classesAsValues: classesAsValues,
      workers: Workers(threadCount)
    ) { event in
      switch event {
      case .step(let step, let value):
        if step.isMultiple(of: 16) {
          loss = "loss " + NumberFormat.significant(value, digits: 3)
        }
        bar.advance(items: batch, label: loss + error)
      case .epoch(let epoch):
        if let evaluation = epoch.dev ?? epoch.train, let share = evaluation.error {
          error =
            "  \(epoch.dev == nil ? "" : "dev ")error " + NumberFormat.percent(share, decimals: 1)
        }
        bar.advance(items: 0, label: "epoch \(epoch.epoch)  " + loss + error)
      }
      return Interrupts.isRequested
    }
  }

  /// The diagnosis with the runs that show its remedies.
  private func explained(_ carriedOut: Run) throws -> Diagnosis {
    var run = run
    run.settings = carriedOut.request.settings
    return try run.explained(
      carriedOut.run.diagnosis, workers: Workers(threadCount),
      shouldStop: { Interrupts.isRequested })
  }

  // MARK: What is written

  /// The files that a training may leave in its folder.
  static var fileNames: [String] {
    [
      "parameters.npz", "parameters.safetensors", "normalization.npz", "diagnosis.json",
      "runs.jsonl", "summary.csv", "figure.svg", "report.html", "record.json",
    ]
  }

  /// The record of a run that begins.
  private func record(
    of request: TrainingRequest
  ) throws -> StudyRecord<TrainingRequest, TrainingOutcome> {
    StudyRecord(
      study: "train", sweepKey: try sweepKey, provenance: provenance, configuration: request,
      data: .init(
        name: sets.train.name, statement: sets.train.provenance, hash: request.dataHash,
        examples: run.train.count))
  }

  private func prepare(_ path: String) throws -> ResultsFolder {
    let folder = ResultsFolder(path: path)
    let isNew = !FileManager.default.fileExists(atPath: path)
    try folder.prepare(study: "train", sweepKey: sweepKey)
    do {
      try folder.write(json: record(of: request), to: "record.json")
    } catch {
      // It is empty, so that nothing is left of a request that a full disk refuses.
      if isNew { rmdir(path) }
      throw error
    }
    return folder
  }

  private func write(
    _ report: TrainingReport, _ runs: [Run], kept: Int, _ folder: ResultsFolder
  ) throws {
    let parameters = runs[kept].run.result.parameters
    var attachments: [FileGroup.File] = [
      ("parameters.npz", try ParameterFile.data(parameters, format: .npz)),
      // For PyTorch, under the names and in the layout of a state_dict.
      (
        "parameters.safetensors",
        try ParameterFile.data(parameters, format: .safetensors, layout: .torch)
      ),
    ]
    if let normalization {
      attachments.append(
        (
          "normalization.npz",
          try NPZFile.data([
            (name: "mean", array: NumericArray([normalization.mean.count], normalization.mean)),
            (
              name: "standard_deviation",
              array: NumericArray(
                [normalization.standardDeviation.count], normalization.standardDeviation)
            ),
          ])
        ))
    }
    attachments.append(("diagnosis.json", try runs[kept].run.diagnosis.json()))
    let lines = try runs.map { try RunLine($0.request, TrainingOutcome($0.run)).text }
    attachments.append(("runs.jsonl", Data(lines.map { $0 + Data("\n".utf8) }.joined())))
    try folder.publish(report, record: record(of: report.request), attachments: attachments)
  }

  private func printOutcome(_ report: TrainingReport, _ folder: ResultsFolder?) {
    var table = Table([Table.Column("set", .left), "examples", "loss", "error"])
    func add(_ name: String, _ examples: Examples<Scalar>?, _ loss: Double?, _ error: Double?) {
      guard let examples else { return }
      table.add(
        name, NumberFormat.count(examples.count),
        loss.map { NumberFormat.significant($0, digits: 5) } ?? "not finite",
        error.map { NumberFormat.percent($0, decimals: 2) } ?? "")
    }
    let outcome = report.outcome
    add("train", run.train, outcome.trainLoss, outcome.trainError)
    add("dev", run.dev, outcome.devLoss, outcome.devError)
    add("test", run.test, outcome.testLoss, outcome.testError)
    print(table.text())
    print(report.endingSentence)
    print("time: \(NumberFormat.duration(seconds: outcome.seconds))")
    if let folder {
      print("figure: \(folder.file("figure.svg"))\nparameters: \(folder.file("parameters.npz"))")
    }
  }
}

/// The result as JSON.
private struct TrainResult: Encodable {
  let report: TrainingReport

  init(_ report: TrainingReport) { self.report = report }

  private enum CodingKeys: CodingKey { case losses, stepsPerEpoch, configuration }

  func encode(to encoder: any Encoder) throws {
    try report.outcome.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(report.losses, forKey: .losses)
    try container.encode(report.stepsPerEpoch, forKey: .stepsPerEpoch)
    try container.encode(report.request, forKey: .configuration)
  }
}
