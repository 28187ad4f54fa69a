/// Hands out examples to three parts, class by class.
struct SplitAllocation {
  /// Examples that stay together.
  struct Unit {
    let group: Int
    let size: Int
  }

  private struct Stratum {
    /// The number of examples that each part should have of it.
    let quotas: [Double]
    var assigned = [0, 0, 0]
    /// The single examples that each part has, by group, in the order in which they were added.
    var singles: [[Int]] = [[], [], []]
  }

  /// The examples that each part has.
  private(set) var sizes = [0, 0, 0]
  private let targets: [Int]
  private let shares: [Double]
  private var expected = [0.0, 0.0, 0.0]
  private var strata: [Stratum] = []
  private var partOfGroup: [Int: Int] = [:]

  init(targets: [Int]) {
    self.targets = targets
    let total = Double(targets.reduce(0, +))
    shares = targets.map { Double($0) / total }
  }

  /// Hands out the units of a class: each part first gets the whole number in its quota, and the rest goes where the classes so far
  /// have left the largest gap, so that similar gaps in many classes do not add up.
  ///
  /// Groups of copies come first, largest first, and go to parts at random, each with the part's share as its chance: if the part with
  /// most room got them, the test part would lack what is frequent. Their positions are spread evenly, so that every part also gets its
  /// share of the groups of each size.
  /// - Parameter start: A random number below 1, where the positions begin.
  mutating func position(_ units: [Unit], start: Double) {
    let count = Double(units.reduce(0) { $0 + $1.size })
    var stratum = Stratum(quotas: shares.map { $0 * count })
    for part in 0..<3 { expected[part] += stratum.quotas[part] }
    for (index, unit) in units.enumerated() {
      let gaps = (0..<3).map { stratum.quotas[$0] - Double(stratum.assigned[$0]) }
      // Rounding of the shares must not look like a gap.
      let open = (0..<3).filter { gaps[$0] > 1e-9 * count }
      let drawn = unit.size > 1 ? drawnPart(at: start + Double(index) * Self.goldenRatio) : nil
      let part: Int
      if let drawn, gaps[drawn] >= Double(unit.size) - 1 {
        part = drawn
      } else if open.contains(where: { gaps[$0] >= 1 - 1e-9 * count }) || open.isEmpty {
        part = Self.first(of: (0..<3).filter { targets[$0] > 0 }) { gaps[$0] }
      } else {
        part = Self.first(of: open) { expected[$0] - Double(sizes[$0]) }
      }
      stratum.assigned[part] += unit.size
      sizes[part] += unit.size
      partOfGroup[unit.group] = part
      if unit.size == 1 { stratum.singles[part].append(unit.group) }
    }
    strata.append(stratum)
  }

  /// Multiples of it, modulo 1, fill the unit interval evenly.
  private static let goldenRatio = 0.618_033_988_749_894_9

  /// The part whose share of the unit interval holds the fraction of a number.
  private func drawnPart(at position: Double) -> Int {
    var rest = position - position.rounded(.down)
    for part in 0..<3 where targets[part] > 0 {
      if rest < shares[part] { return part }
      rest -= shares[part]
    }
    return 0
  }

  /// Moves single examples until every part has its size, each from the class where that disturbs the
  /// shares least. Deviations that only groups of identical examples could fix remain.
  mutating func meetTargets() {
    while let full = (0..<3).first(where: { sizes[$0] > targets[$0] }) {
      let wanting = Self.first(of: 0..<3) { Double(targets[$0] - sizes[$0]) }
      let candidates = strata.indices.filter { !strata[$0].singles[full].isEmpty }
      guard targets[wanting] > sizes[wanting], !candidates.isEmpty else {
        // Another part may still have single examples to give.
        if moveOnce(from: (0..<3).filter { $0 != full && sizes[$0] > targets[$0] }) { continue }
        return
      }
      move(from: full, to: wanting, among: candidates)
    }
  }

  private mutating func moveOnce(from parts: [Int]) -> Bool {
    for part in parts {
      let wanting = Self.first(of: 0..<3) { Double(targets[$0] - sizes[$0]) }
      let candidates = strata.indices.filter { !strata[$0].singles[part].isEmpty }
      guard targets[wanting] > sizes[wanting], !candidates.isEmpty else { continue }
      move(from: part, to: wanting, among: candidates)
      return true
    }
    return false
  }

  private mutating func move(from part: Int, to other: Int, among candidates: [Int]) {
    let chosen = Self.first(of: candidates) { index in
      let stratum = strata[index]
      func gap(_ part: Int) -> Double { stratum.quotas[part] - Double(stratum.assigned[part]) }
      return gap(other) - gap(part)
    }
    let group = strata[chosen].singles[part].removeLast()
    strata[chosen].singles[other].append(group)
    strata[chosen].assigned[part] -= 1
    strata[chosen].assigned[other] += 1
    sizes[part] -= 1
    sizes[other] += 1
    partOfGroup[group] = other
  }

  /// The part of each example.
  func parts(of groups: [[Int]], count: Int) -> [Int] {
    var parts = [Int](repeating: 0, count: count)
    for (group, members) in groups.enumerated() {
      guard let part = partOfGroup[group] else { fatalError("group \(group) was not handed out") }
      for example in members { parts[example] = part }
    }
    return parts
  }

  /// The element with the largest score, the first of equal ones.
  private static func first(of elements: some Collection<Int>, by score: (Int) -> Double) -> Int {
    var best: (element: Int, score: Double)?
    for element in elements {
      let score = score(element)
      if best.map({ score > $0.score }) ?? true { best = (element, score) }
    }
    guard let best else { fatalError("the best of no elements") }
    return best.element
  }
}
