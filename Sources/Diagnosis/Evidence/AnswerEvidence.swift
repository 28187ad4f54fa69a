import Plumbline
import Training

/// How a classifier's answers are distributed at the end of the run.
public struct AnswerEvidence: Codable, Sendable, Hashable {
  /// The share of the examples that belong to the most frequent class, and of those that are assigned to it.
  public var largestShare: Double, answeredShare: Double
  /// The share of the other examples that are classified correctly.
  public var otherRecall: Double
  /// The share of wrong answers among the most confident quarter of the examples, and how many these
  /// are; `nil` in what older versions stored.
  public var certainMistakes: Double?, certainCount: Int?
  /// The share of wrong answers among the most confident half; `nil` in what older versions stored.
  public var halfMistakes: Double?
  /// How many examples of each class there are and how many of them are classified correctly, by class number; `nil` in what older
  /// versions stored.
  public var recalls: [Recall]?

  /// The number of examples whose answers were looked at.
  var answerCount: Int { recalls?.reduce(0) { $0 + $1.count } ?? 0 }

  /// The answers to the examples of a class.
  public struct Recall: Codable, Sendable, Hashable {
    /// The class number, its examples, and those that are classified correctly.
    public let label: Int, count: Int, right: Int

    /// The share of its examples that are classified correctly.
    var share: Double { Double(right) / Double(max(count, 1)) }
  }

  /// The answers to examples in inference mode; `nil` if targets are not single classes or binary.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init?<Scalar: TrainableScalar>(
    outputs: Tensor<Scalar>, targets: Tensor<Scalar>, loss: LossFunction
  ) {
    let count = targets.shape[0]
    guard loss.areClasses, targets.count == count, outputs.isFinite, count > 0 else {
      return nil
    }
    let labels = targets.scalars.map { Int($0.real.rounded()) }
    let width = outputs.count / count
    let values = outputs.scalars.map(\.real)
    let answers = (0..<count).map { row -> Int in
      if width == 1 { return values[row] > 0 ? 1 : 0 }
      let row = values[row * width..<(row + 1) * width]
      return (row.indices.max { row[$0] < row[$1] } ?? row.startIndex) - row.startIndex
    }
    let counts = labels.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    guard let largest = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else {
      return nil
    }
    largestShare = Double(counts[largest] ?? 0) / Double(count)
    answeredShare = Double(answers.count { $0 == largest }) / Double(count)
    recalls = counts.keys.sorted().map { label in
      let right = labels.indices.count { labels[$0] == label && answers[$0] == label }
      return Recall(label: label, count: counts[label] ?? 0, right: right)
    }
    let others = labels.indices.filter { labels[$0] != largest }
    otherRecall =
      Double(others.count { answers[$0] == labels[$0] }) / Double(max(others.count, 1))
    let margins = (0..<count).map { row -> Double in
      if width == 1 { return abs(values[row]) }
      var (first, second) = (-Double.infinity, -Double.infinity)
      for value in values[row * width..<(row + 1) * width] {
        if value > first {
          (first, second) = (value, first)
        } else if value > second {
          second = value
        }
      }
      return first - second
    }
    let order = labels.indices.sorted { (margins[$1], $0) < (margins[$0], $1) }
    let certain = order.prefix(max(1, count / 4))
    certainMistakes =
      Double(certain.count { answers[$0] != labels[$0] }) / Double(certain.count)
    certainCount = certain.count
    let half = order.prefix(max(1, count / 2))
    halfMistakes = Double(half.count { answers[$0] != labels[$0] }) / Double(half.count)
  }
}
