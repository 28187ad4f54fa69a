import Plumbline

/// Loss and error of a network on examples, in inference mode.
public struct Evaluation: Sendable, Hashable, Codable {
  /// The mean loss, without penalties and smoothed labels, with examples weighted by class if the loss has class weights;
  /// nats for the entropies.
  public let loss: Double
  /// The share of misclassified examples; `nil` for losses without a right answer.
  ///
  /// For classes: the largest logit, or the first of equal ones, is not that of the class. For yes/no targets: a logit is on the
  /// wrong side of 0. NaN counts as wrong.
  public let error: Double?

  /// Whether the loss is a number.
  public var isFinite: Bool { loss.isFinite }

  /// An evaluation with known values.
  public init(loss: Double, error: Double?) {
    self.loss = loss
    self.error = error
  }

  /// The evaluation of a network on all examples, in parts of `partSize`, without a tape.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init<Scalar>(
    of network: any Layer, _ parameters: Parameters<Scalar>, on examples: Examples<Scalar>,
    loss: LossFunction, partSize: Int = 1000
  ) {
    let pass = parameters.pass(mode: .inference)
    let loss = loss.judged
    let weights = loss.exampleWeights(Tensor(converting: examples.targets))
    var lossSum = 0.0
    var errors = 0
    for start in stride(from: 0, to: examples.count, by: partSize) {
      let range = start..<min(start + partSize, examples.count)
      let targets = examples.targets.sliced(axis: 0, range)
      let outputs = network(examples.features.sliced(axis: 0, range), pass)
      // Summed in Double: ten thousand losses of a trained net lose digits in a Float.
      let areLabels = loss.targets == .classes && targets.shape.rank == 1
      if weights != nil {
        lossSum += loss.examples(outputs, targets).scalars.reduce(0) { $0 + Double($1) }
      } else if areLabels, loss == .crossEntropy {
        let likelihoods = logSoftmax(outputs).gathered(at: targets)
        lossSum -= likelihoods.scalars.reduce(0) { $0 + Double($1) }
      } else {
        lossSum += Double(loss(outputs, targets).scalar) * Double(range.count)
      }
      if areLabels {
        errors += Self.errors(outputs.scalars, classes: targets.scalars)
      } else if loss.targets == .shares {
        errors += Self.errors(outputs.scalars, sides: targets.scalars, width: outputs.shape[-1])
      }
    }
    let hasError =
      loss.targets == .shares || loss.targets == .classes && examples.targets.shape.rank == 1
    self.loss = lossSum / (weights?.reduce(0, +) ?? Double(examples.count))
    error = hasError ? Double(errors) / Double(examples.count) : nil
  }

  /// The number of rows whose class does not have the first largest logit.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func errors<Scalar: TrainableScalar>(
    _ logits: [Scalar], classes: [Scalar]
  ) -> Int {
    let classCount = logits.count / classes.count
    return classes.indices.count { row in
      let start = row * classCount
      let own = start + Int(Double(classes[row]))
      return !(start..<start + classCount).allSatisfy { column in
        column < own ? logits[column] < logits[own] : logits[column] <= logits[own]
      }
    }
  }

  /// How many rows have a logit on the wrong side of 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func errors<Scalar: TrainableScalar>(
    _ logits: [Scalar], sides targets: [Scalar], width: Int
  ) -> Int {
    (0..<logits.count / width).count { row in
      !(row * width..<(row + 1) * width).allSatisfy { column in
        targets[column] > 0.5 ? logits[column] > 0 : logits[column] <= 0
      }
    }
  }
}

extension Evaluation {
  private enum CodingKeys: CodingKey { case loss, error }

  /// Reads the two numbers; a loss that is null was not finite.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    loss = try container.decodeIfPresent(Double.self, forKey: .loss) ?? .nan
    error = try container.decodeIfPresent(Double.self, forKey: .error)
  }

  /// Writes the two numbers; JSON has no non-finite numbers, so such a loss is null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(isFinite ? loss : nil, forKey: .loss)
    try container.encodeIfPresent(error, forKey: .error)
  }
}
