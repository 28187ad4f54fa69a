import Console
import Datasets
import Experiments
import Foundation
import Plumbline
import Training

/// `plumb train`: a network of one's own on one's own data.
enum TrainCommand {
  private static let data = Option(
    required: "data", "FILE|NAME", .path,
    help:
      "the examples: NPZ (X and Y, or train_x, train_y, dev_x, ...), CSV, safetensors, IDX, CIFAR-10; or a "
      + "name: \(LabelledSets.sourceNames.joined(separator: ", ")), with settings as in "
      + "moons:noise=0.2")
  private static let split = Option(
    "split", "TRAIN,DEV,TEST", parts, defaultText: "the sets that the data have",
    help:
      "divides the training examples by shares, such as 60,20,20 or 98,1,1; stratified by class, from the seed"
  )
  private static let parts = ValueForm<SplitSizes>(
    accepted: "three numbers of at least 0 with commas between them, such as 60,20,20"
  ) { text in
    guard let shares = ValueForm<[Double]>.list(of: .number(in: 0 ... .infinity)).read(text),
      shares.count == 3
    else { return nil }
    return .ratios(train: shares[0], dev: shares[1], test: shares[2])
  }
  private static let targets = Option(
    "targets", "KIND", ValueForm<LabelledSets.TargetKind>.choice, default: .automatic,
    help: "what the labels are taken for: classes, values, or what they look like")
  private static let normalize = Option(
    "normalize", "SCOPE", scopes, defaultText: "not at all",
    help: "shifts and scales features by the training set's mean and deviation: global or "
      + "per-feature")
  private static let scopes = ValueForm<Normalization.Scope>(
    accepted: "global or per-feature", names: ["global", "per-feature"]
  ) { ["global": .global, "per-feature": .perFeature][$0] }
  private static let loss = Option(
    "loss", "NAME", ValueForm<LossFunction>.choice,
    defaultText: "what is customary after the output", help: "a mean over the examples")
  private static let parameterFile = Option(
    "parameters", "FILE", .path,
    help: "starts from the parameters of an NPZ or safetensors file, PyTorch's too")
  private static let layout = Option(
    "layout", "NAME", ValueForm<ArrayLayout>.choice, defaultText: "told by file or shapes",
    help: "how the weights of --parameters lie: rows is in x out, columns and torch are out x in")
  private static let precision = Option(
    "precision", "NAME", ValueForm<TrainingRequest.Precision>.choice, default: .float32,
    help: "float32 or float64")
  private static let threads = Option(
    "threads", "N", .integer(in: 1...4096), defaultText: "the number of cores",
    help: "threads that may take part; changes no number")
  private static let out = Option(
    "out", "DIR", .path, defaultText: "nothing is kept",
    help:
      "writes parameters.npz, record.json, runs.jsonl, diagnosis.json, summary.csv, figure.svg, report.html"
  )
  private static let json = Option(
    "json", "FILE", .path, help: "writes the result with the loss of every step as JSON")

  private static let baseError = Option(
    "base-error", "X", .number(in: 0...1), default: 0,
    help: "the error, as a fraction, that nobody can go below; bias is measured from it")
  static let explain = Option(
    flag: "explain",
    help: "trains again with the remedy of each finding, and tells what came of it")

