import Findings

/// Examples with targets of any kind, from a file or generator: nothing is rounded until it is requested in a
/// precision.
///
/// ```swift
/// let digits = try LabelledSets.digits().train
/// let order = try BatchOrder(
///   exampleCount: digits.exampleCount, batchSize: 128, order: .shuffled(key["order"]))
/// for examples in order.steps().prefix(100) {
///   let batch = digits.selecting(Array(examples))
/// }
/// ```
public struct LabelledSet: Sendable, Equatable {
  /// The targets of the examples.
  public enum Targets: Sendable, Equatable {
    /// A class for each example, from 0 to `count - 1`, and the class names if the source has
    /// them.
    case classes([Int], count: Int, names: [String]?)
    /// Numbers for each example: an array whose first dimension counts the examples.
    case values(NumericArray)
  }

  /// A short name, such as `train`.
  public let name: String
  /// The features as in the source; the first dimension counts the examples.
  public let features: NumericArray
  /// The divisor applied to the features on access: 255 for the bytes of pictures, else 1.
  public let divisor: Double
  /// The targets, one for each example.
  public let targets: Targets
  /// The origin of the data, in words: file names, or a generator and its settings.
  public let provenance: String
  /// The names of the features, if the source has them.
  public var featureNames: [String]?

  /// The number of examples.
  public var exampleCount: Int { features.shape[0] }
  /// The shape of one example, such as [28, 28].
  public var exampleShape: [Int] { Array(features.shape.dropFirst()) }
  /// The number of features of one example: the product of ``exampleShape``.
  public var featureCount: Int { exampleShape.reduce(1, *) }

  /// The number of classes, whether or not each occurs; nil for targets that are values.
  public var classCount: Int? {
    if case .classes(_, let count, _) = targets { count } else { nil }
  }

  /// The class of each example; empty for targets that are values.
  public var labels: [Int] {
    if case .classes(let labels, _, _) = targets { labels } else { [] }
  }

  /// The classes' names; nil if the source has none.
  public var classNames: [String]? {
    if case .classes(_, _, let names) = targets { names } else { nil }
  }

  /// The number of examples of each class; empty for targets that are values.
  ///
  /// - Complexity: O(``exampleCount``).
  public var classCounts: [Int] {
    guard case .classes(let labels, let count, _) = targets else { return [] }
    var counts = [Int](repeating: 0, count: count)
    for label in labels { counts[label] += 1 }
    return counts
  }

  /// A set from parts that are known to fit together.
  package init(
    name: String, features: NumericArray, divisor: Double = 1, targets: Targets, provenance: String,
    featureNames: [String]? = nil
  ) {
    self.name = name
    self.features = features
    self.divisor = divisor
    self.targets = targets
    self.provenance = provenance
    self.featureNames = featureNames
  }

  /// A set of examples with classes.
  ///
  /// - Parameters:
  ///   - name: The name of the set in reports.
  ///   - features: `labels.count` × (product of `exampleShape`) finite values, examples first.
  ///   - exampleShape: The shape of one example; every dimension at least 1. `[]` is one number.
  ///   - labels: One class per example. There may be no examples at all.
  ///   - classCount: The number of classes, whether each has examples or not.
  ///   - provenance: The origin of the examples, as a phrase for a report.
  /// - Throws: ``/Findings/Problem`` if a label is outside 0 ..< `classCount`, a feature is infinite
  ///   or not a number, or the counts do not fit the shape.
  /// - Complexity: O(number of features).
  public init(
    name: String, features: [Float], exampleShape: [Int], labels: [Int], classCount: Int,
    provenance: String
  ) throws(Problem) {
    guard classCount >= 1 else {
      throw Problem(
        .outOfRange, subject: name, location: "class count", problem: "\(classCount) classes",
        remedy: "give a class count of at least 1")
    }
    let featureCount = try Self.featureCount(of: exampleShape, name: name)
    let (expected, overflow) = labels.count.multipliedReportingOverflow(by: featureCount)
    guard !overflow, features.count == expected else {
      throw Problem(
        .inconsistent, subject: name, location: "features",
        problem: "\(features.count) values for \(labels.count) labels of shape \(exampleShape)",
        remedy: "give \(featureCount) values for every label")
    }
    for (example, label) in labels.enumerated() where label < 0 || label >= classCount {
      throw Problem(
        .outOfRange, subject: name, location: "example \(example)",
        problem: "label \(label) is outside 0 ... \(classCount - 1)",
        remedy: "correct the label or give the true number of classes")
    }
    if let index = features.firstIndex(where: { !$0.isFinite }) {
      throw Problem(
        .outOfRange, subject: name,
        location: "example \(index / featureCount), feature \(index % featureCount)",
        problem: "the value is \(features[index])",
        remedy: "remove the example or replace the value with a finite one")
    }
    self.init(
      name: name, features: NumericArray([labels.count] + exampleShape, features),
      targets: .classes(labels, count: classCount, names: nil), provenance: provenance)
  }

