import Datasets
import Plumbline
import Training

/// What the nearest neighbors of an example say about its target: how well it can be predicted from the features without a
/// network.
///
/// A network that does worse on its own training examples than neighbors do on left-out examples has not learned what there is to
/// learn; if the neighbors do no better than the base rate, that says nothing. This distinguishes noisy labels, which no network
/// should memorize, from a network that is too small. Each answer leaves its own example out; the best of 1, 5 and 15 neighbors
/// counts. Source: Cover and Hart, Nearest neighbor pattern classification, 1967.
public struct NeighborReference: Codable, Sendable, Hashable {
  /// The share of wrong answers, for classes; the mean squared error, for values.
  public let error: Double
  /// The same for the best answer that ignores the features, on the same examples.
  public let baseError: Double
  /// What they leave of what there is to learn: the share of wrong answers, or of the variance.
  var share: Double { areClasses ? error : error / max(baseError, 1e-300) }
  /// The number of examples answered, and of those searched for neighbors.
  public let queryCount: Int, exampleCount: Int
  /// Whether the targets are classes.
  public let areClasses: Bool
  /// The share of the answered examples whose 15 neighbors mostly agree on one class and never name the example's own; `nil` for
  /// values.
  public let contradicted: Double?
  /// By how many standard deviations fewer of the mistakes of 15 neighbors than chance explains are more than one class number away:
  /// large where the classes are grades in order; `nil` for values, few mistakes or two classes, and in records of earlier versions.
  public let nearness: Double?

  /// Whether the features predict the targets beyond chance: by more than three standard errors.
  public var seesSignal: Bool {
    areClasses
      ? baseError - error > 3 * standardError(baseError)
      : error < 0.8 * baseError
  }

  /// Whether the neighbors do clearly better than a network with this error (share, or mean squared error) on its own
  /// training examples: by three standard errors and 3 %, or by three tenths of the squared error.
  public func isBetter(than other: Double) -> Bool {
    areClasses
      ? other - error > max(0.03, 3 * standardError(max(error, 1 / Double(queryCount))))
      : error < 0.7 * other && other - error > 0.03 * baseError
  }

  /// Whether more labels are contradicted by all neighbors than overlapping classes explain: 4 %, at 95 % confidence.
  var contradictsLabels: Bool {
    guard let share = contradicted, seesSignal else { return false }
    let deviation = (share * (1 - share) / Double(max(queryCount, 1))).squareRoot()
    return share - 1.645 * deviation > 0.04
  }

  private func standardError(_ share: Double) -> Double {
    (share * (1 - share) / Double(max(queryCount, 1))).squareRoot()
  }

  private static var neighborCounts: [Int] { [1, 5, 15] }

