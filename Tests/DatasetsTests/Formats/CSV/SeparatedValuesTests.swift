import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Files of separated values")
struct SeparatedValuesTests {
  private func read(_ text: String, _ options: TableOptions = .init()) throws -> LabelledSets {
    try TextTables.read(text, options)
  }

  private func table(
    _ bytes: [UInt8], _ options: TableOptions = .init(), limit: Int = 1 << 30
  ) throws -> DataTable {
    try DataTable(
      separatedValues: ByteSource(bytes, named: "test.csv"), options, expansionLimit: limit)
  }

  // MARK: Dialects

  @Test("the separator is found", arguments: [",", ";", "\t", "|", " ", "  ", ", ", " ; "])
  func separators(separator: String) throws {
    let rows = ["1.5,-2,0", "3,4e1,1", "+.5,0.,1"]
    let text = rows.map { $0.replacing(",", with: separator) }.joined(separator: "\n")
    for ending in ["", "\n", "\n\n"] {
      let sets = try read(text + ending)
      #expect(sets.values == [1.5, -2, 3, 40, 0.5, 0] && sets.targetValues == [0, 1, 1])
      let trimmed = separator.filter { $0 != " " }.utf8.first ?? UInt8(ascii: " ")
      #expect(try table(Array(text.utf8)).separator == trimmed)
    }
  }

  @Test(
    "tabs after some numbers and blanks after others separate alike, and a number may have blanks")
  func mixedBlanks() throws {
    for rows in ["1.5 \t-2  3\t0\n3 4e1\t.5 1\n", "7\t1.5  2\t0\n8 \t2.5 3  1\n"] {
      let sets = try read(rows + rows)
      #expect(sets.train.featureCount == 3 && sets.targetValues == [0, 1, 0, 1], "\(sets.summary)")
    }
    let thousands = try read("1 500\t2\t0\n12 250\t3\t1\n")
    #expect(thousands.values == [1500, 2, 12250, 3], "\(thousands.summary)")
  }

  @Test("line ends, a byte order mark, empty lines and spaces", arguments: ["\n", "\r\n", "\r"])
  func lineEnds(ending: String) throws {
    let text = ["\u{FEFF}a, b ,class", "", " 1 ,2,  yes ", "3\t,4,no", ""].joined(separator: ending)
    let sets = try read(text)
    #expect(sets.train.featureNames == ["a", "b"] && sets.values == [1, 2, 3, 4])
    #expect(sets.train.targets == .classes([1, 0], count: 2, names: ["no", "yes"]))
  }

  @Test("a first line names the separator; titles above and sources below are passed over")
  func surroundings() throws {
    for line in ["sep=;\r\n", "\u{FEFF}sep=;\n", "\"sep=;\"\n"] {
      let sets = try read(line + "a;b;class\n1;2;x\n3;4;y\n")
      #expect(sets.values == [1, 2, 3, 4] && sets.train.classNames == ["x", "y"])
    }
    let sets = try read("Flowers by hand\n\na,b,class\n1,2,x\n3,4,y\n,,\n5,6,x\nSource: us\n")
    #expect(sets.values == [1, 2, 3, 4, 5, 6])
    #expect(sets.summary.notes.contains { $0.contains("first line") })
    #expect(sets.summary.notes.contains { $0.contains("from row 8 on") })
    #expect(sets.summary.notes.contains { $0.contains("1 empty row is skipped") })
    let comments = try read("% by hand\n# x\na,b,class\n1,2,x\n3,4,y\n")
    #expect(comments.values == [1, 2, 3, 4])
  }

  @Test("a separator at the end of every line, where the header has it too")
  func endingSeparators() throws {
    let sets = try read("a,b,y,\n1,2,0,\n3,4,1,\n")
    #expect(sets.train.featureNames == ["a", "b"] && sets.targetValues == [0, 1])
    expectError(.inconsistent, naming: ["row 101, column 4", "\"9\"", "header"]) {
      try read("a,b,y,\n" + String(repeating: "1,2,0,\n", count: 99) + "1,2,0,9\n")
    }
  }

