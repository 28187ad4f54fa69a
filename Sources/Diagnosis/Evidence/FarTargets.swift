import Foundation
import Plumbline
import Training

/// Real targets of another set that lie far beyond those of the training set: a squared error there is about them alone.
public struct FarTargets: Codable, Sendable, Hashable {
  /// The examples, numbered from 0, farthest first, at most five, and the number of all such.
  public let rows: [Int], count: Int
  /// The farthest value, and the least and the largest of the training set's.
  public let value: Double, range: [Double]
  /// The number of examples of the set.
  public let setCount: Int

  /// The targets of a set farther from the training set's range than three times its width, if they are at most a fiftieth of the set;
  /// `nil` if there are none, for classes, and for rows of several values.
  init?<Scalar: TrainableScalar>(
    of other: Examples<Scalar>, beside train: Examples<Scalar>, loss: LossFunction
  ) {
    guard loss.targets == .reals, train.targets.count == train.count, train.count >= 50,
      other.targets.count == other.count, train.targets.isFinite, other.targets.isFinite
    else { return nil }
    let known = train.targets.scalars.map(\.real)
    let values = other.targets.scalars.map(\.real)
    let (least, most) = (known.min() ?? 0, known.max() ?? 0)
    let width = most - least
    guard width > 0 else { return nil }
    func distance(_ row: Int) -> Double { max(least - values[row], values[row] - most) }
    let far = values.indices.filter { distance($0) > 3 * width }
      .sorted { (distance($1), $0) < (distance($0), $1) }
    guard let first = far.first, 50 * (far.count - 1) <= values.count else { return nil }
    rows = Array(far.prefix(5))
    count = far.count
    value = values[first]
    range = [least, most]
    setCount = values.count
  }
}
