import Datasets
import Foundation
import Plumbline
import Testing

@Suite("Splits")
struct DataSplitTests {
  private static let ratios: [SplitSizes] = [
    .ratios(train: 60, dev: 20, test: 20), .ratios(train: 0.98, dev: 0.01, test: 0.01),
    .ratios(train: 80, dev: 20, test: 0), .ratios(train: 2, dev: 0, test: 1),
    .counts(dev: 17, test: 40), .counts(dev: 0, test: 3),
  ]

  private static func counts(_ labels: [Int], _ classes: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[label] += 1 }
    return counts
  }

  private static func sizes(_ split: DataSplit) -> [Int] {
    [split.train.count, split.dev.count, split.test.count]
  }

  @Test("every example is in one part, and each class has its share", arguments: ratios, 0..<4)
  func stratified(sizes: SplitSizes, seed: Int) throws {
    let shares = [[1.0, 1, 1, 1], [0.7, 0.2, 0.09, 0.01], [1], [5, 1]][seed]
    let count = 1003
    let labels = SmallSets.labels(count, shares: shares, seed: seed)
    let data = SmallSets.classes(labels, count: shares.count, seed: seed)
    let split = try DataSplit(of: data, sizes: sizes, key: Key(seed: seed))
    let parts = [split.train, split.dev, split.test]
    #expect(parts.map(\.count) == (try sizes.counts(of: count)))
    #expect(parts.flatMap { $0 }.sorted() == Array(0..<count))
    #expect(split.isStratified && split.keptTogetherCount == 0)
    let all = Self.counts(labels, shares.count)
    for part in parts {
      for (found, total) in zip(Self.counts(part.map { labels[$0] }, shares.count), all) {
        let quota = Double(total * part.count) / Double(count)
        // Rounded up or down; the last adjustment to exact sizes may move one more.
        #expect(abs(Double(found) - quota) < 2, "\(found) of \(total), quota \(quota)")
      }
    }
    #expect(split.train != split.train.sorted())
  }

  @Test("classes of equal size do not all round the same way")
  func leftovers() throws {
    // 60/20/20 of 7 is 4.2, 1.4, 1.4: ten classes must not give dev 20 and test 10.
    let data = SmallSets.classes((0..<70).map { $0 % 10 })
    let split = try DataSplit(
      of: data, sizes: .ratios(train: 60, dev: 20, test: 20), key: Key(seed: 3))
    #expect(Self.sizes(split) == [42, 14, 14])
    for part in [split.dev, split.test] {
      #expect(Set(part.map { $0 % 10 }).count == 10)
    }
  }

  @Test("a pure function of key and labels")
  func purity() throws {
    let labels = SmallSets.labels(300, shares: [1, 2, 3], seed: 9)
    let sizes = SplitSizes.ratios(train: 60, dev: 20, test: 20)
    let one = try DataSplit(of: SmallSets.classes(labels, seed: 1), sizes: sizes, key: Key(seed: 5))
    // Other features, same labels.
    let two = try DataSplit(of: SmallSets.classes(labels, seed: 2), sizes: sizes, key: Key(seed: 5))
    let other = try DataSplit(
      of: SmallSets.classes(labels, seed: 1), sizes: sizes, key: Key(seed: 6))
    #expect(one == two && one != other)
    #expect(Array(one.test.prefix(8)) == [219, 150, 296, 125, 252, 230, 144, 146])
    let copy = try JSONDecoder().decode(DataSplit.self, from: JSONEncoder().encode(one))
    #expect(copy == one)
  }

  @Test("without stratification the classes fall as they fall")
  func plain() throws {
    let data = SmallSets.classes((0..<40).map { $0 < 20 ? 0 : 1 })
    let split = try DataSplit(
      of: data, sizes: .counts(dev: 10, test: 10), key: Key(seed: 1), isStratified: false)
    #expect(!split.isStratified)
    let distinct = (0..<20).map { seed -> Int? in
      try? DataSplit(
        of: data, sizes: .counts(dev: 10, test: 10), key: Key(seed: seed), isStratified: false
      ).dev.count { $0 < 20 }
    }
    #expect(Set(distinct).count > 2)
  }

  @Test("identical examples stay in one part", arguments: 0..<6)
  func duplicates(seed: Int) throws {
    let key = Key(seed: seed)
    // 200 examples of which many are copies: groups of up to 12.
    let origins = (0..<200).map { index in
      index < 80 ? index : key["origin"].integer(at: index, below: 40)
    }
    let rows = origins.map { [Double($0), Double($0 * $0)] }
    let data = SmallSets.rows(rows, origins.map { $0 % 3 })
    let split = try DataSplit(
      of: data, sizes: .ratios(train: 60, dev: 20, test: 20), key: key)
    var parts: [Int: Set<Int>] = [:]
    for (part, members) in [split.train, split.dev, split.test].enumerated() {
      for example in members { parts[origins[example], default: []].insert(part) }
    }
    #expect(parts.values.allSatisfy { $0.count == 1 })
    let repeated = Dictionary(grouping: origins) { $0 }.values.filter { $0.count > 1 }
    #expect(split.keptTogetherCount == repeated.reduce(0) { $0 + $1.count })
    // There are single examples enough to meet the sizes.
    #expect(Self.sizes(split) == [120, 40, 40])
    let sets = split.sets(of: data)
    #expect(sets.summary.notes.contains { $0.contains("identical") })
    #expect(
      !DataJudgement(of: sets).findings.contains { $0.cause == .duplicates })
  }

  @Test("a table of few values repeats itself, and is split like any other")
  func fewValues() throws {
    let key = Key(seed: 4)
    // Twelve kinds of rows, whose label is likely to be that of the kind.
    let rows = (0..<600).map { row in
      [3, 2, 2].enumerated().map {
        Double(key["c"].integer(at: 3 * row + $0.offset, below: $0.element))
      }
    }
    for isCertain in [false, true] {
      let labels = rows.enumerated().map { row, cells in
        let isFlipped = !isCertain && key["y"].uniform(at: row) < 0.25
        return (cells[0] > 0 ? 1 : 0) ^ (isFlipped ? 1 : 0)
      }
      let data = SmallSets.rows(rows, labels)
      let split = try DataSplit(
        of: data, sizes: .ratios(train: 80, dev: 0, test: 20), key: key["split"])
      #expect(Self.sizes(split) == [480, 0, 120])
      #expect(split.keptTogetherCount == 0 && split.equalCount == 600)
      let sets = split.sets(of: data)
      #expect(
        sets.summary.notes.contains {
          $0.contains(isCertain ? "few values" : "another label")
            && $0.contains("not taken as copies")
        }, "\(sets.summary.notes)")
      let causes = DataJudgement(of: sets).findings.map(\.cause)
      #expect(!causes.contains(.repeatedExamples) && !causes.contains(.duplicates), "\(causes)")
    }
  }

  @Test("equal rows with different amounts are no copies, and rows written twice are")
  func amounts() throws {
    let key = Key(seed: 5)
    let rows = (0..<300).map { [Double(key["a"].integer(at: $0, below: 15)), Double($0 % 9)] }
    func data(_ rows: [[Double]], _ amounts: [Double]) -> LabelledSet {
      LabelledSet(
        name: "train", features: NumericArray([rows.count, 2], rows.flatMap { $0 }), divisor: 1,
        targets: .values(NumericArray([rows.count], amounts)), provenance: "test")
    }
    let amounts = (0..<300).map { rows[$0][0] + key["y"].normal(at: $0) }
    let findings = DataJudgement([data(rows, amounts)]).findings
    #expect(!findings.contains { $0.cause == .repeatedExamples }, "\(findings)")
    let twice = data(rows + rows.prefix(60), amounts + amounts.prefix(60))
    let copies = DataJudgement([twice]).findings.first { $0.cause == .repeatedExamples }
    #expect(copies == nil || copies?["count"] == 60)
    let real = (0..<200).map { [key["x"].normal(at: $0), key["z"].normal(at: $0)] }
    let copied = data(
      real + real.prefix(40), (0..<200).map(Double.init) + (0..<40).map(Double.init))
    let found = DataJudgement([copied]).findings.first { $0.cause == .repeatedExamples }
    #expect(found?["count"] == 40 && found?.severity == .warning)
  }

  @Test("targets that are values are not stratified, which is told, and are compared")
  func values() throws {
    let key = Key(seed: 3)
    let data = LabelledSet(
      name: "train", features: NumericArray([50, 2], key["x"].normal(100)), divisor: 1,
      targets: .values(NumericArray([50], key["y"].normal(50))), provenance: "test")
    let split = try DataSplit(
      of: data, sizes: .ratios(train: 60, dev: 20, test: 20), key: key)
    #expect(!split.isStratified && Self.sizes(split) == [30, 10, 10])
    let sets = split.sets(of: data)
    #expect(sets.summary.notes.contains { $0.contains("real values") })
    let features = DistributionCheck(sets.all).comparisons.flatMap { $0.features.map(\.name) }
    #expect(features.filter { $0 == "target 0" }.count == 3)
  }

  @Test("sizes that cannot be")
  func refusals() throws {
    let data = SmallSets.classes([0, 1, 0, 1, 0])
    func split(_ sizes: SplitSizes, _ data: LabelledSet) throws -> DataSplit {
      try DataSplit(of: data, sizes: sizes, key: Key(seed: 1))
    }
    expectError(.inconsistent, naming: ["98, 1, 1", "splits 5 examples", "larger shares"]) {
      try split(.ratios(train: 98, dev: 1, test: 1), data)
    }
    for (train, dev, test) in [(-1.0, 1.0, 1.0), (0, 1, 1), (1, 0, 0), (.nan, 1, 1)] {
      expectError(.outOfRange, naming: ["ratios", "60, 20, 20"]) {
        try split(.ratios(train: train, dev: dev, test: test), data)
      }
    }
    for (dev, test) in [(3, 2), (-1, 2), (0, 0), (Int.max, Int.max)] {
      expectError(.outOfRange, naming: ["of 5 examples", "counts"]) {
        try split(.counts(dev: dev, test: test), data)
      }
    }
    let kinds: [[Double]] = [[1, 2, 5, 0, 3, 1, 4, 4], [3, 4, 6, 8, 9, 2, 7, 5]]
    let same = SmallSets.rows((0..<9).map { kinds[$0 % 2] }, [Int](repeating: 0, count: 9))
    expectError(.inconsistent, naming: ["only 2 of the 9", "duplicates"]) {
      try split(.counts(dev: 2, test: 2), same)
    }
  }

  @Test("the sets of a split")
  func sets() throws {
    let data = SmallSets.classes((0..<50).map { $0 % 5 }, count: 6)
    let split = try DataSplit(of: data, sizes: .counts(dev: 10, test: 5), key: Key(seed: 2))
    let sets = split.sets(of: data)
    #expect(sets.all.map(\.name) == ["train", "dev", "test"])
    #expect(sets.all.map(\.exampleCount) == [35, 10, 5])
    #expect(sets.dev == data.selecting(split.dev, name: "dev"))
    #expect(sets.all.allSatisfy { $0.classCount == 6 })
    #expect(sets.summary.sets.map(\.name) == ["train", "dev", "test"])
  }
}
