import Datasets
import Diagnosis
import Findings
import Plumbline
import Training

/// One training run of an experiment: everything that determines its result.
public struct GridRun: RunConfiguration {
  /// The purpose of a run: choosing the learning rate, or the reported figures.
  public enum Phase: String, Codable, Sendable {
    /// Choosing, or reporting.
    case tuning, report
  }

  /// The network.
  public let arm: Arm
  /// The digest of the arm's definition; `nil` if it is defined in code.
  public let armDefinition: String?
  /// Hidden weight layers.
  public let depth: Int
  /// Features of every hidden layer.
  public internal(set) var width: Int
  /// The algorithm.
  public internal(set) var optimizer: OptimizerChoice
  /// The size of its step.
  public let learningRate: Double
  /// Examples in a batch, and batches.
  public internal(set) var batch: Int, steps: Int
  /// The seed of initial parameters and order.
  public let seed: Int
  /// The purpose of the run.
  public let phase: Phase
  /// The name and the content hash of the training set, and its features and classes.
  public let data: String, dataHash: String, features: Int, classes: Int
  /// The levels of the factors that the arm reads; `nil` if it reads no varied one.
  public let factors: [String: Factor.Level]?
  /// The other training settings, by the names of their options; `nil` if they are the same everywhere.
  public internal(set) var training: [String: Factor.Level]?
  /// The names of its measures in addition to loss and error; `nil` for none.
  public let measures: [String]?

  /// Its cell, rate and seed.
  public var title: String {
    let levels = (factors ?? [:]).merging(training ?? [:]) { $1 }.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value)" }
    return
      (["\(arm.rawValue)", "depth \(depth)", "width \(width)"] + levels
      + ["rate \(Factor.Level.number(learningRate))", "seed \(seed)"]).joined(separator: ", ")
  }

  /// Floating-point operations, including an equivalent for the fixed costs of a step and a layer.
  public var work: Double {
    // The operations of one step on a batch: forward, and twice that backward.
    let (width, depth) = (Double(width), Double(depth))
    let hidden = depth * width * width * Double(arm.productsOfALayer)
    let perExample = 4 * Double(features) * width + 6 * hidden + 6 * width * Double(classes)
    return Double(steps) * (Double(batch) * perExample + 1e6 + 1e5 * depth)
  }
}

extension GridRun {
  /// The cell, and the result of the training.
  public static func summary(of line: RunLine) throws -> RunSummary {
    let run = try line.configuration(as: GridRun.self)
    let outcome = try line.outcome(as: GridOutcome.self)
    func setting(_ name: String, _ value: Factor.Level) -> RunSummary.Setting {
      RunSummary.Setting(name: name, value: "\(value)")
    }
    var cell = [
      setting("arm", .text(run.arm.rawValue)), setting("depth", .number(Double(run.depth))),
    ]
    cell += (TrainingFactor.all + TrainingFactor.optimizerSettings).compactMap { factor in
      factor.level(run).map { setting(factor.name, $0) }
    }
    cell += (run.factors ?? [:]).sorted { $0.key < $1.key }.map { setting($0.key, $0.value) }
    return RunSummary(
      .init(
        cell: cell, phase: run.phase.rawValue, seed: run.seed, learningRate: run.learningRate,
        loss: outcome.trainLoss, error: outcome.trainError,
        epochLosses: outcome.epochs.map(\.meanBatchLoss), diagnosis: outcome.diagnosis))
  }

  /// The sizes of its parts.
  var memory: TrainingMemory {
    let (width, depth) = (Double(width), Double(depth))
    let hidden = depth * width * (width + 1) * Double(arm.productsOfALayer)
    return TrainingMemory(
      parameters: hidden + width * Double(features + classes),
      outputsPerExample: 2 * width * depth, layers: depth, batch: Double(batch),
      features: Double(features), scalarBytes: 4)
  }
}

/// The outcome of a run of an experiment.
public struct GridOutcome: RunOutcome, Hashable {
  /// One epoch of a run, complete or not.
  public struct Epoch: Codable, Sendable, Hashable {
    /// Counted from 1.
    public let epoch: Int
    /// The mean loss of its batches, each before that step's update.
    public let meanBatchLoss: Double
  }

