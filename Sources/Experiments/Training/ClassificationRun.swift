import Datasets
import Plumbline

/// Examples ready for training: features `[examples, features]` and class numbers.
public struct ClassificationData: Sendable {
  /// The features of all examples, normalized.
  public let features: Tensor<Float>
  /// The class of each example as a whole number.
  public let labels: Tensor<Float>
  /// How many classes there are.
  public let classCount: Int

  /// The features and labels of a data set.
  public init(_ dataset: Dataset) {
    features = dataset.featureMatrix()
    labels = dataset.labelVector()
    classCount = dataset.classCount
  }

  /// The number of examples.
  public var count: Int { features.shape[0] }

  /// The number of features.
  public var featureCount: Int { features.shape[1] }
}

/// One training of one network: mini-batches in a seeded order, a fixed number of steps, then an evaluation
/// on the whole training set.
///
/// The seed determines the initial parameters (through their names) and the order of the examples, and
/// nothing else does: two networks trained with one seed see the same batches.
public struct ClassificationRun<Network: Layer>: Sendable {
  /// What is trained.
  public let network: Network
  /// How.
  public let optimizer: OptimizerChoice
  /// The size of a step.
  public let learningRate: Double
  /// Examples in a batch, and batches.
  public let batchSize: Int, steps: Int
  /// What determines initial parameters and order.
  public let seed: Int
  /// The threads that may take part; they change no number.
  public let workers: Workers

  /// A run with these settings.
  public init(
    network: Network, optimizer: OptimizerChoice, learningRate: Double, batchSize: Int, steps: Int,
    seed: Int, workers: Workers = .single
  ) {
    self.network = network
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.batchSize = batchSize
    self.steps = steps
    self.seed = seed
    self.workers = workers
  }

  /// What came out.
  public struct Result: Sendable {
    /// The step at whose start the loss was not finite; `nil` for a run that went through.
    public var divergedAtStep: Int?
    /// Loss and error on the whole training set at the end; `nil` after divergence.
    public var train: Evaluation?
    /// The mean of the batch losses of each epoch, before each step's update.
    public var epochLosses: [Double]
    /// The parameters at the end.
    public var parameters: Parameters<Float>
  }

  /// Trains. `stepDone` is called after every step.
  ///
  /// - Throws: ``DatasetError`` where the batch is larger than the data.
  public func train(
    on data: ClassificationData, stepDone: () -> Void = {}
  ) throws(DatasetError) -> Result {
    let key = Key(seed: seed)
    var parameters = Parameters<Float>(of: network, key: key["parameters"])
    var optimizer: any Optimizer<Float> = self.optimizer.optimizer(learningRate: learningRate)
    let order = try BatchOrder(
      exampleCount: data.count, batchSize: batchSize, order: .shuffled(key["order"]))
    var losses: [Double] = []
    var divergedAtStep: Int?
    var batches = order.steps()
    var trainingStep = TrainingStep<Float>(of: network, workers: workers) {
      [network] pass, inputs in
      softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1])
    }
    for step in 0..<steps {
      guard let batch = batches.next() else { break }
      let loss = trainingStep.loss(
        at: parameters, inputs: [data.features, data.labels], rows: batch, key: key["steps"][step])
      guard loss.isFinite else {
        divergedAtStep = step
        break
      }
      losses.append(Double(loss))
      optimizer.update(&parameters, along: trainingStep.gradient, on: workers)
      stepDone()
    }
    let evaluation =
      divergedAtStep == nil ? Evaluation(of: network, parameters, on: data) : nil
    return Result(
      divergedAtStep: divergedAtStep ?? (evaluation?.isFinite == false ? steps : nil),
      train: evaluation?.isFinite == true ? evaluation : nil,
      epochLosses: Self.means(of: losses, every: order.batchesPerEpoch), parameters: parameters)
  }

  private static func means(of values: [Double], every length: Int) -> [Double] {
    stride(from: 0, to: values.count, by: length).map { start in
      let part = values[start..<min(start + length, values.count)]
      return part.reduce(0, +) / Double(part.count)
    }
  }
}

/// Loss and error of a classifier on a data set.
public struct Evaluation: Sendable, Hashable {
  /// The mean cross-entropy, in nats.
  public let loss: Double
  /// The share of examples whose largest logit, the first of equal ones, is not their class. NaN logits count as
  /// errors.
  public let error: Double

  /// Whether the loss is a number.
  public var isFinite: Bool { loss.isFinite }

  /// The evaluation of a network on all examples, in parts, without a tape.
  public init(
    of network: some Layer, _ parameters: Parameters<Float>, on data: ClassificationData,
    partSize: Int = 1000
  ) {
    let pass = parameters.pass(mode: .inference)
    var lossSum = 0.0
    var errors = 0
    for start in stride(from: 0, to: data.count, by: partSize) {
      let range = start..<min(start + partSize, data.count)
      let labels = data.labels.sliced(axis: 0, range)
      let logits = network(data.features.sliced(axis: 0, range), pass)
      // Summed in Double: ten thousand losses of a trained net lose digits in a Float.
      let losses = logSoftmax(logits).gathered(at: labels)
      lossSum -= losses.scalars.reduce(0) { $0 + Double($1) }
      errors += Self.errors(logits.scalars, classCount: logits.shape[-1], labels.scalars)
    }
    loss = lossSum / Double(data.count)
    error = Double(errors) / Double(data.count)
  }

  /// How many rows of logits are not largest, and first of equal ones, at their label.
  private static func errors(_ logits: [Float], classCount: Int, _ labels: [Float]) -> Int {
    labels.indices.count { row in
      let start = row * classCount
      let own = start + Int(labels[row])
      return !(start..<start + classCount).allSatisfy { place in
        place < own ? logits[place] < logits[own] : logits[place] <= logits[own]
      }
    }
  }
}
