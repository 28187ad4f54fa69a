import Datasets
import Foundation

/// Four examples of two classes in every format; those of tables and arrays are the same.
struct FormatSample: Sendable {
  /// The format's name, as the summary has it.
  let format: String
  /// The files, with their paths in a folder.
  let files: [(path: String, bytes: [UInt8])]
  /// What is read: the only file, or the folder of several.
  let source: String
  /// The features, row-major, and the classes of the rows, by name where they have names.
  let features: [Double], classes: [String]
  /// Whether it is features alone, which is told.
  private(set) var isHalf = false

  private init(
    _ format: String, _ files: [(path: String, bytes: [UInt8])], in source: String,
    features: [Double] = table, classes: [String]
  ) {
    (self.format, self.files, self.source) = (format, files, source)
    (self.features, self.classes) = (features, classes)
  }

  private init(
    _ format: String, _ file: String, _ bytes: [UInt8], features: [Double] = table,
    classes: [String] = ["0", "1", "0", "1"]
  ) {
    self.init(format, [(file, bytes)], in: file, features: features, classes: classes)
  }

  private init(
    _ format: String, _ file: String, _ text: String, classes: [String] = Self.names
  ) {
    self.init(format, file, Array(text.utf8), classes: classes)
  }

  /// The features of the samples that are tables or arrays, and the classes' names of their rows.
  static let table = [1.5, 2, 3, 4, -0.5, 6, 7, 8]
  private static let names = ["rose", "lily", "rose", "lily"]
  private static let separated = "a,b,class\n1.5,2,rose\n3,4,lily\n-0.5,6,rose\n7,8,lily\n"

  /// A sample for each format, or several.
  static let all = tables + arrays + pictures

  private static let tables = [
    FormatSample("separated values", "t.csv", separated),
    FormatSample(
      "ARFF", "t.arff",
      "% by hand\n@RELATION t\n@ATTRIBUTE 'a' REAL\n@ATTRIBUTE b NUMERIC\n@ATTRIBUTE class {rose, lily}\n"
        + "@DATA\n1.5,2,rose\n3,4,'lily'\n-0.5, 6, rose\n{0 7, 1 8, 2 lily}\n"),
    FormatSample(
      "JSON", "t.jsonl",
      "{\"a\":1.5,\"b\":2,\"class\":\"rose\"}\n{\"a\":3,\"b\":4.0,\"class\":\"l\\u0069ly\"}\n"
        + "{\"a\":-5e-1,\"b\":6,\"class\":\"rose\"}\n{\"a\":7,\"b\":8,\"class\":\"lily\"}\n"),
    FormatSample(
      "JSON", "t.json",
      "{\"a\":{\"0\":1.5,\"1\":3,\"2\":-0.5,\"3\":7},\"b\":[2,4,6,8],\"class\":[\"rose\",\"lily\",\"rose\",\"lily\"]}"
    ),
    FormatSample(
      "JSON", "split.json",
      "{\"columns\":[\"a\",\"b\",\"class\"],\"index\":[0,1,2,3],\"data\":[[1.5,2,\"rose\"],[3,4,\"lily\"],"
        + "[-0.5,6,\"rose\"],[7,8,\"lily\"]]}"),
    FormatSample(
      "LIBSVM", "t.libsvm", "+1 1:1.5 2:2\n-1 1:3 2:4 # lily\n+1 1:-0.5 2:6\n-1 2:8 1:7\n",
      classes: ["1", "-1", "1", "-1"]),
    FormatSample(
      "Excel", "t.xlsx",
      zipped([
        ("[Content_Types].xml", "<Types/>"),
        (
          "xl/workbook.xml",
          "<workbook><sheets><sheet name=\"Flowers\" r:id=\"a\"/></sheets></workbook>"
        ),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData>\(rows)</sheetData></worksheet>"),
      ]), classes: names),
    FormatSample("ZIP", "t.zip", zipped([("t.csv", separated)]), classes: names),
  ]

  private static let arrays = [
    FormatSample("NPZ", "t.npz", written { try [UInt8](NPZFile.data([("X", x), ("Y", y)])) }),
    FormatSample(
      "safetensors", "t.safetensors",
      written { try [UInt8](SafetensorsFile.data([("X", x), ("Y", y)])) }),
    FormatSample(
      "folder of NPY", [("t/X.npy", x.npyBytes()), ("t/y.npy", y.npyBytes())], in: "t",
      classes: ["0", "1", "0", "1"]),
    FormatSample("NPY", "X.npy", x.npyBytes()).half,
  ]

  private static let pictures = [
    FormatSample(
      "IDX",
      [
        ("t10k-images-idx3-ubyte", IDXWriter.images(count: 4, rows: 1, columns: 2)),
        ("t10k-labels-idx1-ubyte", IDXWriter.labels([7, 2, 7, 2])),
      ], in: ".", features: (0..<8).map(Double.init), classes: ["7", "2", "7", "2"]),
    FormatSample(
      "CIFAR-10 binary", "t.bin",
      [6, 3, 6, 3].enumerated().flatMap { index, label in
        [UInt8(label)] + [UInt8](repeating: UInt8(index), count: 3072)
      }, features: (0..<4).flatMap { [Double](repeating: Double($0), count: 3072) },
      classes: ["frog", "cat", "frog", "cat"]),
    FormatSample(
      "folder of pictures",
      [
        ("t/lily/1.pgm", grey(3, 4)), ("t/lily/2.pgm", grey(7, 8)), ("t/rose/1.pgm", grey(1, 2)),
        ("t/rose/2.pgm", grey(5, 6)),
      ], in: "t", features: [3, 4, 7, 8, 1, 2, 5, 6], classes: ["lily", "lily", "rose", "rose"]),
  ]

  // MARK: How samples are made

  private static let x = NumericArray([4, 2], table)
  private static let y = NumericArray([4], [0, 1, 0, 1])

  private var half: FormatSample {
    var sample = self
    sample.isHalf = true
    return sample
  }

  /// The rows of a sheet.
  private static let rows = separated.split(separator: "\n").map { line in
    "<row>"
      + line.split(separator: ",").map { cell in
        Double(cell) == nil ? "<c t=\"str\"><v>\(cell)</v></c>" : "<c><v>\(cell)</v></c>"
      }.joined() + "</row>"
  }.joined()

  /// A picture of two pixels.
  private static func grey(_ pixels: UInt8...) -> [UInt8] { Array("P5\n2 1\n255\n".utf8) + pixels }

  private static func zipped(_ members: [(name: String, text: String)]) -> [UInt8] {
    written {
      var writer = ZipWriter()
      for (name, text) in members {
        try writer.add(name, Array(text.utf8), compression: .stored)
      }
      return [UInt8](writer.finished())
    }
  }

  private static func written(_ write: () throws -> [UInt8]) -> [UInt8] {
    do {
      return try write()
    } catch {
      fatalError("a sample cannot be written: \(error)")
    }
  }
}
