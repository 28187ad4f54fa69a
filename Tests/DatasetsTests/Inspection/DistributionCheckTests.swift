import Datasets
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Distribution checks")
struct DistributionCheckTests {
  // MARK: The tests that it rests on

  @Test(
    "the tail of the chi-square distribution",
    arguments: [
      // Closed forms: e^-z Σ z^i / i! for even degrees of freedom, erfc and such a sum for odd ones.
      (20.0, 10, 0.029252688076961075), (0.3, 4, 0.9898141728888165),
      (150.0, 100, 0.0009039320423540092), (3.5, 1, 0.061368829139402156),
      (20.0, 9, 0.017912404529843273), (2.0, 9, 0.9914676066288135), (0, 3, 1),
    ])
  func chiSquaredTail(x: Double, degreesOfFreedom: Int, expected: Double) {
    let found = ChiSquared.tail(x, degreesOfFreedom)
    #expect(abs(found - expected) < 1e-13, "\(found)")
  }

  @Test("chi-square by hand")
  func chiSquared() throws {
    // Expected counts: 15, 25 of 40 and 30, 50 of 80; differences of 5.
    let test = try #require(ChiSquared([20, 20], [25, 55]))
    #expect(abs(test.statistic - 25 * (1 / 15.0 + 1 / 25 + 1 / 30 + 1 / 50)) < 1e-12)
    #expect(test.degreesOfFreedom == 1)
    // Two rare classes are counted together, one that is in neither set is left out.
    #expect(ChiSquared([50, 50, 4, 3, 0], [50, 50, 4, 4, 0])?.degreesOfFreedom == 2)
    #expect(ChiSquared([100, 0], [100, 0]) == nil)
    #expect(ChiSquared([3, 2], [2, 3]) == nil)
  }

  @Test("the chi-square test at the ends of its range")
  func chiSquaredExtremes() throws {
    #expect(ChiSquared.tail(1e9, 3) == 0 && ChiSquared.tail(5e-324, 1) == 1)
    #expect(ChiSquared.tail(.infinity, 2) == 0)
    // With many degrees of freedom it is nearly normal: half lies above the mean, but for the skew.
    #expect(abs(ChiSquared.tail(200_000, 200_000) - 0.4996) < 1e-4)
    #expect(ChiSquared.tail(210_000, 200_000) < 1e-50)
    let huge = 1 << 52
    #expect(ChiSquared([huge, huge], [huge, huge])?.probability == 1)
    #expect(ChiSquared([huge, 1], [1, huge])?.probability == 0)
    #expect(ChiSquared([], []) == nil && ChiSquared([7], [9]) == nil)
    #expect(ChiSquared([0, 0], [5, 5]) == nil)
    let classes = (0..<20_000).map { 50 + $0 % 3 }
    #expect(try #require(ChiSquared(classes, classes.reversed())).probability > 0.5)
  }

  @Test("Kolmogorov and Smirnov's test at the ends of its range")
  func kolmogorovSmirnovExtremes() {
    // Two single values differ as much as they can, always.
    #expect(KolmogorovSmirnov([1], [2]).probability == 1)
    #expect(KolmogorovSmirnov([1], [1]).probability == 1)
    // In 2 of 100 orders the single value is at an end.
    #expect(abs(KolmogorovSmirnov([-1], (0..<99).map(Double.init)).probability - 0.02) < 1e-12)
    let infinities = KolmogorovSmirnov(
      [-.infinity, .infinity], [.infinity, -.infinity, .infinity])
    #expect(abs(infinities.statistic - 1 / 6.0) < 1e-15 && infinities.probability == 1)
    let many = (0..<50_000).map(Double.init)
    #expect(KolmogorovSmirnov(many, many).probability == 1)
    #expect(KolmogorovSmirnov(many, many.map { $0 + 1e6 }).probability == 0)
    #expect(KolmogorovSmirnov(many.map { _ in 3 }, many.map { _ in 3 }).probability == 1)
    let largest = Double.greatestFiniteMagnitude
    #expect(KolmogorovSmirnov([-largest, largest], [-largest, largest]).statistic == 0)
  }

  @Test("Kolmogorov and Smirnov by hand")
  func kolmogorovSmirnov() {
    let test = KolmogorovSmirnov([1, 2, 2, 5], [2, 3, 4, 4, 6])
    #expect(abs(test.statistic - 0.55) < 1e-15)
    #expect(KolmogorovSmirnov([1, 2, 3], [1, 2, 3]).statistic == 0)
    #expect(KolmogorovSmirnov([1, 2, 3], [1, 2, 3]).probability == 1)
    #expect(KolmogorovSmirnov([0, 0], [1, 1]).statistic == 1)
  }