  private static func featureCount(
    of shape: [Int], name: String
  ) throws(Problem) -> Int {
    var product = 1
    for dimension in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard dimension >= 1, !overflow else {
        throw Problem(
          .outOfRange, subject: name, location: "example shape",
          problem: "the shape \(shape) has a dimension below 1 or too many elements",
          remedy: "give the shape of one example, such as [28, 28]")
      }
      product = next
    }
    return product
  }

  /// The features as Float, scaled in Float; row-major with the examples first.
  ///
  /// - Complexity: O(number of features).
  public func floats() -> [Float] {
    let values = features.floats()
    return divisor == 1 ? values : values.map { $0 / Float(divisor) }
  }

  // MARK: Parts

  /// The examples at these indices, in this order; an index may repeat. The number of classes stays.
  ///
  /// Traps when an index is outside 0 ..< `exampleCount`.
  /// - Parameters:
  ///   - indices: Positions of examples, from 0.
  ///   - name: The name of the part, such as `dev`.
  /// - Complexity: O(number of features selected).
  public func selecting(_ indices: some Collection<Int>, name: String? = nil) -> LabelledSet {
    let targets: Targets =
      switch targets {
      case .classes(let labels, let count, let names):
        .classes(indices.map { labels[$0] }, count: count, names: names)
      case .values(let values): .values(values.selectingRows(indices))
      }
    return LabelledSet(
      name: name ?? self.name, features: features.selectingRows(indices), divisor: divisor,
      targets: targets,
      provenance: "\(provenance); \(indices.count) of \(exampleCount) examples selected",
      featureNames: featureNames)
  }

  /// The same set under another name.
  public func named(_ name: String) -> LabelledSet {
    LabelledSet(
      name: name, features: features, divisor: divisor, targets: targets, provenance: provenance,
      featureNames: featureNames)
  }

  /// The class names as numbers, if all are numbers: the labels 1, 2 and 3 of a file are its classes 0, 1
  /// and 2.
  public var classValues: [Double]? {
    guard let classNames else { return nil }
    let values = classNames.compactMap { Double($0) }
    return values.count == classNames.count ? values : nil
  }

  /// Checks that a network with this many outputs can represent all classes.
  ///
  /// - Throws: ``/Findings/Problem`` with the first label that is too large.
  public func requireLabels(below outputCount: Int) throws(Problem) {
    guard let example = labels.firstIndex(where: { $0 >= outputCount }) else { return }
    throw Problem(
      .outOfRange, subject: provenance, location: "\(name), example \(example) (counted from 0)",
      problem: "label \(labels[example]) is outside 0 ... \(outputCount - 1)",
      remedy: "give the network at least \(labels[example] + 1) outputs, or correct the label")
  }

  // MARK: Content

  /// A digest of the shape, the class count, the labels and the features in Float, as sixteen hexadecimal digits.
  ///
  /// FNV-1a, 64 bits, over: `exampleCount`, the rank and dimensions of `exampleShape`, `classCount` (0 for values)
  /// and each label as 64-bit words, then each feature's IEEE bit pattern as a 32-bit word, and each target value's as a
  /// 64-bit word; least significant byte first. The name and the provenance are not included, so the same data read from
  /// another file have the same hash.
  /// - Complexity: O(number of features).
  public var contentHash: String {
    var hash = ContentHash()
    hash.combine(UInt64(exampleCount))
    hash.combine(UInt64(exampleShape.count))
    for dimension in exampleShape { hash.combine(UInt64(dimension)) }
    hash.combine(UInt64(classCount ?? 0))
    for label in labels { hash.combine(UInt64(label)) }
    for feature in floats() { hash.combine(feature.bitPattern) }
    if case .values(let values) = targets {
      for value in values.doubles() { hash.combine(value.bitPattern) }
    }
    return hash.hexadecimal
  }
}
