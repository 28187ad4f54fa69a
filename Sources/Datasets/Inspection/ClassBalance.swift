/// How evenly examples are divided among classes, or among the answers of several yes/no questions.
struct ClassBalance {
  /// The classes that occur, with how many examples each has, the most frequent first.
  let counts: [(name: String, count: Int)]
  private let exampleCount: Int
  /// Whether they are answers to several questions, of which some combinations are always rare.
  private let areCombinations: Bool

  /// A class is reported if it has this many times the examples of another, or more than this share of all.
  private static let largestRatio = 10.0, largestShare = 0.8

  /// The balance of a set's classes; `nil` for targets that are values.
  init?(_ set: LabelledSet) {
    exampleCount = set.exampleCount
    var found: [(name: String, count: Int)]
    switch set.targets {
    case .classes:
      areCombinations = false
      found = set.classCounts.enumerated().filter { $1 > 0 }.map { (set.className($0), $1) }
    case .values(let values):
      areCombinations = true
      guard let rows = Self.answers(values, exampleCount) else { return nil }
      found = rows.sorted { $0.key < $1.key }.map { ("the answer \($0.key)", $0.value) }
    }
    guard !found.isEmpty else { return nil }
    let order = found.indices.sorted { (found[$1].count, $0) < (found[$0].count, $1) }
    counts = order.map { found[$0] }
  }

  /// The share of the most frequent class.
  var largestShare: Double { Double(counts[0].count) / Double(exampleCount) }

  /// Whether an answer that names one class is right so often that an error says little, or that a class may go unlearned
  /// unnoticed.
  var isImbalanced: Bool {
    guard counts.count > 1, let least = counts.last else { return false }
    return largestShare > Self.largestShare
      || !areCombinations && Double(counts[0].count) >= Self.largestRatio * Double(least.count)
  }

  /// How often each row of several yes/no answers occurs; `nil` for other values, and for classes that exclude each other.
  private static func answers(_ values: NumericArray, _ count: Int) -> [String: Int]? {
    let numbers = values.doubles()
    let width = numbers.count / max(1, count)
    guard width > 1, numbers.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
    let rows = stride(from: 0, to: numbers.count, by: width).map { numbers[$0..<$0 + width] }
    guard width == 2 || !rows.allSatisfy({ $0.reduce(0, +) == 1 }) else { return nil }
    return rows.reduce(into: [:]) { counts, row in
      counts[row.map { $0 == 1 ? "1" : "0" }.joined(separator: ", "), default: 0] += 1
    }
  }
}

extension LabelledSet {
  /// A class as people name it: `class 3`, with its name if it has one.
  func className(_ label: Int) -> String {
    guard let names = classNames, names.indices.contains(label) else { return "class \(label)" }
    return "class \(label) (\(names[label]))"
  }
}
