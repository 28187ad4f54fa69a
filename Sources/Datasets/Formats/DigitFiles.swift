import Console
import Foundation

/// Finds the four files of a digit set by their names, whichever way they are spelled.
struct DigitFiles {
  /// The number of classes.
  static let classCount = 10

  /// The two sets, by the first word of their files' names.
  enum Role: String, CaseIterable {
    case train = "train"
    case test = "t10k"
  }

  /// The two files of a pair, by the middle of their names.
  enum Content: String, CaseIterable {
    case images = "images"
    case labels = "labels"

    /// The rank of the IDX array: pictures have rows and columns.
    var rank: Int { self == .images ? 3 : 1 }
  }

  /// The images and the labels of one set.
  struct Pair {
    let folder: String
    let role: Role
    let images: String
    let labels: String
  }

  /// The names under which a file is known, in the order in which they are tried.
  static func names(_ role: Role, _ content: Content) -> [String] {
    let start = "\(role.rawValue)-\(content.rawValue)"
    let plain = ["-", "."].map { "\(start)\($0)idx\(content.rank)-ubyte" }
    return plain + plain.map { "\($0).gz" }
  }

  /// The role that a file's name gives it, or nil for a name that is none of the known ones.
  static func role(ofFileNamed name: String) -> Role? {
    Role.allCases.first { role in
      Content.allCases.contains { names(role, $0).contains(name) }
    }
  }

  /// The pair of this role in a folder, or nil when the folder has neither file.
  ///
  /// - Parameter preferred: The name of a file to take where several spellings of it are there.
  /// - Throws: ``DatasetError`` when it has one of the two, naming the other.
  static func pair(
    _ role: Role, in folder: String, preferring preferred: String? = nil
  ) throws(DatasetError) -> Pair? {
    let images = find(role, .images, in: folder, preferring: preferred)
    let labels = find(role, .labels, in: folder, preferring: preferred)
    switch (images, labels) {
    case (nil, nil): return nil
    case (let images?, let labels?):
      return Pair(folder: folder, role: role, images: images, labels: labels)
    case (let images?, nil): throw missing(.labels, role, folder, beside: images)
    case (nil, let labels?): throw missing(.images, role, folder, beside: labels)
    }
  }

  private static func find(
    _ role: Role, _ content: Content, in folder: String, preferring preferred: String?
  ) -> String? {
    let names = names(role, content)
    let first = names.filter { $0 == preferred }
    return (first + names).map { path(of: $0, in: folder) }.first { path in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      // Some archives unpack into folders that carry the files' names.
      return exists && !isFolder.boolValue
    }
  }

  static func path(of name: String, in folder: String) -> String {
    folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The pairs at a path that a user gave: a folder's, or those that one of the four files means.
  static func sets(at path: String) throws(DatasetError) -> (train: Pair?, test: Pair?) {
    switch isFolder(path) {
    case true:
      let pairs = (train: try pair(.train, in: path), test: try pair(.test, in: path))
      guard pairs.train != nil || pairs.test != nil else { throw notFound(in: [path]) }
      return pairs
    case nil:
      throw DatasetError(
        .notFound, file: path, place: "path", problem: "there is no such file or folder",
        remedy: "check the path, which is relative to \(FileManager.default.currentDirectoryPath)")
    default:
      // Not by NSString, whose Linux version traps on a path of one character.
      let folder = FilePaths.folder(of: path)
      let name = String(
        path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
      guard let role = role(ofFileNamed: name) else {
        throw DatasetError(
          .wrongFormat, file: path, place: "file name",
          problem: "the name does not tell which of the four digit files this is",
          remedy: "name it as \(names(.train, .images)[0]) and its kin, or give the folder")
      }
      let named = try pair(role, in: folder, preferring: name)
      return role == .train ? (named, try pair(.test, in: folder)) : (nil, named)
    }
  }

  /// The error for folders without any of the files.
  static func notFound(in folders: [String]) -> DatasetError {
    DatasetError(
      .notFound, file: folders.joined(separator: ", "), place: "folder",
      problem: "there are no digit files (\(names(.train, .images)[0]) and its kin)",
      remedy: "put the four MNIST files there, or set PLUMB_DATA to their folder")
  }

  /// Whether the path is a folder; nil when there is nothing at it.
  static func isFolder(_ path: String) -> Bool? {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return exists ? isFolder.boolValue : nil
  }

  private static func missing(
    _ content: Content, _ role: Role, _ folder: String, beside present: String
  ) -> DatasetError {
    let name = names(role, content)[0]
    return DatasetError(
      .incompletePair, file: path(of: name, in: folder), place: "path",
      problem: "there is no such file, plain or .gz, though \(present) is there",
      remedy: "add the missing file to that folder, or move the other one away")
  }
}

extension DigitFiles.Pair {
  /// Reads the pair: pixels scaled to 0...1, labels checked against the classes.
  func load(name: String, provenanceNote: String) throws(DatasetError) -> Dataset {
    try labelled(name: name, provenanceNote: provenanceNote).dataset()
  }

  /// Reads the pair and keeps the pixels as bytes.
  func labelled(
    name: String, provenanceNote: String = ""
  ) throws(DatasetError) -> LabelledData {
    let classCount = DigitFiles.classCount
    let pictures = try read(images, .images)
    let classes = try read(labels, .labels)
    guard pictures.shape[0] > 0, pictures.shape[1] > 0, pictures.shape[2] > 0 else {
      throw DatasetError(
        .inconsistent, file: images, place: "header",
        problem: "there is nothing in \(pictures)", remedy: "download or make the file again")
    }
    guard classes.count == pictures.shape[0] else {
      throw DatasetError(
        .inconsistent, file: labels, place: "header",
        problem: "\(classes.count) labels for the \(pictures.shape[0]) images of \(images)",
        remedy: "put the two files of one set together")
    }
    let largest = UInt8(clamping: classCount - 1)
    if let place = classes.bytes.firstIndex(where: { $0 > largest }) {
      let headerSize = 8
      throw DatasetError(
        .outOfRange, file: labels, place: "label \(place) (byte \(headerSize + place))",
        problem: "\(classes.bytes[place]) is outside 0 ... \(classCount - 1)",
        remedy: "the file is damaged or has other classes than the \(classCount) digits")
    }
    return LabelledData(
      name: name, features: NumericArray(.uint8, pictures.shape, bytes: pictures.bytes),
      divisor: 255,
      targets: .classes(classes.bytes.map { Int($0) }, count: classCount, names: nil),
      provenance: "\(images) and \(labels)\(provenanceNote)")
  }

  private func read(
    _ file: String, _ content: DigitFiles.Content
  ) throws(DatasetError) -> IDXArray {
    let array = try IDXArray(contentsOfFile: file)
    guard array.elementType == .unsignedByte, array.shape.count == content.rank else {
      let kind =
        switch (array.elementType, array.shape.count) {
        case (.unsignedByte, 3): "images (\(array))"
        case (.unsignedByte, 1): "labels (\(array))"
        default: "an array of rank \(array.shape.count) (\(array))"
        }
      throw DatasetError(
        .mislabelled, file: file, place: "header",
        problem: "the file holds \(kind) where \(content.rawValue) are expected",
        remedy: "give the file the name that fits its content")
    }
    return array
  }
}
