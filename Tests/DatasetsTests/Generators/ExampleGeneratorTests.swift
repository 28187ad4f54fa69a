import Datasets
import Foundation
import Plumbline
import Testing

@Suite("Generated data")
struct ExampleGeneratorTests {
  static func generators(_ seed: Int) -> [any ExampleGenerator] {
    let key = Key(seed: seed)
    return [
      TwoSpirals(key: key, noise: 0.02), Moons(key: key), Rings(key: key, classCount: 3),
      Parity(key: key, featureCount: 6, relevantCount: 3), RandomLabels(key: key, featureCount: 5),
      TeacherNetwork(key: key, widths: [4, 6, 3]), WordText(key: key),
    ]
  }

  @Test("example i depends on the key and i alone", arguments: 0..<5)
  func purity(seed: Int) throws {
    for (generator, other) in zip(Self.generators(seed), Self.generators(seed + 100)) {
      let whole = try generator.dataset(count: 60)
      let part = try generator.dataset(count: 20, startingAt: 30)
      #expect(part.contentHash == whole.selecting(30..<50).contentHash, "\(generator.name)")
      #expect(try generator.dataset(count: 60) == whole)
      #expect(try other.dataset(count: 60).contentHash != whole.contentHash, "\(generator.name)")
      #expect(whole.classCount == generator.classCount)
      #expect(whole.featureCount == generator.featureCount)
      #expect(whole.provenance.contains(generator.settings))
      let alone = generator.example(at: 59)
      #expect(whole.selecting([59]).floats() == alone.features && whole.labels[59] == alone.label)
      expectError(.outOfRange, naming: [generator.name]) { try generator.dataset(count: 0) }
      expectError(.outOfRange) { try generator.dataset(count: 1, startingAt: -1) }
    }
  }

  @Test("every class occurs about equally often", arguments: 0..<3)
  func balance(seed: Int) throws {
    // The classes of a random teacher are as they fall, and the letters of a text too.
    for generator in Self.generators(seed).dropLast(2) {
      let count = 1200
      let data = try generator.dataset(count: count)
      let expected = Double(count) / Double(generator.classCount)
      for found in data.classCounts {
        // Six standard deviations of a binomial count.
        #expect(abs(Double(found) - expected) < 6 * expected.squareRoot(), "\(generator.name)")
      }
    }
  }

