import Plumbline

/// Checks a gradient that somebody wrote by hand in another program by the values of their own cost, which is asked for at each point.
///
/// Each entry is compared with central differences of a ladder of steps that suits the precision, with the error that they may have.
/// Where the slopes on both sides of the point stay apart however small the step, it is a kink, and a gradient between them is right.
/// Where the cost has values on one side only, as a root at 0, the slope of that side counts.
public struct ForeignCheck: Sendable {
  /// A parameter with its values and its gradient.
  public struct Parameter: Sendable, Codable {
    /// Its name, values and gradient; the two lists are of one length.
    public let name: String, values: [Double], gradient: [Double]

    /// A parameter.
    public init(name: String, values: [Double], gradient: [Double]) {
      self.name = name
      self.values = values
      self.gradient = gradient
    }
  }

  /// What was found for one parameter.
  public struct Item: Sendable, Encodable {
    /// Its name.
    public let name: String
    /// The worst verdict of its entries; surrogates are not judged.
    public let verdict: Verdict
    /// The number of its entries, and of those that were compared.
    public let entries: Int, checked: Int
    /// The largest difference from the slope, relative to the size of the gradient, and the largest that the differences explain.
    public let relativeError: Double, predictedError: Double
    /// The entry with that difference, what the gradient says there and the slopes on both sides.
    public let worst: Int, claimed: Double, left: Double, right: Double
    /// The entries at a kink.
    public let kinks: [Int]
    /// Whether the gradient is meant to differ from the slope.
    public let isSurrogate: Bool
    /// Whether gradient and differences are zero wherever they were compared.
    public let isVacuous: Bool
  }

  /// The answer.
  public struct Report: Sendable, Encodable {
    /// One item for each parameter.
    public let items: [Item]
    /// The cost, called twice at the same point.
    public let costs: [Double]
    /// Whether both calls gave the same.
    public var isRepeatable: Bool { costs[0] == costs[1] }
    /// The worst verdict.
    public var verdict: Verdict { items.map(\.verdict).max() ?? .pass }
  }

  /// The parameters.
  public let parameters: [Parameter]
  /// The distance from 1 to the next number of the precision that the cost is computed in.
  public let epsilon: Double
  /// The parameters whose gradient is meant to be another than the slope.
  public let surrogates: Set<String>
  /// The entries of each parameter that are compared at most.
  public let limit: Int

  /// A check of these parameters.
  public init(
    _ parameters: [Parameter], epsilon: Double, surrogates: Set<String> = [], limit: Int = 20
  ) {
    self.parameters = parameters
    self.epsilon = epsilon
    self.surrogates = surrogates
    self.limit = limit
  }

  /// The report.
  ///
  /// - Parameter cost: Gives the cost with one entry of one parameter moved by a step; the entry is unimportant where the step is 0.
  /// Complexity: about 20 costs for each entry that is compared.
  public func report(
    _ cost: (_ parameter: Int, _ entry: Int, _ step: Double) throws -> Double
  ) rethrows -> Report {
    let first = try cost(0, 0, 0)
    let second = try cost(0, 0, 0)
    guard first == second, first.isFinite else { return Report(items: [], costs: [first, second]) }
    var items: [Item] = []
    for index in parameters.indices {
      items.append(try item(index, first) { try cost(index, $0, $1) })
    }
    return Report(items: items, costs: [first, second])
  }

  /// The entries that are compared: the largest ones of the gradient first, and a random choice.
  private func chosen(_ index: Int) -> [Int] {
    let gradient = parameters[index].gradient
    guard gradient.count > limit else { return Array(gradient.indices) }
    let key = Key(seed: 0)["entries"][index]
    let largest = gradient.indices.sorted {
      Swift.abs(gradient[$0]) > Swift.abs(gradient[$1])
    }.prefix(limit / 4)
    var chosen = Set(largest)
    var draw = 0
    while chosen.count < limit {
      chosen.insert(key.integer(at: draw, below: gradient.count))
      draw += 1
    }
    return chosen.sorted()
  }

