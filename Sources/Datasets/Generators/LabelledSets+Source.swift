import Console
import Findings
import Foundation

extension LabelledSets {
  /// Well-known data sets that are looked for by name, each with the folders below the data folders
  /// that may hold its files.
  private static let known: [(name: String, folders: [String])] = [
    ("mnist", ["", "mnist"]), ("fashion-mnist", ["fashion-mnist"]),
    ("cifar-10", ["cifar-10", "cifar-10-batches-bin"]),
  ]

  /// All names of data that are not paths.
  public static let sourceNames = GeneratedData.names + known.map(\.name)

  /// The data given by text: the single entry point for every command.
  ///
  /// - A generator, `two-spirals` or `glyphs:count=2000,noise=0.1`, as ``GeneratedData`` reads it.
  /// - `mnist`, `fashion-mnist` or `cifar-10`, searched for in `$PLUMB_DATA`, `data` and
  ///   `../shared/data`.
  /// - Anything else is a path, as ``init(path:options:)`` reads it. A file with one of the names
  ///   above must be written as a path, `./two-spirals`.
  /// - Throws: ``/Findings/Problem`` as those do; for text that is neither a name nor a file, with the nearest
  ///   name.
  public init(source: String, options: Options = Options()) throws(Problem) {
    let name = Self.name(in: source)
    if GeneratedData.names.contains(name) {
      self = try GeneratedData(parsing: source).sets()
      return
    }
    if let known = Self.known.first(where: { $0.name == source }) {
      self = try Self.find(known.name, known.folders, options)
      return
    }
    if !source.contains("/"), !FileManager.default.fileExists(atPath: source) {
      let nearest = EditDistance.nearest(to: name, among: Self.sourceNames)
      guard nearest != nil || !source.contains(".") || source.contains(":") else {
        try self.init(path: source, options: options)
        return
      }
      throw Problem(
        .notFound, subject: source, location: "path",
        problem: "there is no such file or folder, and no data set of this name",
        remedy: nearest.map { "did you mean \($0)?" }
          ?? "give a path, or one of \(Self.sourceNames.joined(separator: ", "))")
    }
    try self.init(path: source, options: options)
  }

  /// The files that may be read for a source, so that nothing overwrites them: the file itself, or the files of a folder that
  /// have the names of a picture set.
  public static func files(ofSource source: String) -> [String] {
    if let known = known.first(where: { $0.name == source }) {
      return ((try? dataFolders()) ?? []).flatMap { root in
        known.folders.flatMap { pictureFiles(in: FilePaths.joined(root, $0)) }
      }
    }
    if isName(source) { return [] }
    if FilePaths.isFolder(source) == true { return pictureFiles(in: source) }
    let name = source.split(separator: "/").last.map(String.init) ?? ""
    let isOneOfFour = DigitFiles.role(ofFileNamed: name) != nil
    return [source] + (isOneOfFour ? pictureFiles(in: FilePaths.folder(of: source)) : [])
  }

  private static func pictureFiles(in folder: String) -> [String] {
    DataFormats.all.flatMap { $0.files(ofFolder: folder) }
  }

  /// Whether text is the name of a generator or well-known set, and so not a path.
  static func isName(_ source: String) -> Bool {
    isGenerated(source) || known.contains { $0.name == source }
  }

  /// Whether text is the name of a generator.
  public static func isGenerated(_ source: String) -> Bool {
    GeneratedData.names.contains(name(in: source))
  }

  private static func name(in source: String) -> String { String(source.prefix { $0 != ":" }) }

  private static func find(
    _ name: String, _ folders: [String], _ options: Options
  ) throws(Problem) -> LabelledSets {
    let roots = try dataFolders()
    for root in roots {
      for folder in folders {
        let path = folder.isEmpty ? root : FilePaths.joined(root, folder)
        if try holds(name, path) { return try LabelledSets(path: path, options: options) }
      }
    }
    throw Problem(
      .notFound, subject: name, location: "folder",
      problem: "its files are not in " + roots.joined(separator: ", "),
      remedy: "download them: plumb data fetch \(name)")
  }

  private static func holds(_ name: String, _ folder: String) throws(Problem) -> Bool {
    guard name != "cifar-10" else { return CIFARFormat.files(in: folder) != nil }
    for role in DigitFiles.Role.allCases where try DigitFiles.pair(role, in: folder) != nil {
      return true
    }
    return false
  }
}
