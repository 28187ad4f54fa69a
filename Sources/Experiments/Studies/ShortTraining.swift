import Datasets
import Plumbline
import Training

// What studies that train networks share: generated digits, and a training run in one line.

extension Examples where Scalar == Float {
  /// Generated digits of 28x28 pixels for training, and others for evaluation; both shifted and scaled by the mean and deviation of
  /// the first.
  public static func glyphs(
    train: Int, test: Int, key: Key
  ) throws -> (train: Examples, test: Examples) {
    let glyphs = Glyphs(key: key)
    let set = try glyphs.dataset(count: train)
    let normalization = try Normalization(fitting: set, scope: .global)
    func examples(_ set: LabelledSet) throws -> Examples {
      Examples(try normalization.applied(to: set))
    }
    return (
      try examples(set), try examples(glyphs.dataset(count: test, startingAt: train))
    )
  }
}

extension TrainingSettings {
  /// A short training run: an optimizer, its rate, the number of updates, and the batch size; `nil` for full batches.
  public static func short(
    _ optimizer: OptimizerChoice, rate: Double, steps: Int, batch: Int?, seed: Int,
    loss: LossFunction = .crossEntropy
  ) -> TrainingSettings {
    var settings = TrainingSettings(loss: loss)
    settings.optimizer = optimizer
    settings.learningRate = rate
    settings.length = .steps(steps)
    settings.batchSize = batch
    settings.seed = seed
    return settings
  }
}

extension TrainingResult {
  /// What a network is after a training run with the seed, evaluated only at its end.
  public static func after(
    _ settings: TrainingSettings, of network: any Layer, on train: Examples<Scalar>,
    test: Examples<Scalar>? = nil
  ) throws -> TrainingResult {
    try TrainingRun(network, on: train, settings, test: test, evaluationInterval: 0).result()
  }
}

extension Evaluation {
  /// Loss and error on the training examples at the end of a training run with the seed; the largest number and 1 if a loss was not
  /// finite.
  public static func after(
    _ settings: TrainingSettings, of network: any Layer, on train: Examples<Float>
  ) throws -> Evaluation {
    let result = try TrainingResult.after(settings, of: network, on: train)
    return result.divergedAtStep == nil
      ? result.train : Evaluation(loss: .greatestFiniteMagnitude, error: 1)
  }
}

extension Tensor where Scalar == Float {
  /// The class of each example, `[examples]`, as the largest of its scores `[examples, classes]`; the first of equal ones.
  public static func classes(largestIn scores: Tensor) -> Tensor {
    let (classes, values) = (scores.shape[1], scores.scalars)
    return Tensor(
      classes: (0..<scores.shape[0]).map { row in
        (0..<classes).max { values[row * classes + $0] < values[row * classes + $1] } ?? 0
      })
  }
}