  private func item(
    _ index: Int, _ start: Double, _ cost: (Int, Double) throws -> Double
  ) rethrows -> Item {
    let parameter = parameters[index]
    let entries = chosen(index)
    let isSurrogate = surrogates.contains(parameter.name)
    let size = parameter.gradient.reduce(0) { $1.isFinite ? Swift.max($0, Swift.abs($1)) : $0 }
    var verdict = Verdict.pass
    var kinks: [Int] = []
    var isVacuous = true
    var (worst, error, predicted) = (entries.first ?? 0, -1.0, 0.0)
    var slopes = (left: 0.0, right: 0.0)
    for entry in entries {
      let claimed = parameter.gradient[entry]
      let found = try slope(start, at: parameter.values[entry]) { try cost(entry, $0) }
      let scale = Swift.max(size, Swift.abs(found.left), Swift.abs(found.right), 1e-300)
      let allowance = 4 * found.error + 16 * epsilon * scale
      let isBetween =
        claimed >= Swift.min(found.left, found.right) - allowance
        && claimed <= Swift.max(found.left, found.right) + allowance
      if claimed != 0 || Swift.max(Swift.abs(found.left), Swift.abs(found.right)) > allowance {
        isVacuous = false
      }
      let middle = (found.left + found.right) / 2
      let distance =
        claimed.isFinite && middle.isFinite ? Swift.abs(claimed - middle) / scale : .infinity
      if found.isKink { kinks.append(entry) }
      let isRight = allowance.isFinite && claimed.isFinite && isBetween
      let answer: Verdict = isRight ? (found.isKink ? .kink : .pass) : .fail
      if !isSurrogate { verdict = Swift.max(verdict, answer) }
      if (answer == .fail || !found.isKink) && distance > error {
        (worst, error, slopes) = (entry, distance, (found.left, found.right))
      }
      predicted = Swift.max(predicted, found.error / scale)
    }
    return Item(
      name: parameter.name, verdict: verdict, entries: parameter.gradient.count,
      checked: entries.count, relativeError: Swift.max(error, 0), predictedError: predicted,
      worst: worst, claimed: parameter.gradient.isEmpty ? 0 : parameter.gradient[worst],
      left: slopes.left, right: slopes.right, kinks: kinks, isSurrogate: isSurrogate,
      isVacuous: isVacuous)
  }

  /// The slopes at a point with their error.
  private func slope(
    _ start: Double, at value: Double, _ cost: (Double) throws -> Double
  ) rethrows -> (left: Double, right: Double, error: Double, isKink: Bool) {
    func noise(_ step: Double, _ above: Double, _ below: Double) -> Double {
      16 * epsilon * Swift.max(Swift.abs(start), Swift.abs(above), Swift.abs(below)) / step
    }
    // The third root of the precision balances truncation and rounding; steps around it are tried.
    let best = cubeRoot(epsilon) * Swift.max(1, Swift.abs(value))
    var central: (slope: Double, error: Double) = (.nan, .infinity)
    var sides: [(left: Double, right: Double, noise: Double)] = []
    var previous = Double.nan
    for power in [4.0, 2, 1, 0.5, 0.25, 0.125] {
      let step = best * 4 * power
      let (above, below) = (try cost(step), try cost(-step))
      let rounding = noise(step, above, below)
      sides.append(((start - below) / step, (above - start) / step, 2 * rounding))
      let difference = (above - below) / (2 * step)
      let extrapolated = (4 * difference - previous) / 3
      let error = Swift.abs(extrapolated - difference) + rounding
      if error < central.error { central = (extrapolated, error) }
      previous = difference
    }
    let (wide, near) = (sides[0], sides[3])
    // On one side only: the slope there, extrapolated.
    for (isLeft, values) in [(true, sides.map(\.left)), (false, sides.map(\.right))] {
      let other = isLeft ? sides.map(\.right) : sides.map(\.left)
      guard values[3].isFinite, !other[3].isFinite else { continue }
      let extrapolated = 2 * values[3] - values[2]
      return (
        extrapolated, extrapolated, Swift.abs(extrapolated - values[3]) + 3 * near.noise, false
      )
    }
    // A smooth function's slopes come together with the step, those at a kink stay apart.
    let gap = (wide: Swift.abs(wide.left - wide.right), near: Swift.abs(near.left - near.right))
    if gap.near > 0.5 * gap.wide, gap.near > 4 * near.noise,
      gap.near > 1e-6 * Swift.abs(near.left + near.right)
    {
      let left = 2 * near.left - sides[2].left
      let right = 2 * near.right - sides[2].right
      return (
        left, right, Swift.abs(left - near.left) + Swift.abs(right - near.right) + near.noise, true
      )
    }
    return (central.slope, central.slope, central.error, false)
  }

  /// The third root, by Newton's steps.
  private func cubeRoot(_ x: Double) -> Double {
    var root = 1e-4
    for _ in 0..<60 { root = (2 * root + x / (root * root)) / 3 }
    return root
  }
}
