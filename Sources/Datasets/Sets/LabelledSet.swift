/// Examples with targets of any kind, as a file holds them: nothing is rounded before it is asked
/// for in a precision.
///
/// Where a ``Dataset`` is ready for training in Float, this is ready for both precisions and for
/// regression: 64-bit values stay exact, and bytes stay bytes until they are scaled.
public struct LabelledData: Sendable, Equatable {
  /// What the examples are labelled with.
  public enum Targets: Sendable, Equatable {
    /// A class for each example, from 0 to `count - 1`, and the classes' names where the file has
    /// them.
    case classes([Int], count: Int, names: [String]?)
    /// Numbers for each example: an array whose first dimension counts the examples.
    case values(NumericArray)
  }

  /// A short name, such as `train`.
  public let name: String
  /// The features as they stand in the file; the first dimension counts the examples.
  public let features: NumericArray
  /// What the features are divided by when they are taken: 255 for the bytes of pictures, else 1.
  public let divisor: Double
  /// What the examples are labelled with; as many as there are examples.
  public let targets: Targets
  /// Where the data come from, in words.
  public let provenance: String

  /// The number of examples.
  public var exampleCount: Int { features.shape[0] }
  /// The shape of one example.
  public var exampleShape: [Int] { Array(features.shape.dropFirst()) }
  /// The number of features of one example.
  public var featureCount: Int { exampleShape.reduce(1, *) }

  /// The number of classes; nil for targets that are values.
  public var classCount: Int? {
    if case .classes(_, let count, _) = targets { count } else { nil }
  }

  /// Data of parts that are known to fit.
  package init(
    name: String, features: NumericArray, divisor: Double, targets: Targets, provenance: String
  ) {
    self.name = name
    self.features = features
    self.divisor = divisor
    self.targets = targets
    self.provenance = provenance
  }

  /// The examples of a data set, such as a generated one.
  ///
  /// - Complexity: O(number of features), a copy.
  public init(_ dataset: Dataset, name: String? = nil) {
    self.init(
      name: name ?? dataset.name,
      features: NumericArray([dataset.exampleCount] + dataset.exampleShape, dataset.features),
      divisor: 1,
      targets: .classes(dataset.labels, count: dataset.classCount, names: nil),
      provenance: dataset.provenance)
  }

  /// The features as Float, scaled in Float.
  func floats() -> [Float] {
    let values = features.floats()
    return divisor == 1 ? values : values.map { $0 / Float(divisor) }
  }

  // MARK: Parts

  /// The data of these examples, in this order; an index may repeat. The number of classes stays.
  ///
  /// Traps when an index is outside 0 ..< `exampleCount`.
  /// - Parameter name: The name of the part, such as `dev`.
  /// - Complexity: O(number of features selected).
  public func selecting(_ indices: some Collection<Int>, name: String? = nil) -> LabelledData {
    let targets: Targets =
      switch targets {
      case .classes(let labels, let count, let names):
        .classes(indices.map { labels[$0] }, count: count, names: names)
      case .values(let values): .values(values.selectingRows(indices))
      }
    return LabelledData(
      name: name ?? self.name, features: features.selectingRows(indices), divisor: divisor,
      targets: targets,
      provenance: "\(provenance); \(indices.count) of \(exampleCount) examples selected")
  }

  // MARK: Classes

  /// The examples as a data set of classes, in Float.
  ///
  /// - Parameter classCount: The number of classes, where it is known to be larger than the labels
  ///   tell.
  /// - Throws: ``DatasetError`` when the targets are values, a label is not below `classCount`, or a
  ///   feature is too large for Float.
  /// - Complexity: O(number of features).
  public func dataset(classCount: Int? = nil) throws(DatasetError) -> Dataset {
    guard case .classes(let labels, let count, _) = targets else {
      throw DatasetError(
        .mislabelled, file: provenance, place: "targets of \(name)",
        problem: "the targets are real values, and classes are needed",
        remedy: "give class numbers from 0 on, or train with a loss for real values, such as mse")
    }
    return try Dataset(
      name: name, features: floats(), exampleShape: exampleShape, labels: labels,
      classCount: classCount ?? count, provenance: provenance)
  }

  /// Checks that a network with so many outputs can tell all classes apart.
  ///
  /// - Throws: ``DatasetError`` that names the first label that is too large.
  public func requireLabels(below outputCount: Int) throws(DatasetError) {
    guard case .classes(let labels, _, _) = targets,
      let example = labels.firstIndex(where: { $0 >= outputCount })
    else { return }
    throw DatasetError(
      .outOfRange, file: provenance, place: "\(name), example \(example), counted from 0",
      problem: "label \(labels[example]) is outside 0 ... \(outputCount - 1)",
      remedy: "give the network at least \(labels[example] + 1) outputs, or correct the label")
  }
}
