import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Files of separated values")
struct CSVTableTests {
  private func read(
    _ text: String, _ options: CSVTable.Options = .init()
  ) throws -> CSVTable {
    try CSVTable(ByteSource(Array(text.utf8), named: "test.csv"), options)
  }

  // MARK: Dialects

  @Test("the separator is found", arguments: [",", ";", "\t", "|", " ", "  ", ", ", " ; "])
  func separators(separator: String) throws {
    let rows = ["1.5,-2,0", "3,4e1,1", "+.5,0.,1"]
    let text = rows.map { $0.replacing(",", with: separator) }.joined(separator: "\n")
    for ending in ["", "\n", "\n\n"] {
      let table = try read(text + ending)
      #expect(table.features == [1.5, -2, 3, 40, 0.5, 0])
      #expect(table.labels == .numbers([0, 1, 1]))
      #expect(!table.hasHeader && table.rowCount == 3)
      let trimmed = separator.filter { $0 != " " }.utf8.first ?? UInt8(ascii: " ")
      #expect(table.separator == trimmed)
    }
  }

  @Test("line ends, a byte order mark, empty lines and spaces", arguments: ["\n", "\r\n", "\r"])
  func lineEnds(ending: String) throws {
    let text = ["\u{FEFF}a, b ,class", "", " 1 ,2,  yes ", "3\t,4,no", ""].joined(separator: ending)
    let table = try read(text)
    #expect(table.featureNames == ["a", "b"] && table.labelName == "class")
    #expect(table.features == [1, 2, 3, 4])
    #expect(table.labels == .classes(indices: [1, 0], names: ["no", "yes"]))
  }

  @Test("a separator at the end of every line, where the header has it too")
  func endingSeparators() throws {
    let table = try read("a,b,y,\n1,2,0,\n3,4,1,\n")
    #expect(table.featureNames == ["a", "b"] && table.labelName == "y")
    #expect(table.features == [1, 2, 3, 4] && table.labels == .numbers([0, 1]))
    expectError(.inconsistent, naming: ["row 101, column 4", "\"9\"", "header"]) {
      try read("a,b,y,\n" + String(repeating: "1,2,0,\n", count: 99) + "1,2,0,9\n")
    }
    expectError(.inconsistent, naming: ["row 101", "3 columns", "4"]) {
      try read("a,b,y,\n" + String(repeating: "1,2,0,\n", count: 99) + "1,2,0\n")
    }
    // These may be labels that are missing.
    for text in ["1,2,\n3,4,\n", "a,b,y\n1,2,\n3,4,\n"] {
      expectError(.outOfRange, naming: ["column 3", "any of the 2 rows", "ends of the lines"]) {
        try read(text)
      }
    }
  }

  @Test("what pandas writes over columns without names is a header")
  func countedColumns() throws {
    for text in ["0,1,2\n0.5,1.5,0\n2.5,1.0,1\n", ",0,1,2\n0,0.5,1.5,0\n1,2.5,1.0,1\n"] {
      let table = try read(text)
      #expect(table.hasHeader && table.featureNames == ["0", "1"] && table.rowCount == 2)
      #expect(table.features == [0.5, 1.5, 2.5, 1] && table.labels == .numbers([0, 1]))
    }
    let wide = (0..<9).map(String.init).joined(separator: ",")
    #expect(try read("\(wide)\n1,2,3,4,5,6,7,8,0\n2,3,4,5,6,7,8,9,1\n").rowCount == 2)
    // Too little to tell: an example of whole numbers is kept.
    for text in ["0,1\n1.5,0\n", "0,1,2\n3,4,0\n", "0,1,2\n"] {
      #expect(try !read(text).hasHeader)
    }
  }