  @Test(
    "small samples are counted out",
    arguments: [
      // Two of 252 orders; twice C(20, 2) of C(20, 10) paths reach a difference of 8.
      (5, 5, 2 / 252.0), (10, 8, 380 / 184_756.0),
    ])
  func exact(size: Int, difference: Int, expected: Double) {
    let first = (0..<size).map { Double($0) }
    let second = first.map { $0 + Double(difference) - 0.5 }
    let test = KolmogorovSmirnov(first, second)
    #expect(abs(test.statistic - Double(difference) / Double(size)) < 1e-15)
    #expect(abs(test.probability - expected) < 1e-12)
  }

  @Test("p-values of samples of one distribution are spread evenly")
  func uniformity() {
    let rounds = 400
    var below = [0, 0]
    for round in 0..<rounds {
      let key = Key(seed: round)
      let test = KolmogorovSmirnov(key["a"].normal(150), key["b"].normal(230))
      let a = SmallSets.labels(300, shares: [3, 2, 1], seed: 2 * round)
      let b = SmallSets.labels(200, shares: [3, 2, 1], seed: 2 * round + 1)
      func counts(_ labels: [Int]) -> [Int] { (0..<3).map { c in labels.count { $0 == c } } }
      if test.probability < 0.1 { below[0] += 1 }
      if let p = ChiSquared(counts(a), counts(b))?.probability, p < 0.1 { below[1] += 1 }
    }
    // 40 are expected with a standard deviation of 6; four of those either way.
    for count in below { #expect((16...64).contains(count), "\(below)") }
  }

  // MARK: The check

  @Test("samples of one distribution pass", arguments: 0..<40)
  func same(seed: Int) {
    let sets = ["train", "dev", "test"].enumerated().map { number, name in
      let labels = SmallSets.labels(
        [900, 150, 150][number], shares: [3, 2, 1], seed: 10 * seed + number)
      return SmallSets.classes(
        labels, count: 3, features: 40, name: name, seed: 100 * seed + number)
    }
    let check = DistributionCheck(sets)
    #expect(
      check.comparisons.map(\.sets) == [
        ["train", "dev"], ["train", "test"], ["dev", "test"],
      ])
    #expect(check.verdict == .same, "\(check)")
    #expect(check.description.contains("the same distribution"))
    #expect(check.comparisons[0].comparisonCount == 42 * 3)
  }

