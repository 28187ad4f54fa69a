import Foundation
import Plumbline

/// The best answer that ignores the input, and its cost.
public struct BaseRate: Codable, Sendable, Hashable {
  /// The loss: the entropy of the labels' rates, or the variance of the targets.
  public let loss: Double
  /// The error of always predicting the most frequent class; `nil` for real targets.
  public let error: Double?
  /// The share of the most frequent class.
  public let largestShare: Double?

  /// The base rate of targets. Source: STUDIES.md 1; a network whose signal has died outputs only its bias, and the
  /// bias learns this.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init<Scalar: TrainableScalar>(_ targets: Tensor<Scalar>, loss: LossFunction) {
    func entropy(_ shares: [Double]) -> Double {
      -shares.reduce(0) { $1 > 0 ? $0 + $1 * Foundation.log($1) : $0 }
    }
    let loss = loss.judged
    let count = Double(targets.shape[0])
    // If some examples count more than others, the best constant answer is a different one.
    let known = Tensor<Double>(converting: targets)
    let weighted = loss.exampleWeights(known).map { _ in
      let outputs =
        targets.shape.rank > 1
        ? targets.shape[1] : max(1, loss.classWeights.count)
      return loss.baseRate(known, outputs: outputs).loss
    }
    switch loss.targets {
    case .classes where targets.shape.rank == 1:
      var counts: [Int: Int] = [:]
      for label in targets.scalars { counts[Int(label.real), default: 0] += 1 }
      let shares = counts.sorted { $0.key < $1.key }.map { Double($0.value) / count }
      self.loss = weighted ?? entropy(shares)
      largestShare = shares.max()
      error = shares.max().map { 1 - $0 }
    case .classes:
      // Rows of shares: no single class is the right one.
      self.loss = loss.baseRate(known, outputs: targets.shape[1]).loss
      (error, largestShare) = (nil, nil)
    case .shares:
      let rates = (0..<targets.shape[1]).map { column in
        targets.sliced(axis: 1, column..<column + 1).scalars.reduce(0) { $0 + $1.real } / count
      }
      let width = Double(rates.count)
      self.loss =
        weighted
        ?? (loss == .binaryCrossEntropy
          ? rates.reduce(0) { $0 + entropy([$1, 1 - $1]) } / width
          : loss.baseRate(known, outputs: rates.count).loss)
      // As an evaluation counts: an example is right if all of its answers are.
      let count = rates.count
      let right = targets.withValues { values in
        (0..<targets.shape[0]).count { row in
          (0..<count).allSatisfy { (values[row * count + $0] > 0.5) == (rates[$0] > 0.5) }
        }
      }
      largestShare = Double(right) / Double(targets.shape[0])
      error = largestShare.map { 1 - $0 }
    case .reals, .counts:
      self.loss = loss.baseRate(known, outputs: targets.shape[1]).loss
      (error, largestShare) = (nil, nil)
    }
  }
}
