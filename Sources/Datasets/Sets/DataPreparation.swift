import Console
import Findings
import Plumbline

/// What was done to training data before the network saw them, kept with its parameters: `plumb predict` does the same to
/// new data.
public struct DataPreparation: Sendable, Equatable, Codable {
  /// What was done to the columns of a table; nil for arrays.
  public let table: TablePreparation?
  /// The shape of one example.
  public let exampleShape: [Int]
  /// What features are divided by.
  public let divisor: Double
  /// The number of classes; nil for values.
  public let classCount: Int?
  /// The classes' names, where the data have them.
  public let classNames: [String]?
  /// What features are shifted and scaled by after that; nil for nothing.
  public let normalization: Normalization?
  /// What real targets were shifted and scaled by, which answers are scaled back by; nil for nothing.
  public let targetScale: Normalization?

  private enum CodingKeys: String, CodingKey {
    case table, divisor, normalization
    case targetScale = "target_scale"
    case exampleShape = "example_shape"
    case classCount = "class_count"
    case classNames = "class_names"
  }

  /// What was done to these sets.
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
  }

  /// New examples, prepared.
  public struct Examples: Sendable {
    /// The features, examples first.
    public let features: NumericArray
    /// Whether an example has all values; what is missing was filled unless rows with gaps were left out in training.
    public let isComplete: [Bool]
    /// The files that the examples were read from, where each has its own.
    public let files: [String]?
    /// What was taken for missing though it holds something, a sentence for each column.
    public var notes: [String] = []
  }

  /// The examples of a file, prepared as the training data were; labels in it are passed over.
  ///
  /// - Throws: ``Problem`` where the file cannot be read or has other features.
  public func examples(
    path: String, options: TableOptions = TableOptions()
  ) throws(Problem) -> Examples {
    if table == nil,
      let new = try PictureFolderFormat.pictures(at: path, like: exampleShape)
    {
      return try checked(new.features, path, isComplete: nil, files: new.files)
    }
    let input = try DataInput(path: path)
    let content = try DataFormats.format(of: input).content(of: input, options)
    let features: NumericArray
    var isComplete: [Bool]?
    var notes: [String] = []
    switch content.meaning {
    case .table(let new):
      guard let table else {
        // Numbers alone are features in their order.
        let prepared = try PreparableTable(new, TableOptions(label: .none))
        let rows = prepared.rows
        let plan = prepared.fitted(to: rows)
        features = NumericArray(
          [rows.count, plan.featureNames.count], try plan.features(of: new, rows: rows).values)
        break
      }
      let rows = Array(0..<new.rowCount)
      notes = try table.notes(on: new)
      let found = try table.features(of: new, rows: rows)
      features = NumericArray([rows.count, table.featureNames.count], found.values)
      isComplete = found.isComplete
    case .arrays: features = try Self.features(of: content.arrays, path)
    case .labelled(let examples):
      if content.arrays.count == 1, table == nil {
        features = try content.arrays[0].read()
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

  /// Examples of the shape of the training data.
  private func checked(
    _ features: NumericArray, _ path: String, isComplete: [Bool]?, files: [String]?
  ) throws(Problem) -> Examples {
    let count = features.shape.first ?? 0
    guard count > 0, features.count == count * exampleShape.reduce(1, *) else {
      throw Problem(
        .inconsistent, subject: path, location: "features",
        problem:
          "the shape is \(NumericArray.description(of: features.shape)), and an example of the training data "
          + "had the shape \(NumericArray.description(of: exampleShape))",
        remedy: "give examples of that shape, the examples first")
    }
    return Examples(
      features: features, isComplete: isComplete ?? [Bool](repeating: true, count: count),
      files: files)
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

  /// The features as a network takes them, scaled and normalized.
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
