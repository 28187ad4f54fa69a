import Console
import Findings
import Plumbline

/// The preprocessing of the training data, stored with the parameters: `plumb predict` does the same to
/// new data.
public struct DataPreparation: Sendable, Equatable, Codable {
  /// The preprocessing of a table's columns; nil for arrays.
  public let table: TablePreparation?
  /// The shape of one example.
  public let exampleShape: [Int]
  /// The divisor of the features.
  public let divisor: Double
  /// The number of classes; nil for values.
  public let classCount: Int?
  /// The names of the classes, if the data have them.
  public let classNames: [String]?
  /// The shift and scale applied after that; nil for none.
  public let normalization: Normalization?
  /// The index of the first feature, if the format counts them from 0 or from 1; nil for others.
  public let firstIndex: Int?
  /// The smallest and largest features of the training data, as in the file; nil for tables.
  public let featureRange: [Double]?
  /// The shift and scale of real targets, undone for predictions; nil for none.
  public let targetScale: Normalization?

  private enum CodingKeys: String, CodingKey {
    case table, divisor, normalization
    case targetScale = "target_scale"
    case exampleShape = "example_shape"
    case firstIndex = "first_index"
    case featureRange = "feature_range"
    case classCount = "class_count"
    case classNames = "class_names"
  }

  /// The preprocessing of these sets.
  public init(
    of sets: LabelledSets, normalization: Normalization?, targetScale: Normalization? = nil
  ) {
    table = sets.preparation
    exampleShape = sets.train.exampleShape
    divisor = sets.train.divisor
    classCount = sets.train.classCount
    classNames = sets.train.classNames
    self.normalization = normalization
    self.targetScale = targetScale
    firstIndex = LibsvmFormat.firstIndex(ofFeatures: sets.train.featureNames)
    let range = ArrayRange(sets.train.features)
    featureRange = sets.preparation == nil ? [range.minimum, range.maximum] : nil
  }

  /// New examples, prepared.
  public struct Examples: Sendable {
    /// The features, examples first.
    public let features: NumericArray
    /// Whether an example has all values; missing values were filled unless rows with gaps were dropped in training.
    public let isComplete: [Bool]
    /// The files that the examples were read from, if each has its own.
    public let files: [String]?
    /// How cells without a value, and cells with unexpected content, were handled, one sentence per column.
    public var notes: [String] = []
  }

  /// The examples of a file, prepared like the training data; labels in it are ignored.
  ///
  /// - Throws: ``/Findings/Problem`` if the file cannot be read or has different features.
  public func examples(
    path: String, options: TableOptions = TableOptions()
  ) throws(Problem) -> Examples {
    if table == nil,
      let new = try PictureFolderFormat.pictures(at: path, like: exampleShape)
    {
      return try checked(new.features, path, isComplete: nil, files: new.files)
    }
    let input = try DataInput(path: path)
    var options = options
    options.firstIndex = firstIndex
    if let table { options.expectedNames = table.columns.map(\.name) }
    let content = try DataFormats.format(of: input).content(of: input, options)
    let features: NumericArray
    var isComplete: [Bool]?
    var notes: [String] = []
    switch content.meaning {
    case .table(let read):
      let new = read.withoutDescribingRows
      guard let table else {
        // Numbers alone are features in their order.
        let prepared = try PreparableTable(new, TableOptions(label: .none))
        let rows = prepared.rows
        let plan = prepared.fitted(to: rows)
        features = try plan.features(of: prepared.table, rows: rows).values
        break
      }
      let rows = Array(0..<new.rowCount)
      let whole = table.completed(new)
      notes = try new.notes + table.notes(on: whole)
      let found = try table.features(of: whole, rows: rows)
      features = found.values
      isComplete = found.isComplete
    case .arrays:
      let read = try Self.features(of: content.arrays, path)
      features =
        firstIndex != nil && content.featureNames != nil && exampleShape.count == 1
        ? try LibsvmFormat.widened(read, to: exampleShape[0], path) : asExamples(read)
    case .labelled(let examples):
      if content.arrays.count == 1, table == nil {
        features = asExamples(try content.arrays[0].read())
      } else {
        let parts = try examples()
        guard let part = parts.test ?? parts.train else { fatalError("\(path): no examples") }
        features = part.features
      }
    }
    var examples = try checked(features, path, isComplete: isComplete, files: nil)
    examples.notes = notes
    return examples
  }

  /// An array with examples along its first dimension: a single example without one gets it.
  private func asExamples(_ array: NumericArray) -> NumericArray {
    let size = exampleShape.reduce(1, *)
    guard size > 1, array.shape == exampleShape || array.shape == [size] else { return array }
    return NumericArray(array.elementType, [1] + array.shape, bytes: array.bytes)
  }

