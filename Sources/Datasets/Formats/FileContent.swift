/// What a file holds, judging from its first bytes: what it is called, and what to do with it if data are not read from its format.
///
/// The bytes decide and not the name, so that a wrong name gives a message that helps.
package struct FileContent: Sendable, Hashable {
  /// The content in words, for a message.
  package let phrase: String
  /// The beginnings that identify it.
  private let signatures: [[UInt8]]
  /// How to make data from it.
  package let remedy: String

  private init(_ phrase: String, _ signatures: [[UInt8]] = [], remedy: String = Self.usualRemedy) {
    self.phrase = phrase
    self.signatures = signatures
    self.remedy = remedy
  }

  /// The line that makes CSV from what pandas reads.
  private static func pandas(_ reading: String) -> String {
    "convert it: "
      + PythonConversion.line("pandas", "\(reading).to_csv(\"data.csv\", index=False)")
  }

  /// The line that makes NPZ from the tensors that PyTorch has saved.
  static let pyTorchRemedy =
    "this is a PyTorch file; convert its tensors, if you trust its source: "
    + PythonConversion.arrays(
      "torch", "torch.load(sys.argv[1], map_location=\"cpu\", weights_only=False)")

  static let openDocument = FileContent(
    "an OpenDocument file",
    remedy: "save it as .xlsx or CSV: soffice --headless --convert-to xlsx FILE")
  private static let sas = FileContent(
    "a SAS file", remedy: pandas("pandas.read_sas(sys.argv[1])"))
  private static let records = FileContent(
    "TensorFlow records (.tfrecord)",
    remedy:
      "read them in Python with tf.data.TFRecordDataset(file) and save arrays: np.savez(\"data.npz\", X=X, Y=Y)"
  )

  private static let usualRemedy =
    "give one of the formats that are read (\(DataFormats.all.map { $0.name }.joined(separator: ", "))), such as "
    + "np.savez(\"data.npz\", X=X, Y=Y)"

  static let nothing = FileContent("an empty file")
  static let zip = FileContent("a ZIP archive", [[0x50, 0x4B, 3, 4], [0x50, 0x4B, 5, 6]])
  static let npy = FileContent("a single NumPy array (.npy)", [[0x93] + Array("NUMPY".utf8)])
  static let gzip = FileContent("data compressed with gzip", [[0x1F, 0x8B]])
  static let idx = FileContent("an IDX array")
  static let text = FileContent("text")
  static let utf16 = FileContent(
    "text in UTF-16", [[0xFF, 0xFE], [0xFE, 0xFF]], remedy: "save it as UTF-8")
  static let sql = FileContent(
    "an SQL database dump",
    remedy: "convert its rows: python3 -c '\(SQLConversion.script)' FILE > data.csv || rm data.csv")
  static let tar = FileContent(
    "a tar archive",
    remedy:
      "unpack it (tar xf) and give the folder or file in it; plumb data fetch cifar-10 does so "
      + "by itself")
  static let unknown = FileContent("something unknown")
  private static let pickle = FileContent(
    "a Python pickle", [[0x80, 2], [0x80, 3], [0x80, 4], [0x80, 5]],
    remedy: "convert its arrays, if you trust its source: "
      + PythonConversion.arrays(
        "pickle", "pickle.load(open(sys.argv[1], \"rb\"), encoding=\"latin1\")"))

  /// A pickle by the names of the programs in its beginning.
  private static func pickle(startingWith bytes: [UInt8]) -> FileContent {
    let text = String(decoding: bytes.filter { $0 < 0x80 }, as: UTF8.self)
    if text.contains("joblib") {
      return FileContent(
        "a joblib file",
        remedy: "convert its arrays, if you trust its source: "
          + PythonConversion.arrays("joblib", "joblib.load(sys.argv[1])"))
    }
    guard text.contains("pandas") else { return pickle }
    // Features and labels may be separate frames with the same rows.
    return FileContent(
      "a pickled data frame",
      remedy: "if you trust its source, convert it: "
        + PythonConversion.line(
          "pandas",
          "d = pandas.read_pickle(sys.argv[1]); d = list(d.values()) if isinstance(d, dict) else d; "
            + "assert hasattr(d, \"to_csv\") or len(set(map(len, d))) == 1, \"the parts differ in length\"; "
            + "d = d if hasattr(d, \"to_csv\") else pandas.concat([pandas.DataFrame(x).reset_index(drop=True) for x in d], axis=1); "
            + "d.to_csv(\"data.csv\", index=False)"))
  }

  private static let webPage = FileContent(
    "a web page",
    ["<!", "<html", "<HTML", "<table", "<TABLE"].map { Array($0.utf8) },
    remedy:
      "if it was saved in place of the file, download the file itself; if a table in it is meant: "
      + PythonConversion.line(
        "pandas", "pandas.read_html(sys.argv[1])[0].to_csv(\"data.csv\", index=False)")
  )

  /// A page, without the line that reads its table if the whole of it is seen and holds none.
  private static func webPage(startingWith bytes: [UInt8]) -> FileContent {
    let isWhole = bytes.count < DataInput.sampleSize
    let holdsTable = String(decoding: bytes, as: UTF8.self).lowercased().contains("<table")
    return isWhole && !holdsTable
      ? FileContent(
        webPage.phrase, remedy: "download the file itself: a page was saved in its place") : webPage
  }

  /// The contents that a beginning identifies; the first that fits counts.
  private static let told: [FileContent] = [
    zip, npy, gzip,
    FileContent(
      "an SPSS file", [Array("$FL2".utf8), Array("$FL3".utf8)],
      remedy: pandas("pandas.read_spss(sys.argv[1])")),
    FileContent(
      "a Stata file",
      [Array("<stata_dta>".utf8)]
        + (0x71...0x73).flatMap { [[UInt8($0), 1, 1], [UInt8($0), 2, 1]] },
      remedy: pandas("pandas.read_stata(sys.argv[1])")),
    FileContent(
      "an R object", [[0x58, 0x0A, 0, 0], [0x41, 0x0A]],
      remedy:
        "convert it: Rscript -e 'write.csv(readRDS(commandArgs(TRUE)[1]), \"data.csv\", row.names = FALSE)' FILE"
    ),
    FileContent(
      "an XML document", [Array("<?xml".utf8), [0xEF, 0xBB, 0xBF] + Array("<?xml".utf8)],
      remedy: pandas("pandas.read_xml(sys.argv[1])")),
    FileContent(
      "an HDF5 file", [[0x89] + Array("HDF".utf8)],
      remedy: "convert it: "
        + PythonConversion.arrays("h5py", "h5py.File(sys.argv[1])")),
    FileContent(
      "a PyTorch file", [[0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46]], remedy: pyTorchRemedy),
    pickle,
    FileContent(
      "a Parquet file", [Array("PAR1".utf8)],
      remedy: pandas("pandas.read_parquet(sys.argv[1])")),
    FileContent(
      "a Feather file", [Array("ARROW1".utf8), Array("FEA1".utf8)],
      remedy: pandas("pandas.read_feather(sys.argv[1])")),
    FileContent(
      "an old Excel file (.xls)", [[0xD0, 0xCF, 0x11, 0xE0]],
      remedy: "save it as .xlsx or CSV, or " + pandas("pandas.read_excel(sys.argv[1])")),
    FileContent(
      "an R data file", [Array("RDX".utf8)],
      remedy: "convert it in R: write.csv(data, \"data.csv\", row.names = FALSE)"),
    FileContent(
      "an SQLite database", [Array("SQLite format 3".utf8)],
      remedy:
        "convert its first table: sqlite3 -header -csv FILE \"select * from [$(sqlite3 FILE \"select name from sqlite_master where type = 'table'"
        + " limit 1\")]\" > data.csv || rm data.csv; \"sqlite3 FILE .tables\" lists the others"
    ),
    FileContent(
      "a PDF document", [Array("%PDF".utf8)], remedy: "give the table in it as CSV"),
    FileContent(
      "data compressed with bzip2", [Array("BZh".utf8)],
      remedy: "decompress it first: bunzip2 --keep FILE"
    ),
    FileContent(
      "data compressed with xz", [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]],
      remedy: "decompress it first: unxz --keep FILE"),
    FileContent(
      "data compressed with Zstandard", [[0x28, 0xB5, 0x2F, 0xFD]],
      remedy: "decompress it first: unzstd FILE"),
    FileContent(
      "a 7-Zip archive", [[0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]],
      remedy: "unpack it first: 7z x FILE"),
    FileContent(
      "a PNG image", [[0x89] + Array("PNG".utf8)],
      remedy:
        "give a folder with a subfolder of PNG images per class, or collect images of one size: "
        + "np.savez(\"data.npz\", X=np.stack(images), Y=labels)"),
    FileContent(
      "a JPEG picture", [[0xFF, 0xD8, 0xFF]],
      remedy:
        "give a folder with a subfolder of PNG images per class, or collect images of one size: "
        + "np.savez(\"data.npz\", X=np.stack(images), Y=labels)"
    ),
    // Version 7.3 is HDF5, whose dimensions are in the opposite order.
    FileContent(
      "a MATLAB file of version 7.3", [Array("MATLAB 7.3".utf8)],
      remedy: "convert it: "
        + PythonConversion.arrays(
          "h5py",
          "{k: v[()].T for k, v in h5py.File(sys.argv[1]).items() if hasattr(v, \"shape\")}")),
    FileContent(
      "a MATLAB file", [Array("MATLAB".utf8)],
      remedy: "convert it: "
        + PythonConversion.arrays(
          "scipy.io",
          "{k: v for k, v in scipy.io.loadmat(sys.argv[1], simplify_cells=True).items() "
            + "if k[:2] != \"__\"}")),
    FileContent(
      "a Git LFS pointer instead of the file", [Array("version https://git-lfs".utf8)],
      remedy: "fetch the file: git lfs pull"),
    webPage,
  ]

  /// The content of a file that starts with these bytes; eight are enough for most, and a tar archive is recognized by the 263rd.
  package init(startingWith bytes: [UInt8]) {
    if bytes.isEmpty {
      self = .nothing
    } else if bytes.dropFirst(30).starts(with: Array("mimetypeapplication/vnd.oasis".utf8)) {
      self = .openDocument
    } else if bytes.dropFirst(12).starts(with: [0xC2, 0xEA, 0x81, 0x60]) {
      self = .sas
    } else if let found = Self.told.first(where: { $0.signatures.contains(where: bytes.starts) }) {
      self =
        found == Self.pickle
        ? Self.pickle(startingWith: bytes)
        : found == Self.webPage ? Self.webPage(startingWith: bytes) : found
    } else if bytes.count >= 4, bytes[0] == 0, bytes[1] == 0,
      IDXArray.ElementType(rawValue: bytes[2]) != nil
    {
      self = .idx
    } else if bytes.dropFirst(257).starts(with: Array("ustar".utf8)) {
      self = .tar
    } else if Self.utf16.signatures.contains(where: bytes.starts) {
      self = .utf16
    } else if SQLConversion.isDump(bytes) {
      self = .sql
    } else if let markup = Self.markup(startingWith: bytes) {
      self = markup
    } else if Self.isText(bytes) {
      self = .text
    } else if bytes.count > 16, bytes[4..<8].allSatisfy({ $0 == 0 }), bytes[12] == 0x0A {
      self = .records
    } else if let position = bytes.firstIndex(of: 0), position > 40,
      !bytes[..<position].contains(where: Self.isControl),
      ByteSource.wideEncoding(of: bytes) == nil
    {
      self = FileContent(
        "text with zero bytes from byte \(position) on (perhaps a disk was full)",
        remedy: "copy the file again, or remove these bytes: tr -d '\\000' < FILE > data.csv")
    } else {
      self = .unknown
    }
  }
  /// Whether a byte is in no text: neither a character nor a blank.
  static func isControl(_ byte: UInt8) -> Bool {
    byte < 0x20 && !(9...13).contains(byte) || byte == 0x7F
  }

  /// Whether bytes are text: a few others in it are for the reader of the text to name.
  private static func isText(_ bytes: [UInt8]) -> Bool {
    let controls = bytes.count(where: isControl)
    return controls == 0 || controls * 50 <= bytes.count && !bytes.contains(0)
  }

  /// A web page or an XML document after empty lines.
  private static func markup(startingWith bytes: [UInt8]) -> FileContent? {
    let rest = bytes.drop { (9...13).contains($0) || $0 == 0x20 }
    guard rest.count < bytes.count, rest.first == UInt8(ascii: "<") else { return nil }
    let found = told.first {
      $0.signatures.contains { $0[0] == rest.first && rest.starts(with: $0) }
    }
    return found == webPage ? webPage(startingWith: bytes) : found
  }
}
