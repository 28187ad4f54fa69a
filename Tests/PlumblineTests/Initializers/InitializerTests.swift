import Foundation
import Plumbline
import Testing

@Suite("Initial values are distributed as their initializer says")
struct InitializerTests {
  /// An initializer, and the variance that its formula gives a weight of 150 inputs and 100 outputs.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let initializer: Initializer
    let variance: Double
    let isUniform: Bool
    var testDescription: String { name }

    init(
      _ name: String, _ initializer: Initializer, variance: Double, isUniform: Bool = false
    ) {
      self.name = name
      self.initializer = initializer
      self.variance = variance
      self.isUniform = isUniform
    }
  }

  private static let shape: Shape = [150, 100]
  private static let fans: [(fan: Initializer.Fan, count: Double)] = [
    (.input, 150), (.output, 100), (.average, 125),
  ]

  static let samples: [Sample] =
    [Sample("normal", .normal(standardDeviation: 0.3), variance: 0.09)]
    + Initializer.Distribution.allCases.flatMap(samples(of:))

  private static func samples(of distribution: Initializer.Distribution) -> [Sample] {
    let isUniform = distribution == .uniform
    func sample(_ name: String, _ initializer: Initializer, _ variance: Double) -> Sample {
      Sample("\(name), \(distribution)", initializer, variance: variance, isUniform: isUniform)
    }
    return [
      sample("glorot", .glorot(distribution), 1 / 125.0),
      sample("glorot with gain 2", .glorot(distribution, gain: 2), 4 / 125.0),
    ]
      + fans.flatMap { fan, count in
        [
          sample("gain 3 by \(fan)", .varianceScaling(gain: 3, distribution, fan: fan), 9 / count),
          sample("he by \(fan)", .he(distribution, fan: fan), 2 / count),
          sample(
            "he for tanh by \(fan)", .he(distribution, fan: fan, for: .tanh), 25.0 / 9 / count),
          sample("lecun by \(fan)", .lecun(distribution, fan: fan), 1 / count),
        ]
      }
  }

  @Test("in mean, variance and fourth moment, within the sampling error", arguments: samples)
  func moments(sample: Sample) {
    let values = sample.initializer.values(shape: Self.shape, key: Key(seed: 11)[sample.name])
    #expect(values.count == Self.shape.elementCount)
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + $1 * $1 } / n
    let fourth = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / n
    // Of the squares of a normal variable the variance is 2 σ⁴, of a uniform one 0.8 σ⁴; of the fourth
    // powers 96 σ⁸ and 5.76 σ⁸. Five standard deviations; the seed is fixed.
    let (ofSquare, kurtosis, ofFourth) = sample.isUniform ? (0.8, 1.8, 5.76) : (2.0, 3.0, 96.0)
    #expect(abs(mean) < 5 * (sample.variance / n).squareRoot())
    #expect(abs(variance / sample.variance - 1) < 5 * (ofSquare / n).squareRoot())
    #expect(
      abs(fourth / (sample.variance * sample.variance) - kurtosis)
        < 5 * (ofFourth / n).squareRoot())
    let deviation = sample.initializer.standardDeviation(shape: Self.shape)
    #expect(abs((deviation ?? 0) / sample.variance.squareRoot() - 1) < 1e-14)
  }

  @Test("constants are constant")
  func constants() {
    #expect(Initializer.zero.values(shape: [2, 2], key: Key(seed: 1)) == [0, 0, 0, 0])
    #expect(Initializer.constant(0.3).values(shape: [3], key: Key(seed: 1)) == [0.3, 0.3, 0.3])
    #expect(Initializer.constant(0.3).standardDeviation(shape: [3]) == 0)
    #expect(Initializer.orthogonal().standardDeviation(shape: [3, 3]) == nil)
  }

  @Test("the same key gives the same values, and another key others")
  func reproducibility() {
    for initializer in Self.samples.map(\.initializer) + [.orthogonal()] {
      let first = initializer.values(shape: [7, 5], key: Key(seed: 1))
      #expect(first == initializer.values(shape: [7, 5], key: Key(seed: 1)))
      #expect(first != initializer.values(shape: [7, 5], key: Key(seed: 2)))
    }
  }

  @Test("the gain scales the same draws, so that arms of a study differ in it alone")
  func commonDraws() {
    let key = Key(seed: 5)
    let one = Initializer.varianceScaling(gain: 1).values(shape: [10, 10], key: key)
    let two = Initializer.varianceScaling(gain: 2).values(shape: [10, 10], key: key)
    for (one, two) in zip(one, two) { #expect(abs(two - 2 * one) <= 1e-15) }
  }

  @Test(
    "orthogonal matrices have orthonormal rows or columns, to 1e-14",
    arguments: [[1, 1], [5, 5], [64, 64], [40, 7], [7, 40], [2, 3, 6]])
  func orthogonality(extents: [Int]) {
    let shape = Shape(extents)
    let columns = shape[-1]
    let rows = shape.elementCount / columns
    for gain in [1, 0.5] {
      let values = Initializer.orthogonal(gain: gain).values(shape: shape, key: Key(seed: 4))
      let matrix = Tensor<Double>([rows, columns], values) / gain
      let product =
        rows >= columns
        ? matmul(matrix, matrix, transposingFirst: true)
        : matmul(matrix, matrix, transposingSecond: true)
      #expect(
        product.isClose(
          to: .identity(Swift.min(rows, columns)), absoluteTolerance: 1e-14, relativeTolerance: 0))
    }
  }

  @Test("orthogonal matrices are uniformly distributed: every entry has variance 1 / n")
  func haar() {
    let (size, count) = (4, 1000)
    var sums = [Double](repeating: 0, count: size * size)
    var squares = sums
    for number in 0..<count {
      let values = Initializer.orthogonal().values(shape: [size, size], key: Key(seed: 8)[number])
      for (position, value) in values.enumerated() {
        sums[position] += value
        squares[position] += value * value
      }
    }
    let n = Double(count)
    for position in sums.indices {
      // An entry's square has mean 1/n and variance 2 (n - 1) / (n² (n + 2)): 1/16 for n = 4.
      #expect(abs(sums[position] / n) < 5 * (0.25 / n).squareRoot())
      #expect(abs(squares[position] / n - 0.25) < 5 * (1 / 16.0 / n).squareRoot())
    }
  }
}
