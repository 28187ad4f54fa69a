import Plumbline

/// Checks a gradient written by hand in another program against that program's cost, which is requested at each point.
///
/// Each entry is compared with central differences over a ladder of steps that suits the precision, allowing for their error.
/// Where the slopes on the two sides of the point stay apart however small the step, it is a kink, and any gradient between them is
/// right. Where the cost has values on one side only, like a power at 0, the slope of that side counts; the slope of a root is
/// unbounded there, and only infinity is right. Of a parameter with many entries some are compared one by one and, where the other program
/// can move several at once, all of them together, so that a wrong row or column is found wherever it is.
public struct ForeignCheck: Sendable {
  /// A parameter with its values and its gradient.
  public struct Parameter: Sendable, Codable {
    /// Its name, values and gradient; the two lists have the same length.
    public let name: String, values: [Double], gradient: [Double]
    /// Its shape, if it is an array with more than one axis.
    public let shape: [Int]?

    /// An entry in words: by its index on each axis if there are several.
    public func place(of entry: Int) -> String {
      guard let shape, shape.count > 1, shape.reduce(1, *) == values.count else {
        return "\(name), entry \(entry)"
      }
      var (rest, index) = (entry, [Int]())
      for extent in shape.reversed() {
        index.insert(rest % extent, at: 0)
        rest /= extent
      }
      return "\(name)[\(index.map(String.init).joined(separator: ", "))]"
    }

    /// The rounding of the gradient's own precision, which may be lower than that of the cost.
    fileprivate var gradientEpsilon: Double {
      gradient.allSatisfy { Double(Float($0)) == $0 || $0.isNaN }
        ? Double(Float.ulpOfOne) : .ulpOfOne
    }

    /// A parameter.
    public init(name: String, values: [Double], gradient: [Double], shape: [Int]? = nil) {
      self.name = name
      self.values = values
      self.gradient = gradient
      self.shape = shape
    }
  }

  /// What was found for one parameter.
  public struct Item: Sendable, Encodable {
    /// Its name.
    public let name: String
    /// The worst verdict of its entries, alone and at once; surrogates are not judged.
    public internal(set) var verdict: Verdict
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
    /// Whether the rounding of the cost hides every slope, so that nothing was compared.
    public let isHidden: Bool
    /// Whether the cost stayed the same wherever an entry was moved.
    public let isFlat: Bool
    /// The entries at which the slope grows without bound as the step shrinks, like that of a root at 0.
    public let unbounded: [Int]
    /// Whether the gradient was zero at the point, so that it was compared where parameters are moved off zero.
    public internal(set) var isMoved = false
    /// The comparison with all entries moved at once; `nil` where each was compared, one alone is wrong, or several cannot be moved.
    public internal(set) var together: Together?
    /// Whether anything was compared.
    public var isChecked: Bool { !isVacuous && !isHidden }
  }

  /// The comparison of entries that are moved at once, each up or down.
  public struct Together: Sendable, Encodable {
    /// The entries, counted from 0: the end is not among them. Where they differ, the fewest in a row that still do.
    public let first: Int, end: Int
    /// What the gradient says of the move, and the slope along it.
    public let claimed: Double, slope: Double
    /// Whether the two agree.
    public let isRight: Bool

    var entries: Range<Int> { first..<end }

    /// Whether an entry moves up; each does so or moves down, in an order without a pattern that rows or columns could have as well.
    public static func movesUp(_ entry: Int) -> Bool {
      (UInt32(truncatingIfNeeded: entry + 1) &* 2_654_435_761) >> 16 & 1 == 1
    }
  }

