import Foundation
import Plumbline

/// What is known of a run, as numbers: all that a diagnosis is made from, and what is stored of it.
public struct Evidence: Codable, Sendable, Hashable {
  /// How the network was trained.
  public var settings: TrainingSettings
  /// The training examples; the trained values; the updates.
  public var exampleCount: Int, parameterCount: Int, stepCount: Int
  /// The loss over the steps.
  public var losses: LossCurve
  /// What an answer that ignores the input costs.
  public var baseRate: BaseRate
  /// How many examples the probes look at.
  public var probeExampleCount: Int
  /// The measurements, the first before the first step and the last at the end.
  public var probes: [ProbeMeasurement]
  /// The ``ProbeMeasurement/outputSpread`` in inference mode, at the end.
  public var inferenceSpread: Double
  /// Where gradients were exactly zero.
  public var gradients: [GradientRecord]
  /// What theory says of the signal at initialization; empty where the network is no description.
  public var predictions: [Prediction]
  /// What the features and targets are like.
  public var data: DataEvidence
  /// The evaluation on the training examples at the end.
  public var train: Evaluation
  /// Everything else.
  public var outcome: RunOutcome
  /// How well neighbours tell the targets; `nil` where the run left nothing to ask, or there are none to ask.
  public var neighbors: NeighborReference?
  /// The standard deviation of the loss from example to example, at the end, in inference mode: what a batch's mean swings by,
  /// times the root of its size; `nil` where the run left nothing to ask.
  public var exampleLossDeviation: Double?
  /// The largest probability with which the network drops a unit; `nil` where the network is no description.
  public var dropout: Double?

  /// How long the gradient of a parameter has been zero at the end of the run.
  public struct GradientRecord: Codable, Sendable, Hashable {
    /// The path, and the extents of the value.
    public let name: String, shape: [Int]
    /// The first of the steps at the end at which the whole gradient was exactly zero; `nil` where the last was not.
    public let zeroSince: Int?
    /// The same for every value of a bias; `nil` for a parameter with other than one axis.
    public let unitsZeroSince: [Int?]?
  }

  /// The mean square that theory predicts behind a layer at initialization, for inputs of mean square 1.
  public struct Prediction: Codable, Sendable, Hashable {
    /// Path and kind of the layer.
    public let layer: String, kind: String
    /// The prediction.
    public let meanSquare: Double
  }

  /// The first look, before any step.
  public var start: ProbeMeasurement? { probes.first }
  /// The last look.
  public var end: ProbeMeasurement? { probes.last }

  /// Whether there is more to learn, or may be: the training error is not next to nothing.
  var leavesError: Bool { train.error.map { $0 > 0.03 } ?? !(progress > 0.97) }

  /// How much of what an answer without looking costs has been learned: 1 for a loss of 0, 0 for the base rate.
  public var progress: Double { (baseRate.loss - train.loss) / max(baseRate.loss, 1e-300) }
}

/// What the driver of a training knows and the instruments do not.
public struct RunOutcome: Codable, Sendable, Hashable {
  /// The evaluations at the end.
  public var train: Evaluation?, dev: Evaluation?, test: Evaluation?
  /// How many examples dev and test have.
  public var devCount: Int?, testCount: Int?
  /// The dev loss after each epoch in which it was evaluated, with the updates until then.
  public var devCurve: [Point] = []
  /// The error that nobody could go below, of a human, say; `nil` where it is not known.
  public var baseError: Double?
  /// The step whose loss was not finite.
  public var failure: Failure?
  /// What the data are like.
  public var data: DataEvidence?
  /// The largest eigenvalue of the Hessian at the end, where it was asked for.
  public var sharpness: Double?

  /// A loss at a step.
  public struct Point: Codable, Sendable, Hashable {
    /// The updates, and the loss.
    public let step: Int, loss: Double
  }

  /// A step whose loss was not finite.
  public struct Failure: Codable, Sendable, Hashable {
    /// The step, and the layer and operation that gave the first such value.
    public let step: Int, layer: String?, operation: String?
    /// The whole sentence.
    public let description: String
  }

  /// Nothing known.
  public init() {}
}

