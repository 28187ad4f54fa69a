/// Examples with class labels: a value that is checked once, when it is made.
///
/// ```swift
/// let digits = try Dataset.digits()
/// let order = try BatchOrder(
///   exampleCount: digits.train.exampleCount, batchSize: 128, order: .shuffled(key["order"]))
/// let batch = digits.train.selecting(order.indices(atStep: 0))
/// ```
public struct Dataset: Sendable, Equatable {
  /// A short name, such as `mnist` or `glyphs`.
  public let name: String
  /// All features, row-major with the examples first: `exampleCount` × `featureCount` values.
  public let features: [Float]
  /// The shape of one example, such as [28, 28].
  public let exampleShape: [Int]
  /// The class of each example, from 0 to `classCount - 1`.
  public let labels: [Int]
  /// How many classes there are, whether or not each occurs.
  public let classCount: Int
  /// Where the data come from, in words: file names, or a generator and its settings.
  public let provenance: String
  /// The number of features of one example: the product of ``exampleShape``.
  public let featureCount: Int

  /// The number of examples.
  public var exampleCount: Int { labels.count }

  /// A data set of these examples.
  ///
  /// - Parameters:
  ///   - features: `labels.count` × (product of `exampleShape`) finite values, examples first.
  ///   - exampleShape: The shape of one example; every dimension at least 1. `[]` is one number.
  ///   - labels: One class per example. No examples at all is allowed.
  /// - Throws: ``DatasetError`` when a label is outside 0 ..< `classCount`, a feature is infinite
  ///   or not a number, or the counts do not fit the shape.
  /// - Complexity: O(number of features).
  public init(
    name: String, features: [Float], exampleShape: [Int], labels: [Int], classCount: Int,
    provenance: String
  ) throws(DatasetError) {
    guard classCount >= 1 else {
      throw DatasetError(
        .outOfRange, file: name, place: "class count", problem: "\(classCount) classes",
        remedy: "give a class count of at least 1")
    }
    let featureCount = try Self.featureCount(of: exampleShape, name: name)
    let (expected, overflow) = labels.count.multipliedReportingOverflow(by: featureCount)
    guard !overflow, features.count == expected else {
      throw DatasetError(
        .inconsistent, file: name, place: "features",
        problem: "\(features.count) values for \(labels.count) labels of shape \(exampleShape)",
        remedy: "give \(featureCount) values for every label")
    }
    for (example, label) in labels.enumerated() where label < 0 || label >= classCount {
      throw DatasetError(
        .outOfRange, file: name, place: "example \(example)",
        problem: "label \(label) is outside 0 ... \(classCount - 1)",
        remedy: "correct the label or give the true number of classes")
    }
    if let place = features.firstIndex(where: { !$0.isFinite }) {
      throw DatasetError(
        .outOfRange, file: name,
        place: "example \(place / featureCount), feature \(place % featureCount)",
        problem: "the value is \(features[place])",
        remedy: "remove the example or replace the value by a finite one")
    }
    self.init(
      checkedName: name, features: features, exampleShape: exampleShape, featureCount: featureCount,
      labels: labels, classCount: classCount, provenance: provenance)
  }

  /// A data set of parts that are known to fit, because they come from another data set.
  private init(
    checkedName name: String, features: [Float], exampleShape: [Int], featureCount: Int,
    labels: [Int], classCount: Int, provenance: String
  ) {
    self.name = name
    self.features = features
    self.exampleShape = exampleShape
    self.featureCount = featureCount
    self.labels = labels
    self.classCount = classCount
    self.provenance = provenance
  }

  private static func featureCount(
    of shape: [Int], name: String
  ) throws(DatasetError) -> Int {
    var product = 1
    for dimension in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard dimension >= 1, !overflow else {
        throw DatasetError(
          .outOfRange, file: name, place: "example shape",
          problem: "the shape \(shape) has a dimension below 1 or too many elements",
          remedy: "give the shape of one example, such as [28, 28]")
      }
      product = next
    }
    return product
  }

  // MARK: Parts

  /// The features of one example, row-major.
  ///
  /// - Complexity: O(1); the slice shares the storage of ``features``.
  public func example(_ index: Int) -> ArraySlice<Float> {
    requireExample(index)
    return features[index * featureCount..<(index + 1) * featureCount]
  }

  /// The data set of these examples, in this order; an index may repeat.
  ///
  /// Traps when an index is outside 0 ..< `exampleCount`.
  /// - Complexity: O(number of features selected).
  public func selecting(_ indices: some Collection<Int>) -> Dataset {
    var features: [Float] = []
    var labels: [Int] = []
    copyExamples(indices, features: &features, labels: &labels)
    return Dataset(
      checkedName: name, features: features, exampleShape: exampleShape, featureCount: featureCount,
      labels: labels, classCount: classCount,
      provenance: "\(provenance); \(indices.count) of \(exampleCount) examples selected")
  }

  /// Replaces the content of two arrays by these examples, and keeps the arrays' storage.
  ///
  /// The loop of a training run calls it with the same two arrays for every batch, so that a step
  /// allocates nothing. Traps when an index is outside 0 ..< `exampleCount`.
  /// - Complexity: O(number of features copied).
  public func copyExamples(
    _ indices: some Collection<Int>, features batchFeatures: inout [Float],
    labels batchLabels: inout [Int]
  ) {
    batchFeatures.removeAll(keepingCapacity: true)
    batchLabels.removeAll(keepingCapacity: true)
    batchFeatures.reserveCapacity(indices.count * featureCount)
    batchLabels.reserveCapacity(indices.count)
    for index in indices {
      batchFeatures.append(contentsOf: example(index))
      batchLabels.append(labels[index])
    }
  }

  private func requireExample(_ index: Int) {
    guard index >= 0, index < exampleCount else {
      fatalError("\(name): example \(index) was asked of a data set of \(exampleCount) examples")
    }
  }

  // MARK: Content

  /// How many examples each class has.
  ///
  /// - Complexity: O(`exampleCount`).
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels { counts[label] += 1 }
    return counts
  }

  /// A digest of the shape, the class count, the features and the labels, as sixteen hexadecimal
  /// digits.
  ///
  /// FNV-1a, 64 bits, over: `exampleCount`, the rank and dimensions of `exampleShape`, `classCount`
  /// and each label as 64-bit words, then each feature's IEEE bit pattern as a 32-bit word; least
  /// significant byte first. The name and the provenance do not enter, so the same data read from
  /// another file have the same hash.
  /// - Complexity: O(number of features).
  public var contentHash: String {
    var hash = ContentHash()
    hash.combine(UInt64(exampleCount))
    hash.combine(UInt64(exampleShape.count))
    for dimension in exampleShape { hash.combine(UInt64(dimension)) }
    hash.combine(UInt64(classCount))
    for label in labels { hash.combine(UInt64(label)) }
    for feature in features { hash.combine(feature.bitPattern) }
    return hash.hexadecimal
  }
}