  /// The answer.
  public struct Report: Sendable, Encodable {
    /// One item for each parameter.
    public let items: [Item]
    /// The cost, called twice at the same point.
    public let costs: [Double]
    /// Whether both calls gave the same value.
    public var isRepeatable: Bool { costs[0] == costs[1] }
    /// The worst verdict.
    public var verdict: Verdict { items.map(\.verdict).max() ?? .pass }
    /// Whether no move of any parameter changed the cost, though a gradient says that it should: the function may use other parameters than
    /// those that are moved.
    public var isUnmoved: Bool {
      verdict == .fail && items.allSatisfy { $0.isFlat || $0.isVacuous }
    }
    /// Whether there is a verdict: the cost is a number, the same twice, and something was compared or meant to differ.
    public var isDecided: Bool {
      isRepeatable && costs[0].isFinite && !isUnmoved
        && (verdict == .fail || items.contains { $0.isChecked || $0.isSurrogate })
    }
  }

  /// The parameters.
  public let parameters: [Parameter]
  /// The distance from 1 to the next number of the precision that the cost is computed in.
  public let epsilon: Double
  /// The parameters whose gradient is meant to differ from the slope.
  public let surrogates: Set<String>
  /// The largest number of entries of each parameter that are compared.
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

  /// The report at the point only: a parameter whose gradient is zero there stays unchecked.
  public func report(
    _ cost: (_ parameter: Int, _ entry: Int, _ step: Double) throws -> Double
  ) rethrows -> Report {
    try report(cost, move: { _ in [] }, together: { _, _, _ in .nan })
  }

  /// The report, with entries moved one at a time only.
  public func report(
    _ cost: (_ parameter: Int, _ entry: Int, _ step: Double) throws -> Double,
    move: (_ values: [[Double]]) throws -> [[Double]]
  ) rethrows -> Report {
    try report(cost, move: move, together: { _, _, _ in .nan })
  }

  /// The report.
  ///
  /// - Parameters:
  ///   - cost: Gives the cost with one entry of one parameter moved by a step; the entry is irrelevant if the step is 0.
  ///   - move: Moves all parameters to other values for good and gives the gradient there, one list for each. With it a parameter
  ///     whose gradient is zero at the point is compared where others are moved off zero; if it returns lists of other
  ///     lengths, the parameter stays unchecked.
  ///   - together: Gives the cost with several entries of a parameter moved at once, by a step divided by the root of their number, and
  ///     up or down as ``Together/movesUp(_:)`` says; not a number, at a step of 0 too, if it cannot.
  /// - Complexity: About 20 cost evaluations for each entry compared.
  public func report(
    _ cost: (_ parameter: Int, _ entry: Int, _ step: Double) throws -> Double,
    move: (_ values: [[Double]]) throws -> [[Double]],
    together: (_ parameter: Int, _ entries: Range<Int>, _ step: Double) throws -> Double
  ) rethrows -> Report {
    let first = try cost(0, 0, 0)
    let second = try cost(0, 0, 0)
    guard first == second, first.isFinite else { return Report(items: [], costs: [first, second]) }
    var items: [Item] = []
    for index in parameters.indices {
      var found = try item(index, chosen(index), first) { try cost(index, $0, $1) }
      if found.verdict != .fail, found.isChecked, !found.isSurrogate,
        found.checked < found.entries,
        let all = try compareTogether(index, first, { try together(index, $0, $1) })
      {
        if !all.isRight, all.entries.count <= limit {
          found = try item(index, Array(all.entries), first) { try cost(index, $0, $1) }
        }
        if found.verdict != .fail {
          found.together = all
          if !all.isRight { found.verdict = .fail }
        }
      }
      items.append(found)
    }
    try compareOffZero(&items, cost, move)
    return Report(items: items, costs: [first, second])
  }

