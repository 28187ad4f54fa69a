import Datasets
import Findings
import Foundation
import TestSupport
import Testing

@Suite("Formats of data")
struct FormatSampleTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("every format has a sample")
  func completeness() {
    #expect(Set(FormatSample.all.map(\.format)) == Set(LabelledSets.formats.map(\.name)))
  }

  @Test(
    "every format gives the examples that its sample holds", arguments: FormatSample.all.indices)
  func samples(index: Int) throws {
    let sample = FormatSample.all[index]
    for (path, bytes) in sample.files { try folder.write(bytes, as: path) }
    let source = folder.file(sample.source)
    if sample.isHalf {
      let inspection = try DataInspection(path: source)
      #expect(inspection.entries.map(\.description) == ["array: float64 (4, 2), -0.5 to 8"])
      expectError(.incompletePair, naming: ["np.savez"]) { try LabelledSets(path: source) }
      return
    }
    let sets = try LabelledSets(path: source)
    #expect(sets.summary.format == sample.format)
    #expect(sets.values == sample.features, "\(sample.source)")
    let names = sets.train.classNames
    #expect(sets.train.labels.map { names?[$0] ?? "\($0)" } == sample.classes)
  }

  @Test("every prefix of a sample gives values or an error", arguments: FormatSample.all.indices)
  func prefixes(index: Int) throws {
    let sample = FormatSample.all[index]
    for (path, bytes) in sample.files { try folder.write(bytes, as: path) }
    let (path, bytes) = try #require(sample.files.last)
    // All of a text; of longer files about a hundred.
    for count in stride(from: 0, to: bytes.count, by: bytes.count / 200 + 1) {
      try folder.write(Array(bytes[..<count]), as: path)
      do {
        let sets = try LabelledSets(path: folder.file(sample.source))
        let areFinite = sets.values.allSatisfy(\.isFinite)
        #expect(areFinite)
      } catch {
        #expect(!error.problem.isEmpty && !error.remedy.isEmpty, "\(error)")
      }
    }
  }

  @Test("an archive with one table in it is that table; of several none is chosen")
  func zipped() throws {
    var writer = ZipWriter()
    try writer.add("folder/t.csv", FormatSample.all[0].files[0].bytes, compression: .stored)
    try writer.add("README.txt", Array("by hand".utf8), compression: .stored)
    let one = writer
    #expect(
      try TextTables.read([UInt8](one.finished()), as: "t.zip").values == FormatSample.table)
    try writer.add("folder/u.csv", FormatSample.all[0].files[0].bytes, compression: .stored)
    let two = [UInt8](writer.finished())
    expectError(.wrongFormat, naming: ["2 possible data files", "folder/u.csv", "unzip"]) {
      try TextTables.read(two, as: "t.zip")
    }
  }

  @Test("Excel: shared and own texts, gaps, dates, booleans")
  func excel() throws {
    func sheet(_ rows: [String]) -> String {
      "<?xml version=\"1.0\"?><worksheet><sheetData>" + rows.joined() + "</sheetData></worksheet>"
    }
    let parts: [(String, String)] = [
      ("[Content_Types].xml", "<Types/>"),
      (
        "xl/workbook.xml",
        "<workbook><sheets><sheet name=\"Fl&amp;wers\" sheetId=\"1\" r:id=\"rId7\"/></sheets></workbook>"
      ),
      (
        "xl/_rels/workbook.xml.rels",
        "<Relationships><Relationship Id=\"rId7\" Target=\"worksheets/sheet4.xml\"/></Relationships>"
      ),
      (
        "xl/sharedStrings.xml",
        "<sst><si><t>a</t></si><si><t>ro</t><r><t>se</t></r></si><si><t>l&#105;ly</t></si></sst>"
      ),
      (
        "xl/styles.xml",
        "<styleSheet><numFmts><numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts>"
          + "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"165\"/></cellXfs></styleSheet>"
      ),
      (
        "xl/worksheets/sheet4.xml",
        sheet([
          "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>day</t></is></c>"
            + "<c r=\"C1\" t=\"str\"><v>new</v></c><c r=\"D1\" t=\"inlineStr\"><is><t>class</t></is></c></row>",
          "<row r=\"2\"><c r=\"A2\"><v>1.5</v></c><c r=\"B2\" s=\"1\"><v>43831</v></c>"
            + "<c r=\"C2\" t=\"b\"><v>1</v></c><c r=\"D2\" t=\"s\"><v>1</v></c></row>",
          "<row r=\"3\"><c r=\"B3\" s=\"1\"><v>43890.5</v></c>"
            + "<c r=\"C3\" t=\"b\"><v>0</v></c><c r=\"D3\" t=\"s\"><v>2</v></c></row>",
        ])
      ),
    ]
    var writer = ZipWriter()
    for (name, text) in parts { try writer.add(name, Array(text.utf8), compression: .stored) }
    let sets = try TextTables.read([UInt8](writer.finished()), as: "t.xlsx")
    // 1 January and 29 February 2020 at noon; what is missing is the median of the other row.
    #expect(
      sets.train.featureNames == ["a", "day, month", "day, day", "day, hour", "new"],
      "\(sets.summary)")
    #expect(sets.values == [1.5, 1, 1, 0, 1, 1.5, 2, 29, 12, 0])
    #expect(sets.train.classNames == ["lily", "rose"])
    #expect(sets.summary.notes.contains { $0.contains("Fl&wers") })
  }

  @Test("Excel: a column of formulas without stored values is refused, and a single one is a gap")
  func formulas() throws {
    func sheet(_ hasValue: (Int) -> Bool) throws -> [UInt8] {
      let header =
        "<row>" + ["a", "b", "c"].map { "<c t=\"str\"><v>\($0)</v></c>" }.joined() + "</row>"
      let rows = (1...20).map { row in
        "<row><c><v>\(row).5</v></c><c><v>\(row * 7 % 19)</v></c><c><f>A\(row)+B\(row)</f>"
          + (hasValue(row) ? "<v>\(row * 3).25</v>" : "") + "</c></row>"
      }
      var writer = ZipWriter()
      try writer.add(
        "xl/workbook.xml",
        Array("<workbook><sheets><sheet name=\"S\" r:id=\"a\"/></sheets></workbook>".utf8),
        compression: .stored)
      try writer.add(
        "xl/worksheets/sheet1.xml",
        Array("<worksheet><sheetData>\(header)\(rows.joined())</sheetData></worksheet>".utf8),
        compression: .stored)
      return [UInt8](writer.finished())
    }
    let one = try TextTables.read(sheet { $0 != 7 }, as: "t.xlsx")
    #expect(one.summary.notes.contains { $0.hasPrefix("1 cell holds a formula") }, "\(one.summary)")
    #expect(one.summary.notes.contains("labels are in c"))
    expectError(.unsupported, naming: ["column c", "formula", "soffice"]) {
      try TextTables.read(sheet { _ in false }, as: "t.xlsx")
    }
  }

  @Test("Excel: a sheet without a table is passed over, and so is a title above one")
  func sheets() throws {
    func cells(_ texts: [String]) -> String {
      "<row>" + texts.map { "<c t=\"str\"><v>\($0)</v></c>" }.joined() + "</row>"
    }
    let rows =
      [["Trees of 2021"], ["height", "age", "kind"]]
      + (1...8).map { ["\($0).5", "\($0 * $0)", $0 % 2 == 0 ? "oak" : "elm"] }
    func sheet(_ rows: [[String]]) -> [UInt8] {
      Array("<worksheet><sheetData>\(rows.map(cells).joined())</sheetData></worksheet>".utf8)
    }
    var writer = ZipWriter()
    let names = "<sheet name=\"About\" r:id=\"a\"/><sheet name=\"Trees\" r:id=\"b\"/>"
    try writer.add(
      "xl/workbook.xml", Array("<workbook><sheets>\(names)</sheets></workbook>".utf8),
      compression: .stored)
    try writer.add("xl/worksheets/sheet1.xml", sheet([["see the other"]]), compression: .stored)
    try writer.add("xl/worksheets/sheet2.xml", sheet(rows), compression: .stored)
    let sets = try TextTables.read([UInt8](writer.finished()), as: "t.xlsx")
    #expect(sets.train.featureNames == ["height", "age"] && sets.train.classCounts == [4, 4])
    #expect(sets.summary.notes.contains { $0.contains("no table in About") }, "\(sets.summary)")
    // As a sheet is exported.
    let text = rows.map { ($0 + ["", ""]).prefix(3).joined(separator: ",") }
      .joined(separator: "\n")
    #expect(try TextTables.read(text).train.featureNames == ["height", "age"])
  }

  @Test("LIBSVM: several labels or none are a target each, and groups are told")
  func severalLabels() throws {
    let text = "1,3 1:0.5 2:1\n 1:2\n3 qid:1 2:4\n1 qid:2 1:1\n"
    let sets = try TextTables.read(text, as: "t.svm")
    #expect(sets.values == [0.5, 1, 2, 0, 0, 4, 1, 0])
    #expect(sets.targetValues == [1, 1, 0, 0, 0, 1, 1, 0], "\(sets.summary)")
    #expect(
      "\(sets.summary)".contains("2 yes/no labels for each example, which are yes in 2, 2 examples")
    )
    #expect(sets.summary.notes.contains { $0.contains("2 groups") && $0.contains("not used") })
    // Rows without labels are new examples.
    let new = try TextTables.read("1 1:2\n0 2:3\n")
    let preparation = DataPreparation(of: new, normalization: nil)
    let folder = try TemporaryFolder()
    let path = try folder.write(" 1:7\n 2:8\n", as: "new.svm")
    #expect(try preparation.examples(path: path).features.doubles() == [7, 0, 0, 8])
  }

  @Test("a new array of the shape of one example is one example")
  func oneExample() throws {
    let folder = try TemporaryFolder()
    let x = NumericArray([4, 3], (0..<12).map(Double.init))
    let sets = try LabelledSets(
      path: folder.write(
        [UInt8](NPZFile.data([("X", x), ("y", NumericArray([4], [0, 1, 0, 1]))])), as: "data.npz"))
    let path = try folder.write(
      [UInt8](NPZFile.data([("X", NumericArray([3], [7.5, 8, 9]))])), as: "new.npz")
    let examples = try DataPreparation(of: sets, normalization: nil).examples(path: path)
    #expect(examples.features.shape == [1, 3] && examples.isComplete == [true])
  }

  @Test("JSON: a name that no new row has is a missing value")
  func absentNames() throws {
    let rows = (0..<20).map {
      "{\"a\": \($0), \"b\": \($0 * 3), \"kind\": \"\(["x", "y"][$0 % 2])\"}\n"
    }
    let preparation = DataPreparation(
      of: try TextTables.read(rows.joined(), as: "t.jsonl"), normalization: nil)
    let folder = try TemporaryFolder()
    let path = try folder.write("{\"a\": 5}\n{\"a\": 6}\n", as: "new.jsonl")
    let examples = try preparation.examples(path: path)
    #expect(examples.features.doubles() == [5, 28.5, 6, 28.5])
    #expect(examples.notes.contains { $0.contains("b (2 rows)") }, "\(examples.notes)")
    let other = try folder.write("{\"c\": 5}\n{\"c\": 6}\n", as: "other.jsonl")
    #expect(throws: Problem.self) { try preparation.examples(path: other) }
  }

  @Test("JSON: a column that the first rows lack stands where its own row has it")
  func lateColumns() throws {
    let rows = (0..<12).map { row in
      "{" + (row % 5 == 4 ? "\"first\": \(row), " : "") + "\"a\": \(row)"
        + (row % 3 == 1 ? ", \"flag\": true, \"mark\": \(row)" : "")
        + ", \"b\": \(row * 7 % 5), \"action\": \"\(["buy", "sell"][row % 2])\"}\n"
    }
    let sets = try TextTables.read(rows.joined(), as: "t.jsonl")
    #expect(sets.summary.columns?.map(\.name) == ["first", "a", "flag", "mark", "b", "action"])
    #expect(sets.train.classNames == ["buy", "sell"], "\(sets.summary)")
  }

  @Test("LIBSVM: indices from 0 on, where there is one, and numbers of queries")
  func zeroIndices() throws {
    let sets = try TextTables.read("1 0:5 2:1\n-1 qid:3 1:2\n1 0:7\n-1 2:4\n", as: "t.svm")
    #expect(sets.train.exampleShape == [3])
    #expect(sets.values == [5, 0, 1, 0, 2, 0, 7, 0, 0, 0, 0, 4])
  }

  @Test(
    "what cannot be read is refused with the line that converts",
    arguments: [
      ("PAR1....", "read_parquet(sys.argv[1])"), ("ARROW1..", "read_feather(sys.argv[1])"),
      ("RDX3\n...", "write.csv"), ("SQLite format 3\0", "sqlite3 -header -csv /"),
      ("BZh91AY&SY", "bunzip2 --keep /"), ("\u{89}HDF\r\n", "h5py.File(sys.argv[1])"),
      ("MATLAB 5.0", "loadmat(sys.argv[1]"),
      ("MATLAB 7.3 MAT-file", "h5py.File(sys.argv[1])"),
      ("\u{80}\u{4}\u{95}....", "pickle.load(open(sys.argv[1]"),
      ("\u{80}\u{4}\u{95}....joblib", "joblib.load(sys.argv[1])"),
      ("\u{80}\u{4}\u{95}....pandas", "read_pickle(sys.argv[1])"),
    ])
  func refused(text: String, words: String) {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    expectError(.wrongFormat, naming: [words]) { try TextTables.read(bytes, as: "t.dat") }
    guard words.contains("argv") else { return }
    expectError(.wrongFormat, naming: ["python3 -c 'import sys, ", "' /"]) {
      try TextTables.read(bytes, as: "t.dat")
    }
  }
}