  /// Mean cross-entropy (nats) and share of errors on the whole training set at the end; `nil` for a run that
  /// diverged.
  public let trainLoss: Double?, trainError: Double?
  /// Whether a loss was not finite, and the step (from 0) at which.
  public let diverged: Bool, divergedAtStep: Int?
  /// The epochs.
  public let epochs: [Epoch]
  /// The number of trainable values, and the hash of their bits at the end.
  public let parameters: Int, parametersHash: String
  /// The peak bytes held by the run's tensors, excluding the data.
  public let peakBytes: Int?
  /// What is wrong with the run: empty for a healthy one.
  public let diagnosis: [Finding.Summary]
  /// The additional measurements, by name, except those that could not be made; `nil` if none were requested.
  public let measures: [String: Double]?
  /// The time that the run took.
  public let seconds: Double

  init(
    trainLoss: Double?, trainError: Double?, diverged: Bool, divergedAtStep: Int?,
    epochs: [Epoch], parameters: Int, parametersHash: String, peakBytes: Int?,
    diagnosis: [Finding.Summary], measures: [String: Double]?, seconds: Double
  ) {
    self.trainLoss = trainLoss
    self.trainError = trainError
    self.diverged = diverged
    self.divergedAtStep = divergedAtStep
    self.epochs = epochs
    self.parameters = parameters
    self.parametersHash = parametersHash
    self.peakBytes = peakBytes
    self.diagnosis = diagnosis
    self.measures = measures
    self.seconds = seconds
  }

  private enum CodingKeys: CodingKey {
    case trainLoss, trainError, diverged, divergedAtStep, epochs, parameters, parametersHash,
      diagnosis, measured, seconds, host
    /// The key under which earlier versions store what is now in `host`.
    case peakBytes
  }

  /// Reads a line of `runs.jsonl`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    trainLoss = try container.decode(Double?.self, forKey: .trainLoss)
    trainError = try container.decode(Double?.self, forKey: .trainError)
    diverged = try container.decode(Bool.self, forKey: .diverged)
    divergedAtStep = try container.decode(Int?.self, forKey: .divergedAtStep)
    epochs = try container.decode([Epoch].self, forKey: .epochs)
    parameters = try container.decode(Int.self, forKey: .parameters)
    parametersHash = try container.decode(String.self, forKey: .parametersHash)
    diagnosis = try container.decode([Finding.Summary].self, forKey: .diagnosis)
    measures = try container.decodeIfPresent([String: Double].self, forKey: .measured)
    seconds = try container.decode(Double.self, forKey: .seconds)
    peakBytes =
      try container.decodeIfPresent(HostFields.self, forKey: .host)?.peakBytes
      ?? container.decodeIfPresent(Int.self, forKey: .peakBytes)
  }

  /// Writes every key except those that ``RunLine`` writes about the machine; missing values are null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(trainLoss, forKey: .trainLoss)
    try container.encode(trainError, forKey: .trainError)
    try container.encode(diverged, forKey: .diverged)
    try container.encode(divergedAtStep, forKey: .divergedAtStep)
    try container.encode(epochs, forKey: .epochs)
    try container.encode(parameters, forKey: .parameters)
    try container.encode(parametersHash, forKey: .parametersHash)
    try container.encode(diagnosis, forKey: .diagnosis)
    try container.encodeIfPresent(measures, forKey: .measured)
    try container.encode(seconds, forKey: .seconds)
  }

  /// See ``lossOrInfinity``.
  public var comparedLoss: Double? { lossOrInfinity }

  /// The loss; infinite for a run that diverged.
  public var lossOrInfinity: Double { trainLoss ?? .infinity }

  /// The error; 1 for a run that diverged.
  public var errorOrOne: Double { trainError ?? 1 }

  /// The measurement with a name; infinite if it could not be made, or is NaN.
  func measure(_ name: String) -> Double {
    // What may differ from run to run is not stored with what must be the same.
    if name == "time" { return seconds }
    if name == Measure.trainLoss { return lossOrInfinity }
    if name == Measure.trainError { return errorOrOne }
    if name == "memory" { return peakBytes.map(Double.init) ?? .infinity }
    guard let value = measures?[name], !value.isNaN else { return .infinity }
    return value
  }
}

