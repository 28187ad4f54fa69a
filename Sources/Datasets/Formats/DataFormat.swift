import Console
import Findings

/// A format that data are read from: its name, how it is recognized and how it is read, in its own file.
///
/// To add one, write that file and a line in ``DataFormats/all``.
protocol DataFormat: Sendable {
  /// The name in words, as in the summary of the data.
  static var name: String { get }

  /// What such a file holds, as in the help.
  static var meaning: String { get }

  /// How the names of such files usually end, in lower case.
  static var endings: [String] { get }

  /// Whether a file or a folder is of this format, by its content first and by its name last.
  static func recognizes(_ input: DataInput) throws(Problem) -> Bool

  /// The files that are read if a folder is of this format, whether or not they exist: nothing may overwrite them.
  static func files(ofFolder folder: String) -> [String]

  /// What it holds.
  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent
}

extension DataFormat {
  /// No extension of its own.
  static var endings: [String] { [] }

  /// None: a format of single files.
  static func files(ofFolder folder: String) -> [String] { [] }
}

/// The formats that data are read from.
enum DataFormats {
  /// All formats, in the order in which they are tried on a file.
  static let all: [any DataFormat.Type] = [
    CIFARFormat.self,
    IDXFormat.self,
    PictureFolderFormat.self,
    ExcelFormat.self,
    ZippedFormat.self,
    NPZFormat.self,
    NPYFormat.self,
    NPYFolderFormat.self,
    SafetensorsFormat.self,
    ARFFFormat.self,
    JSONFormat.self,
    LibsvmFormat.self,
    SeparatedValuesFormat.self,
  ]

  /// The format of an input.
  ///
  /// - Throws: ``/Findings/Problem`` that says what it is instead, and how to convert it into a readable format.
  static func format(of input: DataInput) throws(Problem) -> any DataFormat.Type {
    for format in all where try format.recognizes(input) { return format }
    if input.isFolder { throw FolderContent.problem(in: input.path) }
    guard input.isCompressed || !input.start.isEmpty else {
      throw Problem(
        .wrongFormat, subject: input.path, location: "the whole file",
        problem: "the file is empty, as after a copy or an export that was stopped",
        remedy:
          "write or copy it again, and see that \"ls -l \(FilePaths.quoted(input.path))\" shows its bytes"
      )
    }
    throw Problem(
      .wrongFormat, subject: input.path, location: "byte 0",
      problem:
        "this is \(input.content.phrase)\(input.isCompressed ? ", compressed with gzip" : ""), "
        + "which is not read",
      remedy: input.isCompressed && input.content == .unknown
        ? "decompress it first: gunzip -c \(FilePaths.quoted(input.path)) > \(FilePaths.unused("data"))"
        : PythonConversion.remedy(input.content.remedy, for: input.path))
  }
}

/// A file or a folder that data are read from, with the beginning that shows its format.
struct DataInput: Sendable {
  /// Text has no mark of its own: this many bytes show that it is text.
  static let sampleSize = 4096

  /// The path, as errors name it.
  let path: String
  /// Whether it is a folder; in that case its source is empty.
  let isFolder: Bool
  /// The bytes of the file.
  let source: ByteSource
  /// The first bytes, decompressed if they are compressed with gzip.
  let start: [UInt8]
  /// What ``start`` shows.
  let content: FileContent
  /// Whether the file is compressed with gzip.
  let isCompressed: Bool

  /// The input at `path`.
  ///
  /// - Throws: ``/Findings/Problem`` if there is nothing, or it cannot be read.
  init(path: String) throws(Problem) {
    if FilePaths.isFolder(path) == true {
      self.init(folder: path)
    } else {
      try self.init(ByteSource(contentsOfFile: path))
    }
  }

  private init(folder: String) {
    path = folder
    isFolder = true
    source = ByteSource([], named: folder)
    (start, content, isCompressed) = ([], .nothing, false)
  }

  /// An opened file.
  init(_ source: ByteSource) throws(Problem) {
    path = source.file
    isFolder = false
    self.source = source
    let start = try source.read(Self.sampleSize, at: 0)
    isCompressed = FileContent(startingWith: start) == .gzip
    if isCompressed {
      var reader = try ByteReader(source)
      self.start = try reader.read(Self.sampleSize)
    } else {
      self.start = start
    }
    content = FileContent(startingWith: self.start)
  }
}

/// What a file or a folder of a format holds.
struct DataContent {
  /// What its parts mean.
  enum Meaning {
    /// The names of the arrays say which are features and labels.
    case arrays
    /// A row for each example.
    case table(DataTable)
    /// Examples with their classes, read when they are requested.
    case labelled(() throws(Problem) -> LabelledArrays)
  }

  /// An array with its name, read when it is requested.
  struct NamedArray {
    let name: String
    let read: () throws(Problem) -> NumericArray
    /// The texts of an array of texts, with its shape; nil for numbers.
    var texts: () throws(Problem) -> (shape: [Int], texts: [String])? = { () throws(Problem) in nil
    }
  }

  /// The arrays to describe.
  var arrays: [NamedArray] = []
  /// The names of the features, if the format numbers them.
  var featureNames: [String]?
  /// What was skipped or assumed, one sentence each.
  var notes: [String] = []
  let meaning: Meaning
}

/// Sets of examples with classes as a format of pictures holds them.
struct LabelledArrays {
  struct Part {
    let features: NumericArray
    var divisor = 255.0
    let labels: [Int]
    let classCount: Int
    var classNames: [String]?
    let provenance: String
  }

  /// Nil if only test examples were found.
  let train: Part?
  var dev: Part?
  let test: Part?
  var notes: [String] = []
}