  /// Examples of the shape of the training data.
  private func checked(
    _ features: NumericArray, _ path: String, isComplete: [Bool]?, files: [String]?
  ) throws(Problem) -> Examples {
    let count = features.shape.first ?? 0
    let shape = Array(features.shape.dropFirst())
    // Flat examples have their values in the same order; others with as many values may not.
    let isFlat = shape.count <= 1 || exampleShape.count <= 1
    if count > 0, shape != exampleShape, !isFlat, shape.sorted() == exampleShape.sorted() {
      throw Problem(
        .inconsistent, subject: path, location: "features",
        problem:
          "an example has the shape \(NumericArray.description(of: shape)), but those of the training data have "
          + "\(NumericArray.description(of: exampleShape)): its dimensions are in another order",
        remedy:
          "put them in the same order: X = np.transpose(X, \(Self.order(of: shape, as: exampleShape)))"
      )
    }
    try requireScale(of: features, path)
    guard count > 0, features.count == count * exampleShape.reduce(1, *),
      isFlat || shape == exampleShape
    else {
      throw Problem(
        .inconsistent, subject: path, location: "features",
        problem:
          "the shape is \(NumericArray.description(of: features.shape)), but an example of the training data "
          + "has the shape \(NumericArray.description(of: exampleShape))",
        remedy: "give examples of that shape, with examples along the first dimension")
    }
    return Examples(
      features: features, isComplete: isComplete ?? Self.areFinite(features, rows: count),
      files: files)
  }

  /// For each example whether all of its features are finite.
  private static func areFinite(_ features: NumericArray, rows: Int) -> [Bool] {
    guard features.elementType.isFloatingPoint, ArrayRange(features).nonFiniteCount > 0 else {
      return [Bool](repeating: true, count: rows)
    }
    let (values, width) = (features.doubles(), features.count / max(1, rows))
    return (0..<rows).map { values[$0 * width..<($0 + 1) * width].allSatisfy(\.isFinite) }
  }

  /// The axes of examples of one shape in the order of another, as NumPy takes them.
  private static func order(of shape: [Int], as wanted: [Int]) -> String {
    var left = Array(shape.indices)
    let axes = wanted.map { extent in
      let index = left.firstIndex { shape[$0] == extent } ?? 0
      return left.remove(at: index) + 1
    }
    return "(" + ([0] + axes).map(String.init).joined(separator: ", ") + ")"
  }

  /// Refuses features that are plainly written in another unit: bytes where the network knows numbers up to 1, or vice versa.
  private func requireScale(of features: NumericArray, _ path: String) throws(Problem) {
    guard let featureRange, featureRange.count == 2, features.count > 0 else { return }
    let range = ArrayRange(features)
    let size = max(abs(range.minimum), abs(range.maximum))
    let known = max(abs(featureRange[0]), abs(featureRange[1]))
    guard size > 0, known > 0, [size, known].allSatisfy(\.isFinite),
      size >= 100 * known && known <= 1 || known >= 100 * size && size <= 1
    else { return }
    let (new, old) = (NumericArray.text(size), NumericArray.text(known))
    throw Problem(
      .inconsistent, subject: path, location: "features",
      problem:
        "the features go up to \(new), but those of the training data up to \(old): they are scaled differently",
      remedy: size < known
        ? "scale them alike: X = np.round(255 * X).astype(np.uint8) for images"
        : "scale them alike: X = X / 255 for images")
  }

  private static func features(
    of arrays: [DataContent.NamedArray], _ path: String
  ) throws(Problem) -> NumericArray {
    let named = arrays.filter { ArrayRole(name: $0.name)?.content == .features }
    let chosen =
      named.first { ArrayRole(name: $0.name)?.part == .test } ?? named.first
      ?? (arrays.count == 1 ? arrays[0] : nil)
    guard let chosen else {
      throw Problem(
        .notFound, subject: path, location: "arrays",
        problem: "there are no features among \(arrays.map(\.name).joined(separator: ", "))",
        remedy: "save them under the name X: np.savez(file, X=X)")
    }
    return try chosen.read()
  }

  /// The features for the network, scaled and normalized.
  ///
  /// - Complexity: O(number of features).
  public func tensor<Scalar: TensorScalar>(_ features: NumericArray) -> Tensor<Scalar> {
    let set = LabelledSet(
      name: "new", features: features, divisor: divisor,
      targets: .values(NumericArray([features.shape[0], 0], [Double]())), provenance: "new")
    let matrix: Tensor<Scalar> = set.featureMatrix()
    return normalization.map { $0.applied(to: matrix) } ?? matrix
  }
}