extension GridRun {
  /// How the network is trained.
  package var settings: TrainingSettings {
    var settings = TrainingSettings(loss: .crossEntropy)
    settings.optimizer = optimizer
    settings.learningRate = learningRate
    settings.batchSize = batch
    settings.remainder = .drop
    settings.length = .steps(steps)
    settings.seed = seed
    for factor in TrainingFactor.settings + TrainingFactor.optimizerSettings {
      if let level = training?[factor.name] { _ = factor.apply?(&settings, level) }
    }
    return settings
  }

  /// Throws if the optimizer does not have one of its settings.
  func checkSettings() throws(Problem) {
    let settings = settings
    do throws(Problem) {
      _ = try optimizer.rule(settings.optimizerOptions)
    } catch {
      let taken = optimizer.takenOptions.map { $0.replacing("_", with: "-") }
      throw Problem(
        problem: "the optimizer \(optimizer.rawValue): \(error.problem)",
        remedy: error.remedy.isEmpty ? "it takes \(taken.joined(separator: ", "))" : error.remedy)
    }
  }

  /// The point of the grid that the network is built for.
  var point: GridPoint {
    let condition = Condition(
      (factors ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    return GridPoint(
      inputs: features, width: width, classes: classes, depth: depth, condition: condition)
  }

  /// Carries out the run.
  ///
  /// - Parameter finished: Called with everything that the run produces, before its outcome is returned.
  func outcome(
    on data: GridData, measuring: [Measure],
    finished: (MeasuredRun) throws -> Void = { _ in }, workers: Workers,
    checkpoints: CheckpointFiles? = nil, limits: SweepLimits? = nil, stepDone: () -> Void
  ) throws -> GridOutcome {
    let network = try arm.network(point)
    let start = RunStart(point: point, settings: settings, train: data.train, limits: limits)
    let needsDev = measuring.contains(where: \.needsDev)
    let needsTest = measuring.contains(where: \.needsTest)
    let run = TrainingRun(
      network, on: data.train, settings, dev: needsDev ? data.dev : nil,
      test: needsTest ? data.test : nil, from: try arm.initial(start, of: network),
      evaluationInterval: 0)
    let (diagnosed, peakBytes) = try peakTensorBytes {
      try run.diagnosed(workers: workers, checkpoints: checkpoints) { event in
        if case .step = event { stepDone() }
        return limits?.isTimeOver ?? false
      }
    }
    let result = diagnosed.result
    if result.ending == .stopped { throw RunStopped() }
    let divergedAtStep = result.divergedAtStep
    let measured = MeasuredRun(
      network: network, arm: arm.rawValue, start: start, initial: run.initialParameters,
      result: result, dev: run.dev, test: run.test)
    try finished(measured)
    let isFinite = divergedAtStep == nil && result.train.isFinite
    return GridOutcome(
      trainLoss: divergedAtStep == nil ? result.train.loss : nil,
      trainError: divergedAtStep == nil ? result.train.error : nil,
      diverged: divergedAtStep != nil, divergedAtStep: divergedAtStep,
      epochs: result.epochs.map { .init(epoch: $0.epoch, meanBatchLoss: $0.meanBatchLoss) },
      parameters: result.parameters.count, parametersHash: result.parameters.valuesHash,
      peakBytes: peakBytes, diagnosis: diagnosed.diagnosis.findings.map(\.summary),
      measures: measures == nil
        ? nil : isFinite ? try Self.values(of: measuring, measured) : [:],
      seconds: result.seconds)
  }

  private static func values(
    of measures: [Measure], _ measured: MeasuredRun
  ) throws -> [String: Double] {
    var values: [String: Double] = [:]
    for measure in measures {
      guard let value = try measure.value(measured), !value.isNaN else { continue }
      values[measure.name] = value
    }
    return values
  }
}