  @Test("quotes as in RFC 4180")
  func quotes() throws {
    let table = try read(
      "\"a \"\"x\"\"\",\"b, c\",kind\r\n\"1\",2,\"red, or\r\nnot\"\r\n3,\"4\",\"\"\"\"\r\n")
    #expect(table.featureNames == ["a \"x\"", "b, c"])
    #expect(table.features == [1, 2, 3, 4])
    #expect(table.labels == .classes(indices: [1, 0], names: ["\"", "red, or\r\nnot"]))
    expectError(.truncated, naming: ["row 3, column 2", "never closed"]) {
      try read("1,x\n2,y\n3,\"z\n4,w\n")
    }
    expectError(.wrongFormat, naming: ["row 2, column 1", "closing quote"]) {
      try read("1,x\n\"2\"0,y\n")
    }
    // A line end in quotes counts for the rows behind it.
    expectError(.inconsistent, naming: ["row 4"]) { try read("1,\"x\ny\"\n2,z\n3\n") }
  }

  @Test(
    "a header is told from the types below it",
    arguments: [
      ("x,y,label\n1,2,a\n3,4,b", true), ("5.1,3.5,setosa\n4.9,3.0,virginica", false),
      ("x,y\n?,1\n3,2", true), ("?,y\n1,2", true), ("?,7\n1,2", false), ("1,2\n3,4", false),
      ("label,1x1,1x2\n5,0,255\n0,17,3", true), ("x,y,kind\n1,2,a", true),
      ("x,kind\nNA,a\n1,b", true), ("nan,1\n2,3", false),
    ])
  func headers(text: String, expected: Bool) throws {
    do {
      #expect(try read(text).hasHeader == expected)
    } catch let error as Problem {
      // Missing values are an error, whose column is named only where there is a header.
      #expect(error.problem.contains("missing"))
      #expect(error.location?.contains("(") == expected, "\(error)")
    }
  }

  @Test("header and separator as given")
  func givenDialect() throws {
    let comma = UInt8(ascii: ",")
    let table = try read(
      "1;2,3\n4;5,6", .init(separator: comma, hasHeader: true, label: .number(1)))
    #expect(table.featureNames == ["3"] && table.features == [6])
    #expect(table.labels == .classes(indices: [0], names: ["4;5"]))
    let plain = try read("1,2\n3,4", .init(hasHeader: true))
    #expect(plain.featureNames == ["1"] && plain.labelName == "2" && plain.features == [3])
  }

  @Test("what NumPy and pandas write")
  func foreignWriters() throws {
    let savetxt = try read(
      "# x y\n1.000000000000000000e+00 2.500000000000000000e-01\n-3.0e-05 7\n")
    #expect(savetxt.featureNames == ["x"] && savetxt.labelName == "y")
    #expect(savetxt.features == [1, -3e-5] && savetxt.labels == .numbers([0.25, 7]))
    let pandas = try read(",a,b,y\n0,1.5,2,1\n1,2.5,3,0\n2,3.5,4,1\n")
    #expect(pandas.leftOutIndex && pandas.featureNames == ["a", "b"])
    #expect(pandas.features == [1.5, 2, 2.5, 3, 3.5, 4])
    #expect(try !read("i,a,y\n0,1.5,1\n1,2.5,0\n").leftOutIndex)
    let hash = try read("#,a,y\n1,2,3\n4,5,6\n")
    #expect(hash.featureNames == ["#", "a"] && hash.features == [1, 2, 4, 5])
  }

  // MARK: Labels

  @Test("the label column by default, name and number")
  func labelColumns() throws {
    let text = "kind,x,y\nb,1,2\na,3,4\nb,5,6"
    for label in [CSVTable.LabelColumn.named("kind"), .number(1)] {
      let table = try read(text, .init(label: label))
      #expect(table.labels == .classes(indices: [1, 0, 1], names: ["a", "b"]))
      #expect(table.features == [1, 2, 3, 4, 5, 6] && table.featureNames == ["x", "y"])
    }
    expectError(.wrongFormat, naming: ["row 2, column 1 (kind)", "\"b\"", "labels"]) {
      try read(text)
    }
    // As the digits are handed around; y alone may be a coordinate.
    let first = try read("label,1x1,1x2\n5,0,255\n0,17,0")
    #expect(first.labelName == "label" && first.labels == .numbers([5, 0]))
    #expect(try read("label,1x1,1x2\n5,0,255", .init(label: .last)).labelName == "1x2")
    #expect(try read("x,y,kind\n5,0,a").labelName == "kind")
    #expect(try read("class,target,z\n5,0,1").labelName == "z")
    let all = try read("1,2\n3,4", .init(label: .none))
    #expect(all.labels == nil && all.labelName == nil && all.features == [1, 2, 3, 4])
    for label in [CSVTable.LabelColumn.named("sort"), .number(0), .number(4)] {
      expectError(.notFound, naming: ["label column", "kind, x, y", "1 to 3"]) {
        try read(text, .init(label: label))
      }
    }
  }