  /// Compares once more the parameters whose comparison was zero against zero, see ``OffZero``.
  private func compareOffZero(
    _ items: inout [Item], _ cost: (Int, Int, Double) throws -> Double,
    _ move: ([[Double]]) throws -> [[Double]]
  ) rethrows {
    let zeros = items.indices.filter { items[$0].isVacuous && !items[$0].isSurrogate }
    guard !zeros.isEmpty else { return }
    let point = parameters.map { Tensor([$0.values.count], $0.values) }
    let values = OffZero.point(near: point, Key(seed: 0)["off zero"]).map(\.scalars)
    let gradients = try move(values)
    guard gradients.map(\.count) == values.map(\.count) else { return }
    let start = try cost(0, 0, 0)
    guard start.isFinite else { return }
    let elsewhere = ForeignCheck(
      parameters.indices.map {
        Parameter(name: parameters[$0].name, values: values[$0], gradient: gradients[$0])
      }, epsilon: epsilon, surrogates: surrogates, limit: limit)
    for index in zeros {
      var found = try elsewhere.item(index, elsewhere.chosen(index), start) {
        try cost(index, $0, $1)
      }
      found.isMoved = true
      items[index] = found
    }
  }

  /// What moving all entries at once shows, and where it shows a mistake, the fewest in a row that do; `nil` if they cannot be moved at once.
  private func compareTogether(
    _ index: Int, _ start: Double, _ cost: (Range<Int>, Double) throws -> Double
  ) rethrows -> Together? {
    let parameter = parameters[index]
    let all = parameter.gradient.indices
    guard try cost(all, 0) == start else { return nil }
    func compared(_ entries: Range<Int>) throws -> Together {
      let part = parameter.gradient[entries]
      let size = Double(entries.count).squareRoot()
      let claimed =
        zip(entries, part).reduce(0) { Together.movesUp($1.0) ? $0 + $1.1 : $0 - $1.1 } / size
      let found = try slope(start, at: 0) { try cost(entries, $0) }
      // The slope along a random direction is of this size.
      let norm = part.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let scale = Swift.max(
        norm / size, Swift.abs(claimed), Swift.abs(found.left), Swift.abs(found.right))
      // A move of all entries may pass many kinks: only a distance that no rounding explains counts.
      let allowance =
        8 * found.error + 1e-4 * scale
        + (16 * epsilon + 64 * parameter.gradientEpsilon) * Swift.max(scale, norm)
      let isRight =
        !(claimed < Swift.min(found.left, found.right) - allowance)
        && !(claimed > Swift.max(found.left, found.right) + allowance)
      return Together(
        first: entries.lowerBound, end: entries.upperBound, claimed: claimed,
        slope: (found.left + found.right) / 2, isRight: isRight)
    }
    var found = try compared(all)
    while !found.isRight, found.entries.count > limit {
      let middle = (found.first + found.end) / 2
      let halves = try [found.first..<middle, middle..<found.end].map(compared)
      guard
        let wrong = halves.filter({ !$0.isRight }).max(by: {
          Swift.abs($0.claimed - $0.slope) < Swift.abs($1.claimed - $1.slope)
        })
      else { break }
      found = wrong
    }
    return found
  }

  /// The entries that are compared: any that are not finite, the largest ones of the gradient, and a random choice.
  private func chosen(_ index: Int) -> [Int] {
    let gradient = parameters[index].gradient
    guard gradient.count > limit else { return Array(gradient.indices) }
    let key = Key(seed: 0)["entries"][index]
    let largest = gradient.indices.filter { gradient[$0].isFinite }.sorted {
      Swift.abs(gradient[$0]) > Swift.abs(gradient[$1])
    }.prefix(limit / 4)
    // One that is not finite is a mistake wherever it is.
    var chosen = Set(largest).union(
      gradient.indices.lazy.filter { !gradient[$0].isFinite }.prefix(1))
    var draw = 0
    while chosen.count < limit {
      chosen.insert(key.integer(at: draw, below: gradient.count))
      draw += 1
    }
    return chosen.sorted()
  }

  /// What the cost does around an entry.
  private struct Slope {
    var left: Double, right: Double
    /// How large their error may be.
    var error: Double
    var isKink = false
    /// Whether the slope grows without bound as the step shrinks.
    var isUnbounded = false
  }

