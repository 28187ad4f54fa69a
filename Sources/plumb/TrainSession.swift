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
  /// How the features of all sets were shifted and scaled.
  private let normalization: Normalization?
  /// The classes that are fitted as numbers, if that was requested.
  private let classesAsValues: Int?
  /// How the examples were adapted, if that is worth a line.
  private let notes: [String]
  /// How real targets were shifted and scaled.
  private let targetScale: Normalization?
  /// The options that were chosen together with the layers.
  private let chosenWithLayers: String?

  /// - Parameter known: The data, if they have been read; `nil` to read them.
  init(_ options: ParsedOptions, known: (sets: LabelledSets, note: String?)? = nil) throws {
    try TrainCommand.check(options)
    self.options = options
    let found = try known ?? TrainCommand.sets(options)
    sets = found.sets
    let defaults = TrainDefaults(options, for: sets.train)
    chosenWithLayers = defaults.chosenWithLayers
    let trained = try TrainedNetwork(options, for: sets, hidden: defaults.hidden)
    let description = trained.description
    classesAsValues = trained.classesAsValues
    do {
      network = try description.network()
    } catch {
      throw error.preventing("the network cannot be built")
    }
    guard ParameterLayout(of: network).count > 0 else {
      throw Problem(
        problem: "the network has no parameters, so there is nothing to train",
        remedy: "add a layer with weights, such as "
          + "dense")
    }
    try Self.checkMemory(network, options, examples: sets.train.exampleCount)
    let outputs = network.outputShape.elementCount
    guard network.outputShape.rank == 1 else {
      throw Problem(
        problem:
          "the network outputs \(network.outputShape) per example, but losses need a row of "
          + "numbers",
        remedy:
          "end it with global-average-pool or flatten, and a dense layer"
      )
    }
    let loss = try TrainedLoss.loss(trained.loss, options, for: sets.train, outputs: outputs)
    let idleScale = try Self.noteOnIdleScale(options, loss, sets.train)
    func examples(_ data: LabelledSet) throws(Problem) -> Examples<Scalar> {
      try Examples(data, input: description.input, outputs: outputs, loss: loss)
    }
    var train = try examples(sets.train)
    var dev = try sets.dev.map { data throws(Problem) in try examples(data) }
    var test = try sets.test.map { data throws(Problem) in try examples(data) }
    normalization = defaults.normalization.map {
      Normalization(fitting: train.features, scope: $0)
    }
    if let normalization {
      train = train.normalized(by: normalization)
      dev = dev?.normalized(by: normalization)
      test = test?.normalized(by: normalization)
    }
    for (part, examples) in [("train", train), ("dev", dev), ("test", test)] {
      guard let examples else { continue }
      do throws(Problem) {
        try network.check(examples.features)
      } catch {
        throw Problem(
          subject: part, location: error.location, problem: error.problem, remedy: error.remedy)
      }
    }
    targetScale =
      defaults.scalesTargets && loss.targets == .reals
      ? Normalization(fitting: train.targets, scope: .perFeature) : nil
    if let targetScale {
      train = train.scalingTargets(by: targetScale)
      dev = dev?.scalingTargets(by: targetScale)
      test = test?.scalingTargets(by: targetScale)
    }
    let settings = try TrainOptions.settings(options, loss: loss, examples: train.count)
    var initial: Parameters<Scalar>? = try options[TrainCommand.parameterFile].map {
      [network] path in
      try ParameterFile.read(path, into: network, layout: options[TrainCommand.layout])
    }
    var beginning: String?
    if initial != nil, options.isGiven(NetworkOptions.initialization) {
      // As with a file that describes the network: options override the file, so that a remedy can be appended to the command.
      initial = nil
      beginning = "--init initializes the weights, so those in --parameters are not used"
    }
    notes = [
      beginning, defaults.note, Self.noteOnReplaced(options), found.note,
      TrainedLoss.note(loss, sets.train),
      TrainedLoss.noteOnClasses(loss, network.description.output, sets.train),
      TrainedTable.noteOnManyClasses(sets.train),
      targetScale.map(TrainDefaults.text(ofTargetScale:)),
      idleScale,
    ].compactMap { $0 }
    guard dev != nil || settings.earlyStopping == nil else {
      throw Problem(
        setting: "--early-stopping", problem: "there is no dev set to decide when to stop",
        remedy: "give data with dev_x and dev_y, or --split "
          + "60,20,20")
    }
    run = TrainingRun(network, on: train, settings, dev: dev, test: test, from: initial)
    // Checks what the trainer would refuse, before anything is written.
    _ = try Trainer(network, on: train, settings, from: initial)
    request = TrainingRequest(
      run, of: network, precision: options[TrainCommand.precision], data: sets.train.provenance,
      normalization: normalization?.scope)
  }

  /// Options that a remedy brings take the place of those that said the same in other units.
  private static func noteOnReplaced(_ options: ParsedOptions) -> String? {
    let pairs = [
      (
        "--hidden", options.isGiven(NetworkOptions.hidden), "--network",
        options[NetworkOptions.network] != nil
      ),
      (
        "--steps", options.isGiven(TrainOptions.steps), "--epochs",
        options.isGiven(TrainOptions.epochs)
      ),
    ]
    let notes = pairs.filter { $0.1 && $0.3 }.map { "note: \($0.0) takes the place of \($0.2)" }
    return notes.isEmpty ? nil : notes.joined(separator: "\n")
  }

  /// A note that targets are to be scaled that are not amounts; `nil` if they are, or are not to be scaled.
  ///
  /// - Throws: ``/Findings/Problem`` unless a loss or an output was given: the remedy for a loss in a finding can be appended to any
  ///   command.
  private static func noteOnIdleScale(
    _ options: ParsedOptions, _ loss: LossFunction, _ data: LabelledSet
  ) throws(Problem) -> String? {
    guard options[TrainCommand.scaleTargets], loss.targets != .reals else { return nil }
    let kind =
      loss.targets == .counts ? "counts" : data.classCount == nil ? "yes/no labels" : "classes"
    guard TrainedLoss.isChosen(options) else {
      throw Problem(
        setting: "--scale-targets", problem: "it does nothing here: the targets are \(kind)",
        remedy: "leave it out")
    }
    return "--scale-targets has no effect: the targets are \(kind)"
  }

  /// Throws if the training needs more memory than is available.
  private static func checkMemory(
    _ network: Network, _ options: ParsedOptions, examples: Int
  ) throws(Problem) {
    let batch = min(options[TrainOptions.batch] ?? 128, examples)
    let memory = TrainingMemory(network, batch: batch, precision: Scalar.self)
    try memory.require(
      for: "a network of \(NumberFormat.count(Int(memory.parameters))) parameters on batches of "
        + NumberFormat.count(batch),
      batch: "batch", network: "network"
    ) { "give --batch \($0), which fits" }
  }

  func carryOut() throws -> ExitStatus {
    if options[LearningRateOptions.find] {
      print("\(sets.summary)\n\n\(NetworkReport.text(network))")
      return try LearningRateReport.carryOut(
        run, request, options, folder: options[TrainCommand.out], json: options[TrainCommand.json],
        workers: Workers(threadCount))
    }
    let target = try options[TrainCommand.out].map { try taken($0) }
    if let target, isComplete(target) {
      // Left by a process that was killed after it had published everything.
      CheckpointFiles.removeAll(in: target.folder.checkpoints)
      print(
        "\(target.folder.path): this training is already there, so nothing was trained; --force trains again"
      )
      let hasDiverged = target.folder.record(Recorded.self)?.summary?.diverged ?? false
      return hasDiverged ? .answerIsNo : .done
    }
    print(sets.summary)
    let distributions = DistributionCheck(sets.all)
    if distributions.verdict != .same { print(distributions) }
    print("\n" + NetworkReport.text(network))
    for note in notes { print(note) }
    print(TrainOptions.text(run.settings, examples: run.train.count) + "\n")
    if options[NetworkOptions.residual], network.description.residualBlockCount == 0 {
      print(
        "note: no two consecutive hidden layers have equal width, so there are no residual blocks\n"
      )
    }
    // The run checks for signals itself, so that its results are kept if there is a folder.
    if let target {
      Interrupts.noteThatFinishedWorkIsKept()
      if options[TrainCommand.force] {
        LearningRateLadder<Scalar>.removeJournal(in: target.folder)
        CheckpointFiles.removeAll(in: target.folder.checkpoints)
      }
    }
    return try Interrupts.finishing {
      var (runs, kept) = try trainAll(target?.folder)
      if options[TrainCommand.explain] { runs[kept].run.diagnosis = try explained(runs[kept]) }
      let report = TrainingReport(runs[kept].request, runs[kept].run)
      let isKept = try target.map { try write(report, runs, kept: kept, $0) } ?? false
      if let path = options[TrainCommand.json] {
        try AtomicFile.write(JSONText.prettyEncoder.encode(TrainResult(report)), to: path)
      }
      printOutcome(report, isKept ? target?.folder : nil)
      if let target, !isKept {
        print("\(target.folder.path): an existing result has more steps and was left as it is")
      }
      print("\ndiagnosis: \(runs[kept].run.diagnosis)")
      return report.outcome.diverged ? .answerIsNo : .done
    }
  }

  /// A completed run.
  private typealias Run = (request: TrainingRequest, run: DiagnosedResult<Scalar>)

  /// Where the run, or each of a ladder, keeps its state.
  private func checkpoints(in folder: ResultsFolder) throws -> CheckpointFiles {
    let key = try request.key
    return CheckpointFiles(
      in: folder.checkpoints, named: key, identity: "\(key) \(Provenance.numericalVersion)",
      pace: .init(seconds: options[StudyOptions.checkpoint]))
  }

  /// The runs, those of a ladder or a single one, and the index of the one that is kept.
  private func trainAll(_ folder: ResultsFolder?) throws -> (runs: [Run], kept: Int) {
    let checkpoints = try folder.map { try self.checkpoints(in: $0) }
    guard let count = options[LearningRateOptions.ladder] else {
      return ([(request, try train(checkpoints))], 0)
    }
    let journal = try folder.map { folder throws in
      try LearningRateLadder<Scalar>.journal(in: folder)
    }
    if let journal, journal.count > 0 {
      print("\(journal.count) of the \(count) rates are already done")
    }
    let ladder = try LearningRateLadderReport(
      run, rungs: count, threads: threadCount, journal: journal,
      checkpoints: checkpoints)
    print(ladder.text)
    let runs = ladder.rungs.map { (request.atLearningRate($0.rate), $0.run) }
    return (runs, ladder.rungs.firstIndex { $0.rate == ladder.best.rate } ?? 0)
  }

  /// What distinguishes a folder from others.
  private var sweepKey: String {
    get throws {
      try request.key + (options[LearningRateOptions.ladder].map { "-ladder-\($0)" } ?? "")
    }
  }

  private var threadCount: Int {
    options[TrainCommand.threads] ?? ProcessInfo.processInfo.activeProcessorCount
  }

  private func train(_ checkpoints: CheckpointFiles?) throws -> DiagnosedResult<Scalar> {
    let steps = run.settings.steps(
      batchesPerEpoch: try run.settings.batches(of: run.train.count).batchesPerEpoch)
    let batch = run.settings.batchSize ?? run.train.count
    let layout = run.initialParameters.layout
    let start: TrainingCheckpoint<Scalar>? = checkpoints?.latest(layout)
    if let start { print("resumes from step \(start.step) of \(steps), whose state was saved\n") }
    let bar = ProgressBar(
      "training", items: min(steps, .max / batch) * batch, unit: "examples",
      doneItems: (start?.step ?? 0) * batch)
    defer { bar.finish() }
    var (loss, error) = ("", "")
    return try run.diagnosed(
      baseError: options[TrainCommand.baseError], classesAsValues: classesAsValues,
      columnNames: sets.preparation?.featureColumns,
      takesInputsFromData: options[NetworkOptions.network] == nil,
      chosenWithLayers: chosenWithLayers,
      workers: Workers(threadCount), checkpoints: checkpoints
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
      typed: { try self.run(typing: $0, at: carriedOut.request.settings.learningRate) },
      shouldStop: { Interrupts.isRequested })
  }

  /// The run of this command with these options in place of its own.
  ///
  /// - Parameter rate: The rate of a ladder that was kept.
  private func run(typing words: [String], at rate: Double) throws -> TrainingRun<Scalar> {
    let command = TrainCommand.command
    let typed = try command.parse(words, after: options)
    let names = words.map { $0.prefix { $0 != "=" } }
    let readAgain = Set(TrainCommand.readingOptions.map { $0.description.name[...] })
    let session = try TrainSession(
      typed, known: readAgain.isDisjoint(with: names) ? (sets, nil) : nil)
    var run = session.run
    if options[LearningRateOptions.ladder] != nil, !typed.isGiven(TrainOptions.learningRate) {
      run.settings.learningRate = rate
    }
    return run
  }

  // MARK: What is written

  /// The files that a training may leave in its folder.
  static var fileNames: [String] {
    [
      "parameters.npz", "parameters.safetensors", "normalization.npz",
      StoredNetwork.fileName, "diagnosis.json",
    ] + ResultsFolder.publishedNames
  }

  /// A folder that a training has taken.
  private typealias Target = StudyFolder<TrainingRequest, TrainingOutcome>

  /// What a record says about its result.
  private struct Recorded: Decodable {
    struct Summary: Decodable { let steps: Int, diverged: Bool }
    let summary: Summary?
  }

  /// Takes the folder of the results, and notes in its record what begins.
  private func taken(_ path: String) throws -> Target {
    let target = try Target(
      ResultsFolder(path: path),
      StudyRecord(
        study: "train", sweepKey: try sweepKey, provenance: Provenance(), configuration: request,
        data: .init(
          name: sets.train.name, statement: sets.train.provenance, hash: request.dataHash,
          examples: run.train.count)))
    try target.begin()
    return target
  }

  /// Whether the folder holds all that is requested.
  private func isComplete(_ target: Target) -> Bool {
    target.status == .complete && options[TrainCommand.json] == nil
      && !options[TrainCommand.explain] && !options[TrainCommand.force]
  }

  /// Whether a run that a signal has ended got less far than the result in the folder.
  private func isBehind(_ report: TrainingReport, _ target: Target) -> Bool {
    if options[TrainCommand.force] { return false }
    if target.status == .complete { return true }
    let steps = target.folder.record(Recorded.self)?.summary?.steps
    return steps.map { $0 >= report.outcome.steps } ?? false
  }

  /// Writes all files, unless the folder holds a result that got further.
  ///
  /// - Returns: Whether they were written.
  private func write(
    _ report: TrainingReport, _ runs: [Run], kept: Int, _ target: Target
  ) throws -> Bool {
    let isInterrupted = runs.contains { $0.run.result.ending == .stopped }
    if isInterrupted, isBehind(report, target) { return false }
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
    let stored = StoredNetwork(
      network: network.description,
      data: DataPreparation(of: sets, normalization: normalization, targetScale: targetScale))
    attachments.append((StoredNetwork.fileName, try stored.json()))
    attachments.append(("diagnosis.json", try runs[kept].run.diagnosis.json()))
    let lines = try runs.map { try RunLine($0.request, TrainingOutcome($0.run)).text }
    attachments.append(("runs.jsonl", Data(lines.map { $0 + Data("\n".utf8) }.joined())))
    // Even if the folder was removed in the meantime, the result is written.
    try FileManager.default.createDirectory(
      atPath: target.folder.path, withIntermediateDirectories: true)
    var target = target
    target.record.configuration = report.request
    try target.publish(
      report, attachments: attachments, status: isInterrupted ? .interrupted : .complete)
    // What it had kept is now in the files.
    if !isInterrupted {
      LearningRateLadder<Scalar>.removeJournal(in: target.folder)
      CheckpointFiles.removeAll(in: target.folder.checkpoints)
    }
    return true
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
