import Console
import Datasets
import Findings
import Foundation
import Plumbline

/// The digits that `--data` names.
struct DataChoice {
  /// The training set, features from 0 to 1.
  let trainingSet: LabelledSet
  /// Which data these are, in words.
  let statement: String
  /// The folder of the files; `nil` for what is generated.
  private let folder: String?

  /// The number of glyphs that stand in for MNIST's test set where its files are not found.
  private static let glyphCount = 10_000

  /// `mnist`, `glyphs`, a path, or (for `nil`) MNIST where its files are found and glyphs otherwise.
  static func load(_ name: String?) throws -> DataChoice {
    switch name {
    case "glyphs": return try glyphs(reason: "")
    case "mnist":
      return try digits(
        inFolder: LabelledSets.digitFolder(among: LabelledSets.dataFolders()))
    case let path?:
      let sets = try LabelledSets.digits(at: path)
      return DataChoice(
        sets, folder: FilePaths.isFolder(path) == true ? path : FilePaths.folder(of: path))
    case nil: return try mnistOrGlyphs()
    }
  }

  private static func mnistOrGlyphs() throws -> DataChoice {
    // A PLUMB_DATA that names no folder is the user's mistake, and not a reason for glyphs.
    let folders = try LabelledSets.dataFolders()
    do {
      return try digits(inFolder: LabelledSets.digitFolder(among: folders))
    } catch let problem as Problem where problem.kind == .notFound {
      return try glyphs(reason: "; no MNIST files in \(folders.joined(separator: ", "))")
    }
  }

  private static func digits(inFolder folder: String) throws -> DataChoice {
    DataChoice(try LabelledSets(path: folder), folder: folder)
  }

  /// The files that may have been read.
  var files: [String] { folder.map { LabelledSets.files(ofSource: $0) } ?? [] }

  private init(_ sets: LabelledSets, folder: String) {
    self.folder = folder
    trainingSet = sets.train.named("mnist")
    statement = sets.statement(title: "Digits", folder: folder)
  }

  private init(trainingSet: LabelledSet, statement: String) {
    self.trainingSet = trainingSet
    self.statement = statement
    folder = nil
  }

  private static func glyphs(reason: String) throws -> DataChoice {
    let set = try Glyphs(key: Key(seed: 1)).dataset(count: glyphCount)
    return DataChoice(
      trainingSet: set, statement: "glyphs, \(glyphCount) generated digits of 28x28 pixels\(reason)"
    )
  }

  /// The training set with mean 0 and standard deviation 1 over all pixels.
  func normalizedTrainingSet() throws -> LabelledSet {
    try Normalization(fitting: trainingSet, scope: .global).applied(to: trainingSet)
  }
}