  @Test("what pandas, NumPy and R write")
  func foreignWriters() throws {
    for text in ["0,1,2\n0.5,1.5,0\n2.5,1.0,1\n", ",0,1,2\n0,0.5,1.5,0\n1,2.5,1.0,1\n"] {
      let sets = try read(text)
      #expect(sets.train.featureNames == ["0", "1"] && sets.values == [0.5, 1.5, 2.5, 1])
    }
    let savetxt = try read(
      "# x y\n1.000000000000000000e+00 2.500000000000000000e-01\n-3.0e-05 7\n")
    #expect(savetxt.values == [1, -3e-5] && savetxt.targetValues == [0.25, 7])
    let pandas = try read(",a,b,y\n0,1.5,2,1\n1,2.5,3,0\n2,3.5,4,1\n")
    #expect(pandas.train.featureNames == ["a", "b"])
    #expect(pandas.outcomes[""] == "dropped: it counts the rows")
    // write.table gives names of rows no name of a column.
    let r = try read("\"a\" \"b\" \"class\"\n\"1\" 1.5 2 \"x\"\n\"2\" 3 4 \"y\"\n")
    #expect(r.values == [1.5, 2, 3, 4] && r.train.classNames == ["x", "y"])
  }

  @Test("quotes as in RFC 4180")
  func quotes() throws {
    let sets = try read(
      "\"a \"\"x\"\"\",\"b, c\",kind\r\n\"1\",2,\"red, or\r\nnot\"\r\n3,\"4\",\"\"\"\"\r\n")
    #expect(sets.train.featureNames == ["a \"x\"", "b, c"] && sets.values == [1, 2, 3, 4])
    #expect(sets.train.classNames == ["\"", "red, or\r\nnot"])
    expectError(.truncated, naming: ["row 3, column 2", "never closed"]) {
      try read("1,x\n2,y\n3,\"z\n4,w\n")
    }
    expectError(.wrongFormat, naming: ["row 2, column 1", "closing quote"]) {
      try read("1,x\n\"2\"0,y\n")
    }
  }

  @Test(
    "a header is told from the types below it",
    arguments: [
      ("x,y,label\n1,2,a\n3,4,b", true), ("5.1,3.5,setosa\n4.9,3.0,virginica", false),
      ("x,y\n?,1\n3,2", true), ("1,2\n3,4", false), ("label,1x1,1x2\n5,0,255\n0,17,3", true),
      ("x,kind\nNA,a\n1,b", true), ("preis;art\n1,5;a\n2,5;b", true),
      ("p,x,s\ne,x,s\np,b,y\ne,b,y\np,x,y\ne,x,s", false),
      ("class,cap,skin\np,x,s\ne,x,s\np,b,y\ne,b,y\np,x,y\ne,x,s", true),
    ])
  func headers(text: String, expected: Bool) throws {
    #expect(try table(Array(text.utf8)).hasHeader == expected)
  }