  /// The neighbors, among at most `limit` examples, of a quarter of them, or of 128; `nil` for targets with several labels, or
  /// fewer than 32 examples.
  ///
  /// Features that differ in scale are standardized one by one, others are left as they are: the rim of pictures would drown the
  /// rest. Complexity: O(limit² · features), and at most 2²⁸ in all.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init?<Scalar: TrainableScalar>(
    of examples: Examples<Scalar>, loss: LossFunction, data: DataEvidence, limit: Int,
    isThorough: Bool = false
  ) {
    let width = examples.features.count / examples.count
    let count = min(limit, max(32, (1 << 20) / max(width, 1)), examples.count)
    guard count >= 32 else { return nil }
    let rows = (0..<count).map { $0 * examples.count / count }
    var chosen = Examples(
      features: examples.features.selectingRows(rows).reshaped(to: [count, width]),
      targets: examples.targets.selectingRows(rows))
    let targetWidth = chosen.targets.count / count
    let areClasses = loss.targets == .classes || loss.targets == .shares
    self.areClasses = areClasses
    guard !areClasses || targetWidth == 1, chosen.features.isFinite, chosen.targets.isFinite else {
      return nil
    }
    if data.scales.spreadRatio > 10 || data.scales.offsetRatio ?? 0 > 10 {
      chosen = chosen.normalized(by: Normalization(fitting: chosen.features, scope: .perFeature))
    }
    let queries = isThorough ? count : min(count, max(128, count / 4))
    let positions = (0..<queries).map { $0 * count / queries }
    let squares = chosen.features.squared().sum(alongAxes: [1])
    let products = matmul(
      chosen.features.selectingRows(positions), chosen.features, transposingSecond: true)
    let targets = chosen.targets.scalars.map(\.real)
    let most = Self.neighborCounts[2]
    var sums = [Double](repeating: 0, count: Self.neighborCounts.count)
    var contradictions = 0
    var mistaken: [(own: Double, named: Double)] = []
    var nearest = [(distance: Double, row: Int)](repeating: (.infinity, 0), count: most)
    products.withValues { products in
      squares.withValues { squares in
        for (query, own) in positions.enumerated() {
          nearest.withUnsafeMutableBufferPointer { nearest in
            nearest.update(repeating: (.infinity, 0))
            let products = products + query * count
            for row in 0..<count where row != own {
              let distance = squares[row].real - 2 * products[row].real
              guard distance < nearest[most - 1].distance else { continue }
              var slot = most - 1
              while slot > 0, nearest[slot - 1].distance > distance {
                nearest[slot] = nearest[slot - 1]
                slot -= 1
              }
              nearest[slot] = (distance, row)
            }
          }
          let rows = nearest.map(\.row)
          if areClasses {
            if Self.contradict(rows, own, targets) { contradictions += 1 }
            let named = Self.mostFrequent(rows[...], targets)
            if named != targets[own] { mistaken.append((targets[own], named)) }
          }
          for (index, neighbors) in Self.neighborCounts.enumerated() {
            sums[index] += Self.mistake(
              rows.prefix(neighbors), own, targets, targetWidth, areClasses)
          }
        }
      }
    }
    error = (sums.min() ?? 0) / Double(queries)
    queryCount = queries
    contradicted = areClasses ? Double(contradictions) / Double(queries) : nil
    nearness = Self.nearness(of: mistaken)
    exampleCount = count
    baseError = Self.baseError(positions, targets, targetWidth, areClasses)
  }

  /// Whether most neighbors are of one class, and none of the example's own.
  private static func contradict(_ neighbors: [Int], _ own: Int, _ targets: [Double]) -> Bool {
    var votes: [Double: Int] = [:]
    for row in neighbors { votes[targets[row], default: 0] += 1 }
    return votes[targets[own]] == nil && (votes.values.max() ?? 0) * 5 >= neighbors.count * 3
  }

  /// The share of examples that are not of the most frequent class, or the variance.
  private static func baseError(
    _ rows: [Int], _ targets: [Double], _ width: Int, _ areClasses: Bool
  ) -> Double {
    let count = Double(rows.count)
    if areClasses {
      let counts = rows.reduce(into: [Double: Int]()) { $0[targets[$1], default: 0] += 1 }
      return 1 - Double(counts.values.max() ?? 0) / count
    }
    return (0..<width).reduce(0.0) { sum, column in
      let values = rows.map { targets[$0 * width + column] }
      let mean = values.reduce(0, +) / count
      return sum + values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    } / Double(width)
  }

  /// 1 for another class than that of most neighbors, or the squared distance from their mean.
  private static func mistake(
    _ neighbors: ArraySlice<Int>, _ own: Int, _ targets: [Double], _ width: Int, _ areClasses: Bool
  ) -> Double {
    guard areClasses else {
      let square = (0..<width).reduce(0.0) { sum, column in
        let mean =
          neighbors.reduce(0) { $0 + targets[$1 * width + column] } / Double(neighbors.count)
        let difference = mean - targets[own * width + column]
        return sum + difference * difference
      }
      return square / Double(width)
    }
    return mostFrequent(neighbors, targets) == targets[own] ? 0 : 1
  }

  /// The most frequent label; of several equally frequent ones, that of the nearest neighbor.
  private static func mostFrequent(_ neighbors: ArraySlice<Int>, _ targets: [Double]) -> Double {
    var best = (votes: 0, label: Double.nan)
    for row in neighbors {
      let votes = neighbors.count { targets[$0] == targets[row] }
      if votes > best.votes { best = (votes, targets[row]) }
    }
    return best.label
  }

  /// How near wrong answers are to the labels, in the order of the class numbers, compared with the same answers given to the same
  /// labels at random.
  private static func nearness(of mistaken: [(own: Double, named: Double)]) -> Double? {
    guard mistaken.count >= 20 else { return nil }
    var (different, far) = (0.0, 0.0)
    for one in mistaken {
      for other in mistaken where one.own != other.named {
        different += 1
        if abs(one.own - other.named) > 1 { far += 1 }
      }
    }
    let share = far / max(different, 1)
    guard share > 0, share < 1 else { return nil }
    let count = Double(mistaken.count)
    let own = Double(mistaken.count { abs($0.own - $0.named) > 1 }) / count
    return (share - own) / (share * (1 - share) / count).squareRoot()
  }
}