  private func item(
    _ index: Int, _ entries: [Int], _ start: Double, _ cost: (Int, Double) throws -> Double
  ) rethrows -> Item {
    let parameter = parameters[index]
    let isSurrogate = surrogates.contains(parameter.name)
    let size = parameter.gradient.reduce(0) { $1.isFinite ? Swift.max($0, Swift.abs($1)) : $0 }
    var verdict = Verdict.pass
    var (kinks, unbounded): ([Int], [Int]) = ([], [])
    var (isVacuous, isHidden, isFlat) = (true, true, true)
    var (worst, error, predicted) = (entries.first ?? 0, -1.0, 0.0)
    var slopes = (left: 0.0, right: 0.0)
    for entry in entries {
      let claimed = parameter.gradient[entry]
      let found = try slope(start, at: parameter.values[entry]) { try cost(entry, $0) }
      if found.left != 0 || found.right != 0 { isFlat = false }
      let scale = Swift.max(size, Swift.abs(found.left), Swift.abs(found.right), 1e-300)
      let allowance =
        4 * found.error + (16 * epsilon + 64 * parameter.gradientEpsilon) * scale
      let isBetween =
        claimed >= Swift.min(found.left, found.right) - allowance
        && claimed <= Swift.max(found.left, found.right) + allowance
      if claimed != 0 || Swift.max(Swift.abs(found.left), Swift.abs(found.right)) > allowance {
        isVacuous = false
      }
      // A gradient that is wrong by half would pass: the differences say nothing.
      if allowance < 0.5 * scale || found.isUnbounded || !claimed.isFinite { isHidden = false }
      if found.isUnbounded { unbounded.append(entry) }
      let middle = (found.left + found.right) / 2
      let distance =
        claimed.isFinite && middle.isFinite ? Swift.abs(claimed - middle) / scale : .infinity
      if found.isKink { kinks.append(entry) }
      let isRight =
        found.isUnbounded
        ? claimed == middle : allowance.isFinite && claimed.isFinite && isBetween
      let answer: Verdict = isRight ? (found.isKink ? .kink : .pass) : .fail
      if !isSurrogate { verdict = Swift.max(verdict, answer) }
      if (answer == .fail || !found.isKink) && distance > error && !(isRight && found.isUnbounded) {
        (worst, error, slopes) = (entry, distance, (found.left, found.right))
      }
      predicted = Swift.max(predicted, found.isUnbounded ? 0 : found.error / scale)
    }
    return Item(
      name: parameter.name, verdict: verdict, entries: parameter.gradient.count,
      checked: entries.count, relativeError: Swift.max(error, 0), predictedError: predicted,
      worst: worst, claimed: parameter.gradient.isEmpty ? 0 : parameter.gradient[worst],
      left: slopes.left, right: slopes.right, kinks: kinks, isSurrogate: isSurrogate,
      isVacuous: isVacuous, isHidden: isHidden && !isVacuous && verdict != .fail,
      isFlat: isFlat, unbounded: unbounded)
  }

  /// The steps that are tried around a value, the largest first: powers of 2, so that adding one to a value of few digits is exact.
  ///
  /// The third root of the precision balances truncation and rounding.
  ///
  /// - Parameter least: The smallest size that a value is taken to have.
  private func steps(at value: Double, least: Double) -> [Double] {
    var step = 1.0
    let best = cubeRoot(epsilon) * Swift.max(least, Swift.abs(value))
    while step > best { step /= 2 }
    while step * 2 <= best { step *= 2 }
    return [16, 8, 4, 2, 1, 0.5].map { step * $0 }
  }

