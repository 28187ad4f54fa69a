import Plumbline
import Testing

/// One draw of a property test: its shapes and values come from the key, and a failure names the trial.
package struct Trial: Sendable, Hashable, CustomTestStringConvertible {
  package let number: Int

  package init(number: Int) { self.number = number }

  /// Some trials; a release build, which is faster, makes ten times as many.
  package static func several(_ count: Int) -> [Trial] {
    #if DEBUG
      return (0..<count).map(Trial.init)
    #else
      return (0..<10 * count).map(Trial.init)
    #endif
  }

  package var key: Key { Key(seed: TestSeed.value)["trial"][number] }

  /// How to make this draw again: the comment of every expectation on it.
  package var comment: Comment { "trial \(number) of PLUMB_TEST_SEED=\(TestSeed.value)" }

  package var testDescription: String { "trial \(number) of seed \(TestSeed.value)" }
}

extension Key {
  /// A whole number from the range.
  package func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + integer(at: 0, below: range.count)
  }

  /// True or false with equal probability.
  package var coin: Bool { integer(at: 0, below: 2) == 1 }

  /// One of several.
  package func choice<Element>(of elements: [Element]) -> Element {
    elements[integer(at: 0, below: elements.count)]
  }

  /// A random shape.
  package func shape(rank: ClosedRange<Int> = 0...4, extents: ClosedRange<Int> = 1...4) -> Shape {
    let rank = self["rank"].integer(in: rank)
    return Shape((0..<rank).map { self["extent"][$0].integer(in: extents) })
  }

  /// A shape that broadcasts to `target`: some axes are 1, and some leading ones are missing.
  package func shape(broadcastingTo target: Shape) -> Shape {
    let missing = self["missing"].integer(in: 0...target.rank)
    return Shape(
      (missing..<target.rank).map {
        self["one"][$0].integer(in: 0...2) == 0 ? 1 : target.extents[$0]
      })
  }

  /// A random set of the axes of a shape, ascending.
  package func axes(of shape: Shape) -> [Int] { (0..<shape.rank).filter { self[$0].coin } }

  /// Normal values.
  package func tensor(_ shape: Shape) -> Tensor<Double> {
    Tensor(shape, normal(shape.elementCount))
  }

  /// Uniform values between two bounds.
  package func tensor(_ shape: Shape, from low: Double, to high: Double) -> Tensor<Double> {
    Tensor(shape, uniform(shape.elementCount, from: low, to: high))
  }

  /// Values of either sign whose size lies between `distance` and `distance` + 1.
  package func tensor(_ shape: Shape, awayFromZeroBy distance: Double) -> Tensor<Double> {
    Tensor(
      shape,
      (0..<shape.elementCount).map {
        (self["sign"][$0].coin ? 1 : -1) * (distance + self["size"].uniform(at: $0))
      })
  }

  /// Values in random order that are at least `distance` from each other.
  package func tensor(_ shape: Shape, separatedBy distance: Double) -> Tensor<Double> {
    let order = self["order"].permutation(shape.elementCount)
    return Tensor(
      shape,
      order.indices.map {
        (Double(order[$0]) - Double(order.count) / 2) * 2 * distance
          + self["jitter"].uniform(at: $0) * distance
      })
  }
}
