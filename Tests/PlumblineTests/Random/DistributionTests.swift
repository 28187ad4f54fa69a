import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Random numbers are distributed as they say")
struct DistributionTests {
  // The seeds are fixed, so nothing here can flake: each test was a draw, once.
  private let key = Key(seed: 2026)

  #if DEBUG
    private let count = 40_000
  #else
    private let count = 1_000_000
  #endif

  /// Pearson's statistic for equally probable bins, as standard deviations above its mean: the fourth root
  /// of Wilson and Hilferty, which is nearly normal.
  private func deviation(_ bins: [Int]) -> Double {
    let expected = Double(bins.reduce(0, +)) / Double(bins.count)
    let statistic =
      bins.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) }
      / expected
    let freedom = Double(bins.count - 1)
    let variance = 2 / (9 * freedom)
    return (pow(statistic / freedom, 1.0 / 3) - (1 - variance)) / variance.squareRoot()
  }

  @Test("uniform values fill a hundred bins evenly")
  func uniformity() {
    var bins = [Int](repeating: 0, count: 100)
    for value in key.uniform(count) { bins[Int(value * 100)] += 1 }
    #expect(abs(deviation(bins)) < 4)
    // Pairs of neighbours fill a square evenly.
    var square = [Int](repeating: 0, count: 100)
    let values = key["pairs"].uniform(2 * count)
    for index in 0..<count {
      square[Int(values[2 * index] * 10) * 10 + Int(values[2 * index + 1] * 10)] += 1
    }
    #expect(abs(deviation(square)) < 4)
  }

  @Test("each of the 64 bits is a coin")
  func bits() {
    var ones = [Int](repeating: 0, count: 64)
    for index in 0..<count {
      let bits = key.bits(at: index)
      for position in 0..<64 { ones[position] += Int(bits >> UInt64(position) & 1) }
    }
    let deviation = Double(count).squareRoot() / 2
    for position in 0..<64 {
      #expect(abs(Double(ones[position]) - Double(count) / 2) < 4.5 * deviation, "bit \(position)")
    }
  }

  @Test("normal values have the moments of the normal distribution, and its distribution function")
  func normality() {
    let values = key["normal"].normal(count)
    let n = Double(count)
    func moment(_ power: Double) -> Double { values.reduce(0) { $0 + pow($1, power) } / n }
    // Var z = 1, Var z² = 2, Var z³ = 15, Var z⁴ = 96.
    #expect(abs(moment(1)) < 4.5 * (1 / n).squareRoot())
    #expect(abs(moment(2) - 1) < 4.5 * (2 / n).squareRoot())
    #expect(abs(moment(3)) < 4.5 * (15 / n).squareRoot())
    #expect(abs(moment(4) - 3) < 4.5 * (96 / n).squareRoot())
    var bins = [Int](repeating: 0, count: 50)
    for value in values { bins[Int(0.5 * erfc(-value / 2.0.squareRoot()) * 50)] += 1 }
    #expect(abs(deviation(bins)) < 4)
  }

  @Test("the numbers of siblings, parents and neighbours are uncorrelated")
  func independence() {
    let parent = key["family"]
    let pairs: [(String, Key, Key)] = [
      ("names", parent["a"], parent["b"]), ("indices", parent[0], parent[1]),
      ("parent and child", parent, parent[0]), ("parent and name", parent, parent["a"]),
      ("seeds", Key(seed: 1), Key(seed: 2)), ("index and name", parent[0], parent["0"]),
      ("cousins", parent["a"][0], parent["b"][0]),
    ]
    let n = count / 4
    for (what, first, second) in pairs {
      let correlation =
        zip(first.normal(n), second.normal(n)).reduce(0) { $0 + $1.0 * $1.1 }
        / Double(n)
      #expect(abs(correlation) < 4.5 / Double(n).squareRoot(), "\(what)")
    }
    let values = parent.normal(n + 1)
    let serial = zip(values, values.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
    #expect(abs(serial) < 4.5 / Double(n).squareRoot())
  }

  @Test("the first numbers of many siblings are a sample too")
  func acrossKeys() {
    var byIndex = [Int](repeating: 0, count: 50)
    var byName = byIndex
    var bySeed = byIndex
    let n = count / 4
    for child in 0..<n {
      byIndex[Int(key[child].uniform(at: 0) * 50)] += 1
      byName[Int(key["blocks.\(child).weight"].uniform(at: 0) * 50)] += 1
      bySeed[Int(Key(seed: child).uniform(at: 0) * 50)] += 1
    }
    #expect(abs(deviation(byIndex)) < 4)
    #expect(abs(deviation(byName)) < 4)
    #expect(abs(deviation(bySeed)) < 4)
    #expect(Set((0..<n).map { key[$0].bits }).count == n)
  }

  @Test("whole numbers are uniform below bounds that are no powers of two")
  func integers() {
    for bound in [2, 3, 7, 100] {
      var bins = [Int](repeating: 0, count: bound)
      for index in 0..<count { bins[key["integers"].integer(at: index, below: bound)] += 1 }
      #expect(abs(deviation(bins)) < 4, "below \(bound)")
    }
  }

  @Test("a permutation contains every number once", arguments: [0, 1, 2, 3, 10, 100, 1000])
  func bijection(size: Int) {
    for number in 0..<20 {
      #expect(key[number].permutation(size).sorted() == Array(0..<size))
    }
  }

  @Test("the 24 permutations of four numbers are equally probable")
  func permutations() {
    var bins = [[Int]: Int]()
    for number in 0..<count / 2 { bins[key["order"][number].permutation(4), default: 0] += 1 }
    #expect(bins.count == 24)
    #expect(abs(deviation(Array(bins.values))) < 4)
  }

  @Test("a mask keeps the share that was asked for")
  func masks() {
    for probability in [0.1, 0.5, 0.9] {
      let kept = Double(key["mask"].mask(count, keeping: probability).count { $0 })
      let n = Double(count)
      let deviation = (n * probability * (1 - probability)).squareRoot()
      #expect(abs(kept - n * probability) < 4.5 * deviation, "probability \(probability)")
    }
    #expect(key.mask(1000, keeping: 1).allSatisfy { $0 })
    #expect(!key.mask(1000, keeping: 0).contains(true))
  }
}