  @Test("the same bits on every machine")
  func pinned() throws {
    let hashes = try Self.generators(7).map { try $0.dataset(count: 100).contentHash }
    #expect(
      hashes == [
        "dc545a5db7f6471f", "819164714948579d", "0edab9a98ad760c9", "11d14eba700e41a5",
        "c63c428a7d538177", "2bf40ccce0348ded", "e02c7c656146bac0",
      ])
  }

  // MARK: Shapes

  @Test("spirals: the angle tells the radius, up to half a turn", arguments: [0.5, 1, 3, 7.25])
  func spirals(turns: Double) throws {
    let data = try TwoSpirals(key: Key(seed: 1), turns: turns).dataset(count: 400)
    for index in 0..<data.exampleCount {
      let point = data.selecting([index]).floats().map { Double($0) }
      let radius = (point[0] * point[0] + point[1] * point[1]).squareRoot()
      #expect(radius < 1.000001)
      let side: Double = data.labels[index] == 0 ? 1 : -1
      let angle = 2 * Double.pi * turns * radius
      // The radius is known to half a unit of Float, which the turns multiply.
      let allowed = 1e-6 * (1 + turns)
      #expect(abs(point[0] - side * radius * cos(angle)) < allowed)
      #expect(abs(point[1] - side * radius * sin(angle)) < allowed)
    }
  }

  @Test("moons and rings: the points lie on their circles, and noise has its size")
  func circles() throws {
    let moons = try Moons(key: Key(seed: 2), noise: 0).dataset(count: 200)
    for index in 0..<200 {
      let point = moons.selecting([index]).floats().map { Double($0) }
      let (x, y) = moons.labels[index] == 0 ? (point[0], point[1]) : (1 - point[0], 0.5 - point[1])
      #expect(abs(x * x + y * y - 1) < 1e-6 && y > -1e-6)
    }
    let rings = try Rings(key: Key(seed: 3), classCount: 4, noise: 0).dataset(count: 200)
    for index in 0..<200 {
      let point = rings.selecting([index]).floats().map { Double($0) }
      let radius = (point[0] * point[0] + point[1] * point[1]).squareRoot()
      #expect(abs(radius - Double(rings.labels[index] + 1) / 4) < 1e-6)
    }
    let noisy = try Rings(key: Key(seed: 3), classCount: 4, noise: 0.2).dataset(count: 4000)
    let clean = try Rings(key: Key(seed: 3), classCount: 4, noise: 0).dataset(count: 4000)
    let squares = zip(noisy.floats(), clean.floats()).map { Double(($0 - $1) * ($0 - $1)) }
    let variance = squares.reduce(0, +) / Double(squares.count)
    // The mean of 8,000 squares of normal values: a standard deviation of 0.04 · √(2 / 8000).
    #expect(abs(variance - 0.04) < 6 * 0.04 * (2.0 / 8000).squareRoot())
  }

  @Test("sine and cosine are right to rounding")
  func unitCircle() {
    for step in -2000...2000 {
      let turns = Double(step) / 997
      let point = UnitCircle.point(atTurns: turns)
      let angle = 2 * Double.pi * (turns - turns.rounded())
      #expect(abs(point.x - cos(angle)) < 6e-16 && abs(point.y - sin(angle)) < 6e-16)
    }
    #expect(UnitCircle.point(atTurns: 0.25) == (0, 1))
    #expect(UnitCircle.point(atTurns: -0.5) == (-1, 0))
  }

  // MARK: Classes

  @Test("parity: the product of the relevant signs", arguments: 1...8)
  func parity(relevant: Int) throws {
    let generator = Parity(key: Key(seed: relevant), featureCount: 8, relevantCount: relevant)
    #expect(Set(generator.relevantFeatures).count == relevant)
    let data = try generator.dataset(count: 300)
    for index in 0..<300 {
      let signs = data.selecting([index]).floats()
      #expect(signs.allSatisfy { abs($0) == 1 })
      let product = generator.relevantFeatures.reduce(Float(1)) { $0 * signs[$1] }
      #expect(data.labels[index] == (product < 0 ? 1 : 0))
    }
  }

  @Test("the teacher's labels are those of its network, written out", arguments: 0..<4)
  func teacher(seed: Int) throws {
    let teacher = TeacherNetwork(key: Key(seed: seed), widths: [5, 9, 7, 4])
    let data = try teacher.dataset(count: 200)
    for index in 0..<200 {
      var signal = data.selecting([index]).floats().map { Double($0) }
      for (layer, weight) in teacher.weights.enumerated() {
        let columns = weight.shape[1]
        signal = (0..<columns).map { column in
          let sum = signal.indices.reduce(0.0) { $0 + signal[$1] * weight[$1, column] }
          return layer < teacher.weights.count - 1 ? tanh(sum) : sum
        }
      }
      let best = try #require(signal.max())
      #expect(best - signal[data.labels[index]] < 1e-9)
    }
    #expect(data.classCounts.count { $0 > 0 } >= 2)
    let squares = teacher.weights[1].scalars.map { $0 * $0 }.reduce(0, +) / 63
    #expect(abs(squares - 4.0 / 9) < 6 * 4.0 / 9 * (2.0 / 63).squareRoot())
  }

  @Test("random labels: drawn for the chosen share, features untouched")
  func randomLabels() throws {
    let data = try Moons(key: Key(seed: 4)).dataset(count: 2000)
    let all = try data.randomizingLabels(key: Key(seed: 5))
    #expect(all.features == data.features && all.classCount == 2)
    let changed = zip(all.labels, data.labels).count { $0 != $1 }
    #expect(abs(changed - 1000) < 6 * 23)
    let half = try data.randomizingLabels(key: Key(seed: 5), fraction: 0.5)
    let changedHalf = zip(half.labels, data.labels).count { $0 != $1 }
    #expect(abs(changedHalf - 500) < 6 * 20)
    #expect(try data.randomizingLabels(key: Key(seed: 5), fraction: 0).labels == data.labels)

    let clean = try GeneratedData(parsing: "moons:count=400,noise=0").sets()
    let noisy = try GeneratedData(parsing: "moons:count=400,noise=0,random-labels=0.5").sets()
    #expect(noisy.train.features == clean.train.features)
    #expect(noisy.test?.labels == clean.test?.labels)
    let drawn = zip(noisy.train.labels, clean.train.labels).count { $0 != $1 }
    #expect(abs(drawn - 100) < 6 * 9)
  }

  @Test("settings that make no sense trap", arguments: 0..<3)
  func traps(which: Int) async {
    switch which {
    case 0:
      await #expect(processExitsWith: .failure) { _ = Rings(key: Key(seed: 0), classCount: 1) }
    case 1:
      await #expect(processExitsWith: .failure) {
        _ = Parity(key: Key(seed: 0), featureCount: 3, relevantCount: 4)
      }
    default:
      await #expect(processExitsWith: .failure) {
        _ = TeacherNetwork(key: Key(seed: 0), widths: [3])
      }
    }
  }
}