  @Test("a shifted feature, another spread, other class shares are told")
  func different() throws {
    let train = SmallSets.classes(SmallSets.labels(800, shares: [1, 1], seed: 1), features: 30)
    func changed(_ change: (inout [Double], Int) -> Void, labels: [Int]? = nil) -> LabelledSet {
      var values = Key(seed: 77).normal(400 * 30)
      for row in 0..<400 { change(&values, row * 30) }
      return LabelledSet(
        name: "test", features: NumericArray([400, 30], values), divisor: 1,
        targets: .classes(
          labels ?? SmallSets.labels(400, shares: [1, 1], seed: 2), count: 2, names: nil),
        provenance: "test")
    }
    let shifted = DistributionCheck([train, changed { $0[$1 + 7] += 1 }])
    #expect(shifted.verdict == .different && shifted.comparisons[0].features[0].name == "feature 7")
    #expect(shifted.description.contains("different distributions"))
    #expect(shifted.description.contains("plumb data split"))
    let spread = DistributionCheck([train, changed { $0[$1 + 11] *= 3 }])
    #expect(
      spread.verdict == .different
        && spread.comparisons[0].features.contains {
          $0.name == "feature 11" && $0.probability < 1e-6
        })
    // Every feature a little: only the mean of an example shows it.
    let brighter = DistributionCheck([
      train,
      changed { values, start in for position in start..<start + 30 { values[position] += 0.1 } },
    ])
    #expect(brighter.verdict == .different, "\(brighter)")
    #expect(brighter.comparisons[0].features[0].name == "mean of an example")
    let labels = SmallSets.labels(400, shares: [4, 1], seed: 3)
    let classes = DistributionCheck([train, changed({ _, _ in }, labels: labels)])
    #expect(classes.verdict == .different)
    let found = try #require(classes.comparisons[0].classes)
    #expect(found.probability < 1e-10)
    let distance = try #require(classes.comparisons[0].classDistance)
    #expect(abs(distance - 0.3) < 0.06)
    let text = try JSONEncoder().encode(classes)
    #expect(try JSONDecoder().decode(DistributionCheck.self, from: text) == classes)
  }

  @Test("a small difference of many examples is told as small")
  func slight() {
    let a = SmallSets.classes(
      [Int](repeating: 0, count: 20_000), count: 2, features: 1, name: "train", seed: 1)
    let b = SmallSets.classes(
      [Int](repeating: 0, count: 20_000), count: 2, features: 1, name: "test", seed: 2, shift: 0.1)
    #expect(DistributionCheck([a, b]).verdict == .slight)
  }

  @Test("targets that are values are compared too")
  func values() {
    func data(_ name: String, _ shift: Double, _ seed: Int) -> LabelledSet {
      let key = Key(seed: seed)
      return LabelledSet(
        name: name, features: NumericArray([300, 2], key["x"].normal(600)), divisor: 1,
        targets: .values(NumericArray([300], key["y"].normal(300).map { $0 + shift })),
        provenance: "test")
    }
    let check = DistributionCheck([data("train", 0, 1), data("dev", 2, 2)])
    #expect(check.verdict == .different)
    #expect(check.comparisons[0].features[0].name == "target 0")
    #expect(check.comparisons[0].classes == nil)
  }

  @Test("a set alone has nothing to differ from")
  func alone() {
    let check = DistributionCheck([SmallSets.classes([0, 1])])
    #expect(check.comparisons.isEmpty && check.verdict == .same)
  }

  // MARK: Splits of sound data

  /// Data of a kind that people have, as rows; the second half of some kinds is one class.
  private static let kinds: [(name: String, value: @Sendable (Key, Int) -> Double)] = [
    ("normal", { $0.normal(at: $1) }),
    ("heavy tails", { $0.normal(at: 2 * $1) / max(1e-300, abs($0["tail"].normal(at: $1))) }),
    ("a rim that hardly varies", { $0.uniform(at: $1) < 0.02 ? $0["rim"].uniform(at: $1) : 0 }),
    ("few values", { Double($0.integer(at: $1, below: 3)) }),
    ("a large offset", { 1e6 + 1e-3 * $0.normal(at: $1) }),
    (
      "sizes over decades",
      {
        let x = $0.normal(at: $1)
        return x * x * x * x * x * x
      }
    ),
  ]

  @Test("random splits of sound data raise hardly an alarm")
  func healthySplits() throws {
    var alarms: [String] = []
    var count = 0
    for (kind, value) in Self.kinds {
      for (size, seeds) in [(60, 0..<25), (150, 25..<50), (500, 50..<60)] {
        for seed in seeds {
          let key = Key(seed: seed)[kind]
          let width = 8
          let values = (0..<size * width).map { value(key, $0) }
          let labels = (0..<size).map { key["labels"].integer(at: $0, below: 3) }
          let data = LabelledSet(
            name: "train", features: NumericArray([size, width], values),
            targets: .classes(labels, count: 3, names: nil), provenance: "test")
          let split = try DataSplit(
            of: data, sizes: .ratios(train: 60, dev: 20, test: 20), key: key["split"],
            isStratified: seed % 2 == 0)
          let check = DistributionCheck(split.sets(of: data).all)
          if check.verdict != .same { alarms.append("\(kind), seed \(seed): \(check)") }
          count += 1
        }
      }
    }
    // 1.8 of 360 are the most that the significance lets expect.
    #expect(count == 360 && alarms.count <= 3, "\(alarms)")
  }

  /// MNIST's test digits, a part of them, normalized or not.
  private static func digits(_ count: Int, isNormalized: Bool) throws -> LabelledSet {
    let all = try LabelledSets(path: #require(RealData.folder)).train
    let part = all.selecting(Key(seed: 5).permutation(all.exampleCount).prefix(count))
    return isNormalized
      ? try Normalization(fitting: part, scope: .perFeature).applied(to: part) : part
  }

  @Test(
    "random splits of MNIST raise no alarm, normalized or not; real shifts do",
    .enabled(if: RealData.folder != nil, RealData.absence), arguments: [false, true])
  func digitSplits(isNormalized: Bool) throws {
    let data = try Self.digits(600, isNormalized: isNormalized)
    for seed in 0..<6 {
      let split = try DataSplit(
        of: data, sizes: .ratios(train: 70, dev: 30, test: 0), key: Key(seed: seed))
      #expect(DistributionCheck(split.sets(of: data).all).verdict == .same, "seed \(seed)")
    }
    let (low, high) = (
      data.labels.indices.filter { data.labels[$0] < 5 },
      data.labels.indices.filter { data.labels[$0] >= 5 }
    )
    let digits = DistributionCheck([
      data.selecting(low, name: "train"), data.selecting(high, name: "dev"),
    ])
    #expect(digits.verdict == .different)
    // Without the labels the pictures themselves show it.
    #expect(digits.comparisons[0].features.contains { $0.index != nil && $0.differs })
  }

  @Test("a scaled feature is told of few examples", arguments: [30, 60, 200])
  func scaled(count: Int) {
    let key = Key(seed: 8)
    func set(_ name: String, _ count: Int, _ factor: Double) -> LabelledSet {
      var values = key[name].normal(count * 20)
      for row in 0..<count { values[row * 20 + 3] *= factor }
      return LabelledSet(
        name: name, features: NumericArray([count, 20], values),
        targets: .classes([Int](repeating: 0, count: count), count: 1, names: nil),
        provenance: "test")
    }
    let check = DistributionCheck([set("train", 3 * count, 1), set("dev", count, 10)])
    #expect(check.verdict == .different)
    #expect(check.comparisons[0].features[0].name == "feature 3")
  }

  /// Tables in which rows repeat, or names are rare: columns of a row, and its class.
  private static let repeating:
    [(name: String, row: @Sendable (Key, Int) -> (cells: [Double], label: Int))] = [
      (
        "copies",
        { key, row in
          // A third of the rows repeat one of a few, some of them often.
          let draw = key["origin"].uniform(at: row)
          let origin = draw < 0.35 ? key["of"].integer(at: row, below: 20) / 2 : 1000 + row
          let values = (0..<4).map { key["x"].normal(at: 10 * origin + $0) }
          return (values, values[0] > 0 ? 1 : 0)
        }
      ),
      (
        "few words",
        { key, row in
          let words = (0..<40).map {
            key["w"].uniform(at: 40 * row + $0) < 0.002 * Double($0) ? 1.0 : 0
          }
          return (words, words[38] + words[39] > 0 ? 1 : 0)
        }
      ),
      (
        "rare names",
        { key, row in
          let name = Int(40 * key["name"].uniform(at: row) * key["more"].uniform(at: row))
          return (
            (0..<40).map { $0 == name ? 1 : 0 } + [key["x"].normal(at: row)],
            key["y"].integer(at: row, below: 2)
          )
        }
      ),
      (
        "a few categories",
        { key, row in
          let cells = [3, 2, 2].enumerated().map {
            Double(key["c"].integer(at: 3 * row + $0.offset, below: $0.element))
          }
          return (cells, key["y"].uniform(at: row) < 0.3 + 0.4 * cells[1] ? 1 : 0)
        }
      ),
    ]

  @Test("random splits of tables that repeat themselves raise hardly an alarm, scaled or not")
  func repeatingSplits() throws {
    var alarms: [String] = []
    var count = 0
    for (kind, row) in Self.repeating {
      for seed in 0..<60 {
        let key = Key(seed: seed)[kind]
        let size = seed % 2 == 0 ? 400 : 150
        let rows = (0..<size).map { row(key, $0) }
        let data = SmallSets.rows(rows.map(\.cells), rows.map(\.label))
        let split = try DataSplit(
          of: data, sizes: .ratios(train: 75, dev: 0, test: 25), key: key["split"])
        var sets = split.sets(of: data).all
        if seed % 3 > 0 {
          let scale = try Normalization(fitting: sets[0], scope: .perFeature)
          sets = try sets.map { try scale.applied(to: $0) }
        }
        let check = DistributionCheck(sets)
        if check.verdict != .same { alarms.append("\(kind), seed \(seed): \(check)") }
        count += 1
      }
    }
    // 1.2 of 240 are the most that the significance lets expect.
    #expect(count == 240 && alarms.count <= 3, "\(alarms)")
  }

  @Test("random splits of a table with rare names, prepared by the training rows, raise no alarm")
  func rareNames() throws {
    var alarms: [String] = []
    for seed in 0..<60 {
      let key = Key(seed: seed)
      let rows = (0..<250).map { row in
        let name = Int(45 * key["name"].uniform(at: row) * key["more"].uniform(at: row))
        return "n\(name),\(key["x"].integer(at: row, below: 90)),\(["a", "b"][row % 2])\n"
      }
      let sets = try TextTables.read("name,size,kind\n" + rows.joined())
        .splitting(.ratios(train: 70, dev: 0, test: 30), key: key["split"])
      let scale = try Normalization(fitting: sets.train, scope: .perFeature)
      let check = DistributionCheck(try sets.all.map { try scale.applied(to: $0) })
      if check.verdict != .same { alarms.append("seed \(seed): \(check)") }
    }
    // 0.3 are the most that the significance lets expect.
    #expect(alarms.count <= 1, "\(alarms)")
  }

  @Test("identical examples that were kept together count as one draw")
  func groups() throws {
    // Ten different rows, twenty times each: a split gives whole groups to the parts.
    let key = Key(seed: 3)
    let rows = (0..<400).map { [key.normal(at: $0 % 40), Double($0 % 40 % 7)] }
    let data = SmallSets.rows(rows, (0..<400).map { $0 % 2 })
    for seed in 0..<20 {
      let split = try DataSplit(
        of: data, sizes: .ratios(train: 50, dev: 50, test: 0), key: Key(seed: seed))
      #expect(DistributionCheck(split.sets(of: data).all).verdict == .same, "seed \(seed)")
    }
  }
}