@Suite("The inverse of the normal distribution function")
struct NormalQuantileTests {
  // By arithmetic with 60 digits, rounded; on both sides of the borders of the three approximations too.
  static let values: [(probability: Double, quantile: Double)] = [
    (Double.leastNonzeroMagnitude, -38.467405617144344), (1e-300, -37.0470962993612),
    (1e-100, -21.273453560965326),
    (1e-20, -9.262340089798407), (1.38e-11, -6.658838502850766), (1.39e-11, -6.657777073049202),
    (1e-10, -6.361340902404057), (1e-05, -4.264890793922825), (0.001, -3.0902323061678136),
    (0.025, -1.9599639845400543), (0.0749, -1.4402382675279637), (0.075, -1.439531470938456),
    (0.0751, -1.43882539275254), (0.1, -1.2815515655446004), (0.25, -0.6744897501960817),
    (0.4, -0.2533471031357997), (0.4999, -0.00025066283008800747),
    (0.5 - 0x1p-30, -2.3344794983332983e-09), (0.5 + 0x1p-52, 5.565832849343534e-16),
    (0.6, 0.2533471031357997), (0.75, 0.6744897501960817), (0.9, 1.2815515655446006),
    (0.925, 1.4395314709384561), (0.9250001, 1.4395321773759004), (0.975, 1.9599639845400538),
    (0.999, 3.090232306167813), (1 - 1e-10, 6.361340889697422), (1 - 0x1p-53, 8.209536151601387),
  ]

  @Test("agrees with known values to 1e-15 of themselves")
  func knownValues() {
    for (probability, quantile) in Self.values {
      let found = NormalQuantile.value(at: probability)
      #expect(abs(found - quantile) <= 1e-15 * abs(quantile), "at \(probability)")
    }
    #expect(NormalQuantile.value(at: 0.5) == 0)
  }

  @Test("is odd about one half, and increases")
  func symmetry() {
    for exponent in 2...50 {
      let probability = exp2(-Double(exponent))
      #expect(
        NormalQuantile.value(at: 1 - probability) == -NormalQuantile.value(at: probability))
    }
    let grid = (1..<2000).map { NormalQuantile.value(at: Double($0) / 2000) }
    #expect(zip(grid, grid.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("undoes the distribution function of the tensors")
  func inverse() {
    let x = Trial(number: 0).key.tensor([500])
    let again = normalCDF(x).scalars.map { NormalQuantile.value(at: $0) }
    for (x, again) in zip(x.scalars, again) {
      // The probability's rounding, over the density.
      let allowance = 4e-16 * exp(x * x / 2) * 2.6 + 1e-15
      #expect(abs(again - x) <= allowance)
    }
  }
}
