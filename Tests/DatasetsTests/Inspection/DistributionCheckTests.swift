import Datasets
import Foundation
import Plumbline
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

  @Test("Kolmogorov and Smirnov by hand")
  func kolmogorovSmirnov() {
    let test = KolmogorovSmirnov([1, 2, 2, 5], [2, 3, 4, 4, 6])
    #expect(abs(test.statistic - 0.55) < 1e-15)
    #expect(KolmogorovSmirnov([1, 2, 3], [1, 2, 3]).statistic == 0)
    #expect(KolmogorovSmirnov([1, 2, 3], [1, 2, 3]).probability == 1)
    #expect(KolmogorovSmirnov([0, 0], [1, 1]).statistic == 1)
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
    #expect(check.description.contains("one distribution"))
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
}