  static let command = Command(
    "train", summary: "trains a network on your data, and says why where it does not learn",
    discussion:
      "Losses are means over the batch; --l2 X adds X/(2m) times the sum of squared weights and --l1 X adds X/m times "
      + "the sum of absolute ones, m the examples of the batch. With --precision float64 --parameters FILE --order "
      + "sequential the losses can be compared number by number with other tools. Exit status 1 means that a "
      + "loss was not finite; the last good parameters are kept then.",
    options: [data, split, targets, normalize] + NetworkOptions.described
      + [loss, parameterFile, layout] + TrainOptions.all + LearningRateOptions.all
      + [precision, baseError, explain, threads, out, json],
    examples: [
      Command.Example(
        "plumb train --data digits.npz --network 784,64,64,10 --out digits", "a classifier"),
      Command.Example(
        "plumb train --data d.csv --network 8,7,7,1 --optimizer sgd --batch full --steps 3000",
        "gradient descent on a table whose last column is 0 or 1"),
      Command.Example(
        "plumb train --data moons --network 2,16,16,1 --split 80,20,0 --early-stopping 5",
        "generated data, with a dev set that decides when to stop"),
      Command.Example(
        "plumb train --data digits.npz --network 784,64,10 --learning-rate 0.03 --ladder 5",
        "the best of five rates"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    try LearningRateOptions.check(options)
    return switch options[precision] {
    case .float32: try Session<Float>(options).carryOut()
    case .float64: try Session<Double>(options).carryOut()
    }
  }

  /// One run of the command.
  private struct Session<Scalar: TrainableScalar> {
    private let options: ParsedOptions
    private let sets: LabelledSets
    private let network: Network
    private let run: TrainingRun<Scalar>
    private let request: TrainingRequest
    private let provenance = Provenance()

    init(_ options: ParsedOptions) throws {
      try OutputFile.check(options[json], folder: options[out])
      self.options = options
      sets = try TrainCommand.sets(options)
      let description = try TrainCommand.network(options, for: sets.train)
      do {
        network = try description.network()
      } catch {
        throw RequestError("the network cannot be built: \(error.description)")
      }
      let loss = try TrainCommand.loss(options, of: description)
      let outputs = network.outputShape.elementCount
      guard network.outputShape.rank == 1 else {
        throw RequestError(
          "the network puts out \(network.outputShape) for an example, and losses take a row of "
            + "numbers: end it with global-average-pool or flatten, and a dense layer")
      }
      func examples(_ data: LabelledData) throws(DatasetError) -> Examples<Scalar> {
        try Examples(data, input: description.input, outputs: outputs, loss: loss)
      }
      var train = try examples(sets.train)
      var dev = try sets.dev.map { data throws(DatasetError) in try examples(data) }
      var test = try sets.test.map { data throws(DatasetError) in try examples(data) }
      if let scope = options[normalize] {
        let normalization = Normalization(fitting: train, scope: scope)
        train = train.normalized(by: normalization)
        dev = dev?.normalized(by: normalization)
        test = test?.normalized(by: normalization)
      }
      let settings = try TrainOptions.settings(options, loss: loss, examples: train.count)
      let initial: Parameters<Scalar>? = try options[parameterFile].map { [network] path in
        try ParameterFile.read(path, into: network, layout: options[layout])
      }
      guard dev != nil || settings.earlyStopping == nil else {
        throw RequestError(
          "--early-stopping: there is no dev set to stop by: give data with dev_x and dev_y, or --split "
            + "60,20,20")
      }
      var run = TrainingRun(network, on: train, settings, dev: dev, test: test, from: initial)
      run.baseError = options[baseError]
      self.run = run
      // What the trainer would refuse, before anything is written.
      _ = try Trainer(network, on: train, settings, from: initial)
      request = TrainingRequest(
        run, of: network, precision: options[precision], data: sets.train.provenance)
    }

    func carryOut() throws -> ExitStatus {
      if options[LearningRateOptions.find] {
        print("\(sets.summary)\n\n\(NetworkReport.text(network))")
        return try LearningRateReport.carryOut(
          run, request, options, folder: options[out], json: options[json],
          workers: Workers(threadCount))
      }
      let folder = try options[out].map { try prepare($0) }
      print(sets.summary)
      let distributions = DistributionCheck(sets.all)
      if distributions.verdict != .same { print(distributions) }
      print("\n" + NetworkReport.text(network))
      if options[NetworkOptions.residual], network.description.residualBlockCount == 0 {
        print(
          "note: no two hidden layers in a row keep their width, so there is no residual block\n")
      }
      // The run looks at signals itself, so that what it has is kept.
      return try Interrupts.finishing {
        var (runs, kept) = try trainAll()
        if options[explain] { runs[kept].result.diagnosis = try explained(runs[kept]) }
        let result = runs[kept].result
        let report = TrainingReport(runs[kept].request, result)
        try folder.map { try write(report, runs, kept: kept, $0) }
        if let path = options[json] {
          try AtomicFile.write(JSONText.prettyEncoder.encode(TrainResult(report)), to: path)
        }
        printOutcome(report, folder)
        if let diagnosis = result.diagnosis { print("\ndiagnosis: \(diagnosis)") }
        return report.outcome.diverged ? .answerIsNo : .done
      }
    }

    /// A run that was carried out.
    private typealias Run = (request: TrainingRequest, result: TrainingResult<Scalar>)

    /// The runs, those of a ladder or the only one, and the place of that which is kept.
    private func trainAll() throws -> (runs: [Run], kept: Int) {
      guard let count = options[LearningRateOptions.ladder] else {
        return ([(request, try train())], 0)
      }
      let ladder = try LearningRateLadderReport(run, rungs: count, threads: threadCount)
      print(ladder.text)
      let runs = ladder.rungs.map { (request.atLearningRate($0.rate), $0.result) }
      return (runs, ladder.rungs.firstIndex { $0.rate == ladder.best.rate } ?? 0)
    }

    /// What a folder is told apart by.
    private var sweepKey: String {
      get throws {
        try request.key + (options[LearningRateOptions.ladder].map { "-ladder-\($0)" } ?? "")
      }
    }

    private var threadCount: Int {
      options[threads] ?? ProcessInfo.processInfo.activeProcessorCount
    }

    private func train() throws -> TrainingResult<Scalar> {
      let steps = run.settings.steps(
        batchesPerEpoch: try run.settings.batches(of: run.train.count).batchesPerEpoch)
      let batch = run.settings.batchSize ?? run.train.count
      let bar = ProgressBar("training", items: steps * batch, unit: "examples")
      defer { bar.finish() }
      var (loss, error) = ("", "")
      return try run.result(workers: Workers(threadCount)) { event in
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
    private func explained(_ carriedOut: Run) throws -> Diagnosis? {
      guard var diagnosis = carriedOut.result.diagnosis else { return nil }
      var run = run
      run.settings = carriedOut.request.settings
      for index in diagnosis.findings.indices where !Interrupts.isRequested {
        diagnosis.findings[index] = try run.explained(
          diagnosis.findings[index], workers: Workers(threadCount))
      }
      return diagnosis
    }

    // MARK: What is written

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
      try folder.prepare(
        study: "train", sweepKey: sweepKey, executableHash: provenance.executableHash)
      try folder.write(json: record(of: request), to: "record.json")
      return folder
    }

    private func write(
      _ report: TrainingReport, _ runs: [Run], kept: Int, _ folder: ResultsFolder
    ) throws {
      let command = (["plumb"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
      let figure = report.figure(command: command).svg()
      try folder.write(
        ParameterFile.data(runs[kept].result.parameters, format: .npz), to: "parameters.npz")
      let diagnosis = runs[kept].result.diagnosis
      if let diagnosis { try folder.write(diagnosis.json(), to: "diagnosis.json") }
      let lines = try runs.map {
        try JSONText.encoder.encode(RunLine($0.request, TrainingOutcome($0.result)))
      }
      try folder.write(Data(lines.map { $0 + Data("\n".utf8) }.joined()), to: "runs.jsonl")
      try folder.write(Data(report.csv.utf8), to: "summary.csv")
      try folder.write(Data(figure.utf8), to: "figure.svg")
      try folder.write(
        Data(
          report.html(
            figure: figure, command: command,
            findings: diagnosis?.findings.map(\.description) ?? []
          ).utf8), to: "report.html")
      try folder.write(
        json: record(of: report.request).completed(with: report.outcome), to: "record.json")
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

  // MARK: Data, network and loss

  private static func sets(_ options: ParsedOptions) throws -> LabelledSets {
    let sets = try LabelledSets(
      source: options[data], options: LabelledSets.Options(targetKind: options[targets]))
    guard let sizes = options[split] else { return sets }
    guard sets.dev == nil else {
      throw RequestError(
        "--split: \(options[data]) has a dev set already: leave the option out")
    }
    let divided = try DataSplit(
      of: sets.train, sizes: sizes, key: Key(seed: options[TrainOptions.seed])["split"]
    ).sets(of: sets.train)
    guard let test = sets.test else { return divided }
    guard divided.test == nil else {
      throw RequestError(
        "--split: \(options[data]) has a test set already: give no share to the test part, as in 80,20,0"
      )
    }
    return divided.with(test: test)
  }

  /// The network of the options. What they leave open about the output, the targets decide: classes ask for
  /// softmax, one yes or no for sigmoid, real values for a linear output.
  private static func network(
    _ options: ParsedOptions, for data: LabelledData
  ) throws -> NetworkDescription {
    var output = NetworkDescription.Output.linear
    if let classCount = data.classCount {
      var outputs: Int?
      if case .widths(let widths) = options[NetworkOptions.network] { outputs = widths.last }
      output = outputs == 1 && classCount <= 2 ? .sigmoid : outputs == 1 ? .linear : .softmax
    }
    switch options[loss] {
    case .crossEntropy: output = .softmax
    case .binaryCrossEntropy: output = .sigmoid
    case .meanSquaredError: output = .linear
    case nil: break
    }
    guard let description = try NetworkOptions.description(options, output: output) else {
      throw RequestError(
        "--network is missing: give the widths from the \(data.featureCount) features to the outputs, as "
          + "\(data.featureCount),64,64,\(data.classCount ?? 1), or a file that describes the network"
      )
    }
    return description
  }

  /// The loss, which has to go with how the output is read.
  private static func loss(
    _ options: ParsedOptions, of description: NetworkDescription
  ) throws -> LossFunction {
    let customary = LossFunction.customary(for: description.output)
    guard let asked = options[loss], asked != customary else { return customary }
    throw RequestError(
      "the loss \(asked.rawValue) and the output \(description.output.rawValue) do not go together: "
        + "give --loss \(customary.rawValue), or another --output")
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
