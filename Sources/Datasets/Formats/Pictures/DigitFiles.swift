import Console
import Findings
import Foundation

/// Finds the four files of a digit set by their names, in any of their spellings.
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

  /// The role that a file's name gives it, or nil for an unknown name.
  static func role(ofFileNamed name: String) -> Role? {
    Role.allCases.first { role in
      Content.allCases.contains { names(role, $0).contains(name) }
    }
  }

  /// The pair of this role in a folder, or nil when the folder has neither file.
  ///
  /// - Parameter preferred: The name of a file to take if several spellings of it exist.
  /// - Throws: ``/Findings/Problem`` if it has one of the two, naming the other.
  static func pair(
    _ role: Role, in folder: String, preferring preferred: String? = nil
  ) throws(Problem) -> Pair? {
    let images = find(role, .images, in: folder, preferring: preferred)
    let labels = find(role, .labels, in: folder, preferring: preferred)
    switch (images, labels) {
    case (nil, nil): return nil
    case (let images?, let labels?):
      return Pair(folder: folder, role: role, images: images, labels: labels)
    case (let images?, nil): throw missing(.labels, role, folder, nextTo: images)
    case (nil, let labels?): throw missing(.images, role, folder, nextTo: labels)
    }
  }

  private static func find(
    _ role: Role, _ content: Content, in folder: String, preferring preferred: String?
  ) -> String? {
    let names = names(role, content)
    let first = names.filter { $0 == preferred }
    // Some archives unpack into folders that have the files' names.
    return (first + names).map { FilePaths.joined(folder, $0) }
      .first { FilePaths.isFolder($0) == false }
  }

  /// The pairs at a path that a user gave: a folder's, or those to which one of the four files belongs.
  static func sets(at path: String) throws(Problem) -> (train: Pair?, test: Pair?) {
    switch FilePaths.isFolder(path) {
    case true:
      let pairs = (train: try pair(.train, in: path), test: try pair(.test, in: path))
      guard pairs.train != nil || pairs.test != nil else { throw notFound(in: [path]) }
      return pairs
    case nil:
      throw Problem(
        .notFound, subject: path, location: "path", problem: "there is no such file or folder",
        remedy: "check the path, which is relative to \(FileManager.default.currentDirectoryPath)")
    default:
      // Not by NSString, whose Linux version traps on a path of one character.
      let folder = FilePaths.folder(of: path)
      let name = String(
        path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
      guard let role = role(ofFileNamed: name) else {
        throw Problem(
          .wrongFormat, subject: path, location: "file name",
          problem: "the name does not say which of the four digit files this is",
          remedy: "use names such as \(names(.train, .images)[0]), or give the folder")
      }
      let named = try pair(role, in: folder, preferring: name)
      return role == .train ? (named, try pair(.test, in: folder)) : (nil, named)
    }
  }

  /// The error for folders without any of the files.
  static func notFound(in folders: [String]) -> Problem {
    Problem(
      .notFound, subject: folders.joined(separator: ", "), location: "folder",
      problem: "there are no digit files (\(names(.train, .images)[0]) and the like)",
      remedy: "put the four MNIST files there, or set PLUMB_DATA to their folder")
  }

  private static func missing(
    _ content: Content, _ role: Role, _ folder: String, nextTo present: String
  ) -> Problem {
    let name = names(role, content)[0]
    return Problem(
      .incompletePair, subject: FilePaths.joined(folder, name), location: "path",
      problem: "there is no such file, plain or .gz, although \(present) exists",
      remedy: "add the missing file to that folder, or move the other one away")
  }
}

extension DigitFiles.Pair {
  /// Reads the pair and keeps the pixels as bytes; labels are checked against the classes.
  func examples() throws(Problem) -> LabelledArrays.Part {
    let classCount = DigitFiles.classCount
    let pictures = try read(images, .images)
    let classes = try read(labels, .labels)
    guard pictures.shape[0] > 0, pictures.shape[1] > 0, pictures.shape[2] > 0 else {
      throw Problem(
        .inconsistent, subject: images, location: "header",
        problem: "there is nothing in \(pictures)", remedy: "download or make the file again")
    }
    guard classes.count == pictures.shape[0] else {
      throw Problem(
        .inconsistent, subject: labels, location: "header",
        problem: "\(classes.count) labels for the \(pictures.shape[0]) images of \(images)",
        remedy: "put the two files of one set together")
    }
    let largest = UInt8(clamping: classCount - 1)
    if let position = classes.bytes.firstIndex(where: { $0 > largest }) {
      let headerSize = 8
      throw Problem(
        .outOfRange, subject: labels, location: "label \(position) (byte \(headerSize + position))",
        problem: "\(classes.bytes[position]) is outside 0 ... \(classCount - 1)",
        remedy: "the file is damaged or has classes other than the \(classCount) digits")
    }
    return LabelledArrays.Part(
      features: NumericArray(.uint8, pictures.shape, bytes: pictures.bytes),
      labels: classes.bytes.map { Int($0) }, classCount: classCount,
      provenance: "\(images) and \(labels)")
  }

  private func read(
    _ file: String, _ content: DigitFiles.Content
  ) throws(Problem) -> IDXArray {
    let array = try IDXArray(contentsOfFile: file)
    guard array.elementType == .unsignedByte, array.shape.count == content.rank else {
      let kind =
        switch (array.elementType, array.shape.count) {
        case (.unsignedByte, 3): "images (\(array))"
        case (.unsignedByte, 1): "labels (\(array))"
        default: "an array of rank \(array.shape.count) (\(array))"
        }
      throw Problem(
        .mislabelled, subject: file, location: "header",
        problem: "the file holds \(kind), but \(content.rawValue) are expected",
        remedy: "rename the file to match its content")
    }
    return array
  }
}