/// The losses of a run, thinned out, with what the rules ask of all of them.
public struct LossCurve: Codable, Sendable, Hashable {
  /// The loss of the first step, of the last, and the smallest with its step; `nil` where there was no step.
  public let first: Double?, last: Double?, minimum: Double?, minimumStep: Int?
  /// The largest loss.
  public let maximum: Double?
  /// The medians of the four quarters.
  public let quarterMedians: [Double]
  /// The standard deviation of the last quarter, and the share of its steps at which the loss rose.
  public let lastDeviation: Double, lastRises: Double
  /// The share of the steps whose loss is not 0.1 % below that of ten steps before.
  public let stalledShare: Double
  /// The means of at most 200 pieces of equal length.
  public let means: [Double]

  /// Whether it swings and has not fallen since the middle of the run.
  var swings: Bool {
    guard quarterMedians.count == 4, let minimum else { return false }
    return quarterMedians[3] > 0.95 * quarterMedians[1] && lastDeviation > 0.1 * quarterMedians[3]
      && quarterMedians[3] > 1.2 * minimum
  }

  /// The curve of these losses. Complexity: O(n log n).
  public init(_ losses: [Double]) {
    first = losses.first
    last = losses.last
    minimum = losses.min()
    minimumStep = minimum.flatMap { losses.firstIndex(of: $0) }
    maximum = losses.max()
    let count = losses.count
    quarterMedians = (0..<4).compactMap { quarter in
      let part = losses[quarter * count / 4..<(quarter + 1) * count / 4].sorted()
      return part.isEmpty ? nil : part[part.count / 2]
    }
    let tail = Array(losses[3 * count / 4..<count])
    let mean = tail.reduce(0, +) / Double(max(tail.count, 1))
    let square = tail.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(tail.count, 1))
    lastDeviation = square.squareRoot()
    lastRises =
      Double(zip(tail, tail.dropFirst()).count { $0 < $1 }) / Double(max(tail.count - 1, 1))
    stalledShare =
      Double(zip(losses, losses.dropFirst(10)).count { $1 > 0.999 * $0 })
      / Double(max(count - 10, 1))
    let pieces = min(200, count)
    means = (0..<pieces).map { piece in
      let part = losses[piece * count / pieces..<(piece + 1) * count / pieces]
      return part.reduce(0, +) / Double(part.count)
    }
  }
}

/// The best answer that does not look at the input, and what it costs.
public struct BaseRate: Codable, Sendable, Hashable {
  /// The loss: the entropy of the labels' rates, or the variance of the targets.
  public let loss: Double
  /// The error of always naming the most frequent class; `nil` for real targets.
  public let error: Double?
  /// The share of the most frequent class.
  public let largestShare: Double?

  /// The base rate of targets. Source: STUDIES.md 1; a network whose signal has died puts out its bias alone, and the
  /// bias learns this.
  public init<Scalar: TrainableScalar>(_ targets: Tensor<Scalar>, loss: LossFunction) {
    func entropy(_ shares: [Double]) -> Double {
      -shares.reduce(0) { $1 > 0 ? $0 + $1 * Foundation.log($1) : $0 }
    }
    let count = Double(targets.shape[0])
    switch loss {
    case .crossEntropy where targets.shape.rank == 1:
      var counts: [Int: Int] = [:]
      for label in targets.scalars { counts[Int(label.real), default: 0] += 1 }
      let shares = counts.sorted { $0.key < $1.key }.map { Double($0.value) / count }
      self.loss = entropy(shares)
      largestShare = shares.max()
      error = shares.max().map { 1 - $0 }
    case .crossEntropy:
      let shares = targets.mean(alongAxes: [0]).scalars.map(\.real)
      self.loss = entropy(shares)
      largestShare = shares.max()
      error = shares.max().map { 1 - $0 }
    case .binaryCrossEntropy:
      let rates = (0..<targets.shape[1]).map { column in
        targets.sliced(axis: 1, column..<column + 1).scalars.reduce(0) { $0 + $1.real } / count
      }
      let width = Double(rates.count)
      self.loss = rates.reduce(0) { $0 + entropy([$1, 1 - $1]) } / width
      error = rates.reduce(0) { $0 + min($1, 1 - $1) } / width
      largestShare = error.map { 1 - $0 }
    case .meanSquaredError:
      let mean = targets.mean(alongAxes: [0], keepingAxes: true)
      self.loss = (targets - mean).squared().mean().scalar.real
      (error, largestShare) = (nil, nil)
    }
  }
}
