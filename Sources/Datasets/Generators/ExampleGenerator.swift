import Findings
import Plumbline

/// A source of examples without a download: example i is a pure function of a key and i.
///
/// So examples can be generated individually and in any order, a longer data set starts with a shorter one,
/// and training and test data are two ranges of one generator. Only arithmetic that is rounded the
/// same everywhere is used, so the examples are the same on every machine, bit for bit.
public protocol ExampleGenerator: Sendable {
  /// A short name, such as `two-spirals`.
  var name: String { get }
  /// The key from which all randomness is drawn.
  var key: Key { get }
  /// The number of features of an example.
  var featureCount: Int { get }
  /// The shape of an example's features; by default a row.
  var exampleShape: [Int] { get }
  /// The number of classes.
  var classCount: Int { get }
  /// The settings in words, for the provenance of the data.
  var settings: String { get }

  /// The features and the class of example `index`, counted from 0.
  func example(at index: Int) -> (features: [Float], label: Int)
}

extension ExampleGenerator {
  /// A row of features.
  public var exampleShape: [Int] { [featureCount] }

  /// The examples from `first` on, as a data set.
  ///
  /// - Throws: ``/Findings/Problem`` if fewer than one example is requested, or `first` is negative.
  /// - Complexity: O(`count`) examples.
  public func dataset(count: Int, startingAt first: Int = 0) throws(Problem) -> LabelledSet {
    guard count >= 1, first >= 0, first <= Int.max - count else {
      throw Problem(
        .outOfRange, subject: name, location: "examples",
        problem: "\(count) examples from example \(first) onwards were requested",
        remedy: "ask for at least one example, counted from 0")
    }
    var features: [Float] = []
    features.reserveCapacity(count * featureCount)
    var labels: [Int] = []
    labels.reserveCapacity(count)
    for index in first..<first + count {
      let example = example(at: index)
      features.append(contentsOf: example.features)
      labels.append(example.label)
    }
    return try LabelledSet(
      name: name, features: features, exampleShape: exampleShape, labels: labels,
      classCount: classCount,
      provenance: "generated: \(name), \(settings), key \(String(key.bits, radix: 16)), "
        + "examples \(first) to \(first + count - 1)")
  }

  /// Traps with the generator's name; for invalid settings.
  func requireSetting(_ condition: Bool, _ message: @autoclosure () -> String) {
    guard condition else { fatalError("\(name): \(message())") }
  }

  /// A point in the plane with noise: two normal values with this standard deviation are added.
  func point(_ x: Double, _ y: Double, noise: Double, at index: Int) -> [Float] {
    guard noise > 0 else { return [Float(x), Float(y)] }
    let key = key["noise"][index]
    return [Float(x + noise * key.normal(at: 0)), Float(y + noise * key.normal(at: 1))]
  }
}
