import Console
import Datasets
import Findings
import Foundation
import Plumbline

/// The data of an experiment: the set given by `--data`, prepared.
public struct StudyData: Sendable {
  /// The sets, features shifted and scaled as ``statement`` says.
  public let train: LabelledSet, dev: LabelledSet?, test: LabelledSet?
  /// A description of the data.
  public let statement: String
  /// The files that may have been read.
  public let files: [String]

  /// How features are shifted and scaled, with statistics of the training set.
  public enum Scaling: String, Sendable, CaseIterable {
    /// All features together.
    case global
    /// Each feature separately.
    case perFeature = "per-feature"
    /// Not at all.
    case none
  }

  /// The number of glyphs that stand in for MNIST's test set if its files are not found.
  private static let glyphCount = 10_000

  /// The data given by text: a file, a folder or a name as in `plumb train`; for `nil`, MNIST if its files are found and glyphs
  /// otherwise.
  ///
  /// - Parameters:
  ///   - source: A file, a folder or a name.
  ///   - scaling: `nil` for all features together if they are pictures, and each feature separately otherwise.
  public static func load(_ source: String?, scaling: Scaling? = nil) throws -> StudyData {
    switch source {
    case "glyphs": try glyphs(reason: "", scaling)
    case "mnist":
      try digits(LabelledSets.digitFolder(among: LabelledSets.dataFolders()), scaling)
    case let source?: try named(source, scaling)
    case nil: try mnistOrGlyphs(scaling)
    }
  }

  /// Well-known data, such as `cifar-10`, or `nil` if there are no files of them.
  public static func found(_ name: String, scaling: Scaling? = nil) throws -> StudyData? {
    // A PLUMB_DATA that names no folder is the user's mistake, not a reason to do without the data.
    _ = try LabelledSets.dataFolders()
    do {
      return try load(name, scaling: scaling)
    } catch let problem as Problem where problem.kind == .notFound {
      return nil
    }
  }

  private static func mnistOrGlyphs(_ scaling: Scaling?) throws -> StudyData {
    if let digits = try found("mnist", scaling: scaling) { return digits }
    let folders = try LabelledSets.dataFolders()
    return try glyphs(reason: "; no MNIST files in \(folders.joined(separator: ", "))", scaling)
  }

  private static func named(_ source: String, _ scaling: Scaling?) throws -> StudyData {
    let sets = try LabelledSets(source: source)
    if sets.summary.format.hasPrefix("IDX"), let isFolder = FilePaths.isFolder(source) {
      let folder = isFolder ? source : FilePaths.folder(of: source)
      return try StudyData(sets, digitsIn: folder, scaling)
    }
    return try StudyData(
      sets, name: sets.train.name,
      statement:
        "\(source), \(sets.train.exampleCount) training examples of \(sets.train.featureCount) features",
      files: LabelledSets.files(ofSource: source), scaling)
  }

  private static func digits(_ folder: String, _ scaling: Scaling?) throws -> StudyData {
    try StudyData(LabelledSets(path: folder), digitsIn: folder, scaling)
  }

  private init(_ sets: LabelledSets, digitsIn folder: String, _ scaling: Scaling?) throws {
    try self.init(
      sets, name: "mnist", statement: sets.statement(title: "Digits", folder: folder),
      files: LabelledSets.files(ofSource: folder), scaling)
  }

  private static func glyphs(reason: String, _ scaling: Scaling?) throws -> StudyData {
    let set = try Glyphs(key: Key(seed: 1)).dataset(count: glyphCount)
    return try StudyData(
      train: set, dev: nil, test: nil,
      statement: "glyphs, \(glyphCount) generated digits of 28x28 pixels\(reason)", files: [],
      scaling)
  }

  private init(
    _ sets: LabelledSets, name: String, statement: String, files: [String], _ scaling: Scaling?
  ) throws {
    try self.init(
      train: sets.train.named(name), dev: sets.dev, test: sets.test, statement: statement,
      files: files, scaling)
  }

  /// Data that are already prepared.
  init(train: LabelledSet, dev: LabelledSet?, test: LabelledSet?, statement: String) {
    (self.train, self.dev, self.test) = (train, dev, test)
    self.statement = statement
    files = []
  }

  private init(
    train: LabelledSet, dev: LabelledSet?, test: LabelledSet?, statement: String, files: [String],
    _ scaling: Scaling?
  ) throws {
    let isPictures = train.exampleShape.count >= 2
    let scope: Normalization.Scope? =
      if let scaling {
        Normalization.Scope.allCases.first { $0.optionName == scaling.rawValue }
      } else { isPictures ? .global : .perFeature }
    let normalization = try scope.map { try Normalization(fitting: train, scope: $0) }
    func scaled(_ set: LabelledSet) throws -> LabelledSet {
      try normalization?.applied(to: set) ?? set
    }
    self.train = try scaled(train)
    self.dev = try dev.map(scaled)
    self.test = try test.map(scaled)
    // Pictures were always scaled as one, so records without a remark mean that.
    let words =
      scope == (isPictures ? .global : nil)
      ? ""
      : scope == nil ? "; not scaled" : "; scaled \(scope == .global ? "as one" : "each feature")"
    self.statement = statement + words
    self.files = files
  }
}