  /// The slopes at a point with their error.
  private func slope(
    _ start: Double, at value: Double, least: Double = 1, _ cost: (Double) throws -> Double
  ) rethrows -> Slope {
    let steps = steps(at: value, least: least)
    var tried: [(difference: Double, slope: Double, rounding: Double)] = []
    var sides: [(left: Double, right: Double, noise: Double)] = []
    var previous = Double.nan
    for step in steps {
      let (above, below) = (try cost(step), try cost(-step))
      let difference = (above - below) / (2 * step)
      // The cost is rounded, and so is the moved value.
      let rounding =
        16 * epsilon * Swift.max(Swift.abs(start), Swift.abs(above), Swift.abs(below)) / step
        + epsilon * Swift.abs(value) / step * Swift.abs(difference)
      sides.append(((start - below) / step, (above - start) / step, 2 * rounding))
      tried.append((difference, (4 * difference - previous) / 3, rounding))
      previous = difference
    }
    // Steps that are long enough to pass a kink agree with one another on a mean of the slopes at its sides: the shorter ones do not.
    var central: (slope: Double, error: Double) = (.nan, .infinity)
    for (index, own) in tried.enumerated() {
      let shorter =
        tried[(index + 1)...].map {
          Swift.abs($0.difference - own.slope) - $0.rounding
        }.max() ?? 0
      let error =
        Swift.abs(own.slope - own.difference) + own.rounding + Swift.max(shorter, 0)
      if error < central.error { central = (own.slope, error) }
    }
    let near = sides[3]
    // Near the edge of a domain at 0 the steps have to be small relative to the value.
    if value != 0, least > 0, near.left.isFinite != near.right.isFinite {
      return try slope(start, at: value, least: 0, cost)
    }
    // On one side only: the slope there, extrapolated.
    for (values, other) in [
      (sides.map(\.left), sides.map(\.right)), (sides.map(\.right), sides.map(\.left)),
    ] {
      guard values[3].isFinite, !other[3].isFinite else { continue }
      // That of a root grows by √2 with each half of the step, that of a logarithm's product by a constant.
      if isUnbounded(values) {
        let limit = values[5] < 0 ? -Double.infinity : .infinity
        return Slope(left: limit, right: limit, error: 0, isUnbounded: true)
      }
      let extrapolated = 2 * values[3] - values[2]
      let noise = 16 * epsilon * Swift.abs(start) / steps[3]
      return Slope(
        left: extrapolated, right: extrapolated,
        error: Swift.abs(extrapolated - values[3]) + 6 * noise)
    }
    // A smooth function's slopes come together with the step, those at a kink stay apart, and a gap that is due to rounding grows.
    let gaps = sides.map { $0.right - $0.left }
    let isSteady = gaps[1...3].allSatisfy { (0.5...2).contains($0 / gaps[3]) }
    if isSteady, Swift.abs(gaps[3]) > 0.5 * Swift.abs(gaps[0]),
      Swift.abs(gaps[3]) > 4 * near.noise,
      Swift.abs(gaps[3]) > 1e-6 * Swift.abs(near.left + near.right)
    {
      let left = 2 * near.left - sides[2].left
      let right = 2 * near.right - sides[2].right
      return Slope(
        left: left, right: right,
        error: Swift.abs(left - near.left) + Swift.abs(right - near.right) + near.noise,
        isKink: true)
    }
    return Slope(left: central.slope, right: central.slope, error: central.error)
  }

  /// Whether the slopes grow, as the step falls, by amounts that do not fall themselves.
  private func isUnbounded(_ slopes: [Double]) -> Bool {
    let growth = zip(slopes.dropFirst(), slopes).map { Swift.abs($0) - Swift.abs($1) }
    let size = Swift.abs(slopes[5])
    return growth.allSatisfy { $0 > 0.01 * size }
      && zip(growth.dropFirst(), growth).allSatisfy { $0 > 0.9 * $1 }
  }

  /// The third root, by Newton's method.
  private func cubeRoot(_ x: Double) -> Double {
    var root = 1e-4
    for _ in 0..<60 { root = (2 * root + x / (root * root)) / 3 }
    return root
  }
}
