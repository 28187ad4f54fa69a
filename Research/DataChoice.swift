import Datasets
import Plumbline

/// The digits that `--data` names.
struct DataChoice {
  /// The training set, features from 0 to 1.
  let trainingSet: Dataset
  /// Which data these are, in words.
  let statement: String

  /// The number of glyphs that stand in for MNIST's test set where its files are not found.
  private static let glyphCount = 10_000

  /// `mnist`, `glyphs`, a path, or (for `nil`) MNIST where its files are found and glyphs otherwise.
  static func load(_ name: String?) throws -> DataChoice {
    switch name {
    case "glyphs": return try glyphs(reason: "")
    case "mnist": return DataChoice(try Dataset.digits())
    case let path?: return DataChoice(try Dataset.digits(at: path))
    case nil: return try mnistOrGlyphs()
    }
  }

  private static func mnistOrGlyphs() throws -> DataChoice {
    // A PLUMB_DATA that names no folder is the user's mistake, and not a reason for glyphs.
    let folders = try Dataset.digitFolders()
    let found = Result { try Dataset.digits(in: folders) }
    if case .failure(let error as DatasetError) = found, error.kind == .notFound {
      return try glyphs(reason: "; no MNIST files in \(folders.joined(separator: ", "))")
    }
    return DataChoice(try found.get())
  }

  private init(_ sets: DigitSets) {
    trainingSet = sets.train
    statement = sets.statement
  }

  private init(trainingSet: Dataset, statement: String) {
    self.trainingSet = trainingSet
    self.statement = statement
  }

  private static func glyphs(reason: String) throws -> DataChoice {
    let set = try Glyphs(key: Key(seed: 1)).dataset(count: glyphCount)
    return DataChoice(
      trainingSet: set, statement: "glyphs, \(glyphCount) generated digits of 28x28 pixels\(reason)"
    )
  }

  /// The training set with mean 0 and standard deviation 1 over all pixels.
  func normalizedTrainingSet() throws -> Dataset {
    try Normalization(fitting: trainingSet, scope: .global).applied(to: trainingSet)
  }
}
