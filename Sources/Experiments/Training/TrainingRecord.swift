import Datasets
import Diagnosis
import Findings
import Foundation
import Networks
import Plumbline
import Training

/// The training of one network on one data set: everything that determines its result, as stored in a line of `runs.jsonl` and in
/// `record.json`.
public struct TrainingRequest: RunConfiguration {
  /// The scalars of the computation.
  public enum Precision: String, Codable, Sendable, Hashable, CaseIterable {
    /// The bits of a number.
    case float32, float64
  }

  /// `residual` for networks with skips, else `plain`.
  public let arm: String
  /// The number of weight layers, whether or not in sequence: dense layers and convolutions.
  public let depth: Int
  /// The largest number of features between two layers.
  public let width: Int
  /// The learning rate, and the seed of all randomness.
  public private(set) var learningRate: Double
  /// See ``learningRate``.
  public let seed: Int
  /// The purpose of the run: its figures are reported.
  public private(set) var phase = "report"
  /// The network.
  public let network: NetworkDescription
  /// How it is trained.
  public private(set) var settings: TrainingSettings
  /// The scalars.
  public let precision: Precision
  /// The examples: their origin, number and content digest.
  public let data: String, examples: Int, dataHash: String
  /// The shift and scale of the features: mean and deviation of the training set, of all features together or of
  /// each; `nil` for nothing.
  public let normalization: Normalization.Scope?
  /// The digest of the initial values, if they came from a file.
  public let initialHash: String?

  /// A training run of `network` with `settings`.
  public init<Scalar>(
    _ run: TrainingRun<Scalar>, of network: Network, precision: Precision, data: String,
    normalization: Normalization.Scope? = nil
  ) {
    self.network = network.description
    settings = run.settings
    self.precision = precision
    self.normalization = normalization
    let table = network.table
    let weights = ParameterLayout(of: network).entries.filter { $0.shape.rank >= 2 }
    depth = weights.count
    width = table.rows.dropLast().map { $0.output.extents[0] }.max() ?? network.outputShape[0]
    arm = network.description.residualBlockCount > 0 ? "residual" : "plain"
    learningRate = run.settings.learningRate
    seed = run.settings.seed
    self.data = data
    examples = run.train.count
    var hash = ContentHash()
    for set in [run.train, run.dev, run.test] {
      hash.combine(UInt64(set?.count ?? 0))
      set?.features.combine(into: &hash)
      set?.targets.combine(into: &hash)
    }
    dataHash = hash.hexadecimal
    initialHash = run.initial.map { initial in
      var hash = ContentHash()
      initial.vector.combine(into: &hash)
      initial.statistics.combine(into: &hash)
      return hash.hexadecimal
    }
  }

  /// The same training run at another learning rate.
  public func atLearningRate(_ rate: Double) -> TrainingRequest {
    var request = self
    request.learningRate = rate
    request.settings.learningRate = rate
    return request
  }

  /// The number of examples.
  public var work: Double { Double(examples) }
}

/// The result of a training run, in numbers.
public struct TrainingOutcome: RunOutcome {
  /// How the run ended: `finished`, `stopped-early`, `non-finite` or `stopped`.
  public let ending: String
  /// Loss and error (a fraction) of the kept parameters on the training examples; `null` where a loss was not
  /// finite.
  public let trainLoss: Double?, trainError: Double?
  /// The same on the examples that decide when to stop, and on the test examples.
  public let devLoss: Double?, devError: Double?, testLoss: Double?, testError: Double?
  /// Whether a loss was not finite, the step (from 0) at which, and where in the network.
  public let diverged: Bool, divergedAtStep: Int?, divergedWhere: String?
  /// The epoch whose parameters were kept, if early stopping chose one.
  public let bestEpoch: Int?
  /// The updates.
  public let steps: Int
  /// The epochs.
  public let epochs: [TrainingEpoch]
  /// The number of trainable values, and the digest of their bits at the end.
  public let parameters: Int, parametersHash: String
  /// What is wrong with the run: empty for a healthy one. `diagnosis.json` contains the evidence.
  public let diagnosis: [Finding.Summary]
  /// The time that training took.
  public let seconds: Double

  /// The numbers of a run.
  public init<Scalar>(_ run: DiagnosedResult<Scalar>) {
    let result = run.result
    switch result.ending {
    case .finished: ending = "finished"
    case .stoppedEarly: ending = "stopped-early"
    case .nonFinite: ending = "non-finite"
    case .stopped: ending = "stopped"
    }
    divergedAtStep = result.divergedAtStep
    diverged = divergedAtStep != nil
    divergedWhere = if case .nonFinite(let failure) = result.ending { "\(failure)" } else { nil }
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    trainLoss = diverged ? nil : finite(result.train.loss)
    trainError = diverged ? nil : result.train.error
    (devLoss, devError) = (finite(result.dev?.loss), result.dev?.error)
    (testLoss, testError) = (finite(result.test?.loss), result.test?.error)
    bestEpoch = result.bestEpoch
    steps = result.losses.count
    epochs = result.epochs
    parameters = result.parameters.count
    parametersHash = result.parameters.valuesHash
    diagnosis = run.diagnosis.findings.map(\.summary)
    seconds = result.seconds
  }

  private enum CodingKeys: CodingKey {
    case ending, trainLoss, trainError, devLoss, devError, testLoss, testError, diverged
    case divergedAtStep, divergedWhere, bestEpoch, steps, epochs, parameters, parametersHash
    case diagnosis, seconds
  }

  /// Writes every key that other studies write too, `null` if missing.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(ending, forKey: .ending)
    try container.encode(trainLoss, forKey: .trainLoss)
    try container.encode(trainError, forKey: .trainError)
    try container.encodeIfPresent(devLoss, forKey: .devLoss)
    try container.encodeIfPresent(devError, forKey: .devError)
    try container.encodeIfPresent(testLoss, forKey: .testLoss)
    try container.encodeIfPresent(testError, forKey: .testError)
    try container.encode(diverged, forKey: .diverged)
    try container.encode(divergedAtStep, forKey: .divergedAtStep)
    try container.encodeIfPresent(divergedWhere, forKey: .divergedWhere)
    try container.encodeIfPresent(bestEpoch, forKey: .bestEpoch)
    try container.encode(steps, forKey: .steps)
    try container.encode(epochs, forKey: .epochs)
    try container.encode(parameters, forKey: .parameters)
    try container.encode(parametersHash, forKey: .parametersHash)
    try container.encode(diagnosis, forKey: .diagnosis)
    try container.encode(seconds, forKey: .seconds)
  }
}

extension Parameters where Scalar: TrainableScalar {
  /// A digest of the bits of all trained values, in their order.
  package var valuesHash: String {
    var hash = ContentHash()
    vector.combineValues(into: &hash)
    return hash.hexadecimal
  }
}

extension Tensor where Scalar: TrainableScalar {
  /// Adds shape and bits to a digest.
  fileprivate func combine(into hash: inout ContentHash) {
    hash.combine(UInt64(shape.rank))
    for extent in shape.extents { hash.combine(UInt64(extent)) }
    combineValues(into: &hash)
  }

  /// Adds the bits to a digest; those of a Float as 32-bit words, as ``LabelledSet/contentHash`` does.
  fileprivate func combineValues(into hash: inout ContentHash) {
    if let floats = self as? Tensor<Float> {
      for value in floats.scalars { hash.combine(value.bitPattern) }
    } else {
      for value in scalars { hash.combine(Double(value).bitPattern) }
    }
  }
}