  @Test("UTF-16 and Windows-1252 are read as they are meant")
  func encodings() throws {
    let text = "größe,länge,klasse\n1,2,süß\n3,4,bitter\n"
    for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf16, .windowsCP1252] {
      let bytes = try #require(text.data(using: encoding))
      let sets = try TextTables.read(Array(bytes))
      #expect(sets.train.featureNames == ["größe", "länge"], "\(encoding)")
      #expect(sets.train.classNames == ["bitter", "süß"])
    }
  }

  // MARK: Bad rows

  @Test("rows with a wrong number of columns are told when all have been seen")
  func columnCount() {
    expectError(.inconsistent, naming: ["test.csv: row 5: ", "2 columns", "3"]) {
      try read("a,b,c\n1,2,3\n\n4,5,6\n7,8\n9,10,11")
    }
    expectError(.inconsistent, naming: ["row 2", "4 columns"]) { try read("1,2,3\n4,5,6,7\n1,2,3") }
    expectError(.inconsistent, naming: ["row 3", "2 of 6 rows", "rows 3, 5"]) {
      try read("a,b,c\n1,2,3\n4,5\n1,2,3\n1,2\n3,4,5\n6,7,8\n")
    }
    expectError(.inconsistent, naming: ["row 100000"]) {
      try read([String](repeating: "1,2", count: 99_999).joined(separator: "\n") + "\n1,2,3\n")
    }
  }

  @Test("values that are not finite", arguments: ["inf", "-Inf", "+infinity", "1e999", "-1e400"])
  func nonFinite(value: String) {
    expectError(.outOfRange, naming: ["row 2, column 1", value, "not finite"]) {
      try read("1,2\n\(value),4")
    }
  }

  @Test("files without rows or of one column, and files that are not text")
  func unusable() throws {
    for text in ["", "\n\n", "# only a comment\n", "\u{FEFF}"] {
      expectError(.wrongFormat, naming: ["no rows"]) { try table(Array(text.utf8)) }
    }
    expectError(.wrongFormat, naming: ["header"]) { try read("a,b,c\n") }
    expectError(.wrongFormat, naming: ["one column"]) { try read("1\n2\n3") }
    expectError(.wrongFormat, naming: ["zero byte"]) { try table(Array("1,\0\n".utf8)) }
    expectError(.tooLarge, naming: ["row 2", "quote"]) {
      try read("1,a\n2,\"" + String(repeating: "long\n", count: 4_000_000))
    }
  }

  @Test("compressed files, and every prefix of a file, give values or an error")
  func prefixes() throws {
    let text = "a;\"b;b\";kind\r\n1.5;2e3;\"re\"\"d\"\r\n-3;.5;blue\r\n"
    let bytes = Array(text.utf8)
    #expect(try TextTables.read(GzipWriter.stored(bytes)).values == [1.5, 2000, -3, 0.5])
    for count in bytes.indices {
      do {
        let sets = try TextTables.read(Array(bytes[..<count]))
        #expect(sets.values.count == sets.train.exampleCount * sets.train.featureCount)
      } catch let error as Problem {
        #expect(!error.problem.isEmpty && !error.remedy.isEmpty)
      }
    }
  }

  @Test("a compressed file that expands without end is stopped")
  func expansion() throws {
    let text = Array(String(repeating: "1,2\n", count: 150_000).utf8)
    let long = Array(
      String(repeating: "1,2" + String(repeating: " ", count: 96) + "\n", count: 6000).utf8)
    expectError(.tooLarge, naming: ["row ", "300000 bytes", "gunzip"]) {
      try table(GzipWriter.stored(long), limit: 300_000)
    }
    expectError(.tooLarge, naming: ["row ", "values", "gunzip"]) {
      try table(GzipWriter.stored(text), limit: 600_000)
    }
    #expect(try table(GzipWriter.stored(text), limit: 3_000_000).rowCount == 150_000)
    let row = [UInt8](repeating: UInt8(ascii: ","), count: (1 << 24) + 2)
    expectError(.tooLarge, naming: ["row 1", "columns"]) {
      try table(row, .init(separator: UInt8(ascii: ",")))
    }
  }

  @Test("a file that is still being written is named, and not its half row")
  func growing() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("a,b,y\n1,2,0\n3,4,1\n5,6".utf8), as: "growing.csv")
    let source = try ByteSource(contentsOfFile: path)
    expectError(.inconsistent, naming: ["row 4", "columns"]) {
      try DataTable(separatedValues: source)
    }
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(",0\n".utf8))
    try handle.close()
    expectError(.inconsistent, naming: ["growing.csv", "21 bytes", "24", "wait"]) {
      try DataTable(separatedValues: source)
    }
    #expect(try LabelledSets(path: path).train.exampleCount == 3)
  }

  // MARK: Numbers

  @Test("numbers are the nearest Double, as the standard library reads them", arguments: 0..<40)
  func nearest(seed: Int) throws {
    let key = Key(seed: seed)
    var texts = [
      "9007199254740993", "1e23", "5e-324", "1.7976931348623157e308", "0.1", "-0", "00012", "1E+2",
      "12345678901234567890.", ".12345678901234567890123", "0.e5", "1.e22",
    ]
    for index in 0..<60 {
      let bits = key["bits"].bits(at: index)
      let exponent = key["exponent"].integer(at: index, below: 80) - 40
      texts.append("\(Double(bits >> UInt64(index % 60)))")
      texts.append("\(bits >> UInt64(index))e\(exponent)")
      texts.append("0.\(bits)")
      texts.append("\(bits % 1000).\(bits >> 20)E-\(abs(exponent))")
      texts.append("\(bits)\(bits).\(bits)000000")
    }
    let sets = try read(texts.map { "\($0),1" }.joined(separator: "\n"))
    for (text, value) in zip(texts, sets.values) {
      let expected = try #require(Double(text))
      #expect(value.bitPattern == expected.bitPattern, "\(text), seed \(seed)")
    }
  }
}