  @Test(
    "class names stand in order, whatever the rows' order; one name among numbers makes all names")
  func classNames() throws {
    let table = try read("1,10\n2,9\n3,x\n4,9")
    #expect(table.labels == .classes(indices: [0, 1, 2, 1], names: ["10", "9", "x"]))
  }

  @Test("many different numbers are a target, many different names an error")
  func manyLabels() throws {
    let numbers = (0..<70_000).map { "\($0 % 7),\(Double($0) / 8)" }
    #expect(
      try read(numbers.joined(separator: "\n")).labels
        == .numbers((0..<70_000).map { Double($0) / 8 }))
    let names = (0..<70_000).map { "\($0 % 7),n\($0)" }
    expectError(.outOfRange, naming: ["row 65537, column 2", "65536 class names"]) {
      try read(names.joined(separator: "\n"))
    }
    expectError(.outOfRange, naming: ["row 70001, column 2", "\"x\""]) {
      try read((numbers + ["1,x"]).joined(separator: "\n"))
    }
  }

  // MARK: Bad rows

  @Test("a wrong number of columns is named by its line")
  func columnCount() {
    expectError(.inconsistent, naming: ["test.csv: row 5: ", "2 columns", "3"]) {
      try read("a,b,c\n1,2,3\n\n4,5,6\n7,8\n9,10,11")
    }
    expectError(.inconsistent, naming: ["row 2", "4 columns"]) { try read("1,2,3\n4,5,6,7\n1,2,3") }
    let long = (0..<5000).map { "\($0),1,2" }.joined(separator: "\n")
    expectError(.inconsistent, naming: ["row 5001", "1 columns"]) { try read(long + "\n17") }
    expectError(.inconsistent, naming: ["row 100000"]) {
      try read([String](repeating: "1,2", count: 99_999).joined(separator: "\n") + "\n1,2,3\n")
    }
  }

  @Test(
    "missing values are listed by row and column",
    arguments: ["", "NA", "n/a", "NaN", "null", "?", " "])
  func missingValues(token: String) {
    expectError(.outOfRange, naming: ["row 3, column 2 (b)", "missing"]) {
      try read("a,b,y\n1,2,0\n3,\(token),1\n5,6,0")
    }
    expectError(.outOfRange, naming: ["row 3, column 3 (y)", "missing"]) {
      try read("a,b,y\n1,2,0\n3,4,\(token)\n5,6,0")
    }
    let rows = (0..<9).map { "\($0),\(token),0" }.joined(separator: "\n")
    expectError(.outOfRange, naming: ["9 values", "row 5, column 2;", "and 4 more"]) {
      try read("1,2,3\n" + rows)
    }
  }

  @Test("values that are not finite", arguments: ["inf", "-Inf", "+infinity", "1e999", "-1e400"])
  func nonFinite(value: String) {
    expectError(.outOfRange, naming: ["row 2, column 1", value, "not finite"]) {
      try read("1,2\n\(value),4")
    }
  }

  @Test("text where numbers belong", arguments: ["1,5", "0x10", "12 3", "1e", "--1", "1.2.3", "١"])
  func text(value: String) {
    expectError(.wrongFormat, naming: ["row 2, column 1", "\"\(value)\"", "not a number"]) {
      try read("1;2\n\(value);4", .init(hasHeader: false))
    }
    expectError(.wrongFormat, naming: ["decimal points"]) { try read("1;2\n2,5;4") }
  }

  @Test("files without rows or of one column, and files that are no text")
  func unusable() throws {
    for text in ["", "\n\n", "# only a comment\n", "\u{FEFF}"] {
      expectError(.wrongFormat, naming: ["no rows"]) { try read(text) }
    }
    expectError(.wrongFormat, naming: ["header"]) { try read("a,b,c\n") }
    expectError(.wrongFormat, naming: ["one column"]) { try read("1\n2\n3") }
    expectError(.wrongFormat, naming: ["UTF-16", "UTF-8"]) {
      try CSVTable(ByteSource([0xFF, 0xFE, 0x31, 0, 0x2C, 0], named: "t"))
    }
    expectError(.wrongFormat, naming: ["byte 0"]) { try read("1,\0\n") }
    expectError(.tooLarge, naming: ["row 2", "quote"]) {
      try read("1,a\n2,\"" + String(repeating: "long\n", count: 4_000_000))
    }
  }

  @Test("compressed files, and every prefix of a file, give values or an error")
  func prefixes() throws {
    let text = "a;\"b;b\";kind\r\n1.5;2e3;\"re\"\"d\"\r\n-3;.5;blue\r\n"
    let bytes = Array(text.utf8)
    let gzip = ByteSource(GzipWriter.stored(bytes), named: "test.csv.gz")
    #expect(try CSVTable(gzip).features == [1.5, 2000, -3, 0.5])
    for count in bytes.indices {
      do {
        let table = try CSVTable(ByteSource(Array(bytes[..<count]), named: "t"))
        #expect(table.features.count == table.rowCount * table.featureNames.count)
      } catch {
        #expect(!error.problem.isEmpty && !error.remedy.isEmpty)
      }
    }
  }

  @Test("a compressed file that expands without end is stopped")
  func expansion() throws {
    let text = Array(String(repeating: "1,2\n", count: 150_000).utf8)
    let source = ByteSource(GzipWriter.stored(text), named: "bomb.csv.gz")
    let long = Array(
      String(repeating: "1,2" + String(repeating: " ", count: 96) + "\n", count: 6000).utf8)
    expectError(.tooLarge, naming: ["long.csv.gz", "row ", "300000 bytes", "gunzip"]) {
      try CSVTable(
        ByteSource(GzipWriter.stored(long), named: "long.csv.gz"), expansionLimit: 300_000)
    }
    expectError(.tooLarge, naming: ["bomb.csv.gz", "row ", "values", "gunzip"]) {
      try CSVTable(source, expansionLimit: 600_000)
    }
    #expect(try CSVTable(source, expansionLimit: 1_200_000).rowCount == 150_000)
  }

  @Test("a row of empty columns without end is stopped")
  func emptyColumns() throws {
    let row = [UInt8](repeating: UInt8(ascii: ","), count: (1 << 24) + 2)
    expectError(.tooLarge, naming: ["row 1", "columns"]) {
      try CSVTable(ByteSource(row, named: "commas.csv"), .init(separator: UInt8(ascii: ",")))
    }
  }

  @Test("a file that is still being written is named, and not its half row")
  func growing() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("a,b,y\n1,2,0\n3,4,1\n5,6".utf8), as: "growing.csv")
    let source = try ByteSource(contentsOfFile: path)
    expectError(.inconsistent, naming: ["row 4", "columns"]) { try CSVTable(source) }
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(",0\n".utf8))
    try handle.close()
    expectError(.inconsistent, naming: ["growing.csv", "21 bytes", "24", "wait"]) {
      try CSVTable(source)
    }
    #expect(try CSVTable(contentsOfFile: path).rowCount == 3)
  }

  // MARK: Numbers

  @Test("numbers are the nearest Double, as the standard library reads them", arguments: 0..<40)
  func nearest(seed: Int) throws {
    let key = Key(seed: seed)
    var texts = [
      "9007199254740993", "1e23", "5e-324", "1.7976931348623157e308", "0.1", "-0", "00012", "1E+2",
      "12345678901234567890.",
      ".12345678901234567890123", "0.e5", "1.e22",
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
    let table = try read(texts.map { "\($0),1" }.joined(separator: "\n"))
    for (text, value) in zip(texts, table.features) {
      let expected = try #require(Double(text))
      #expect(value.bitPattern == expected.bitPattern, "\(text), seed \(seed)")
    }
  }
}
