import Findings
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Texts that are not quite in their format: read where that is clear, and refused with the place and what helps otherwise.
@Suite("Unusual texts")
struct UnusualTextTests {
  private let rows = (0..<30).map { "\($0 * 7 % 31).5,\($0 % 5),\($0 % 2 == 0 ? "up" : "down")" }

  private func refusal(_ text: String, as name: String = "t.csv") -> String {
    do {
      let sets = try TextTables.read(text, as: name)
      return "read: \(sets.summary)"
    } catch { return "\(error)" }
  }

  @Test(
    "a control character is named by its byte, also far behind the beginning",
    arguments: [10, 40_000])
  func control(count: Int) {
    let text = "a,b,kind\n" + (0..<count).map { "\($0 % 9),\($0 % 5),up\n" }.joined()
    let problem = refusal(text + "1,2\u{7},up\n")
    #expect(
      problem.contains("byte \(text.utf8.count + 3)") && problem.contains("0x7"), "\(problem)")
    #expect(problem.contains("tr -d '\\007'"))
  }

  @Test(
    "footnotes with separators below the table are skipped",
    arguments: [
      "Source: Fisher, 1936", "* estimated, see notes", "Note: in cm",
      "These are lengths, in cm, of 1936",
    ])
  func footnotes(note: String) throws {
    let text = "a,b,kind\n" + rows.joined(separator: "\n")
    let sets = try TextTables.read(text + "\n\n\(note.replacing(", of", with: ""))\n")
    #expect(sets.train.exampleCount == 30, "\(sets.summary)")
    #expect(sets.summary.notes.contains { $0.contains("below the table") })
  }

  @Test("a short last row may be cut off, and is no footnote")
  func cutOff() {
    let texts = rows.map { "Wels," + $0 }
    for row in ["6.5,2", "Linz"] {
      let problem = refusal(
        "city,a,b,kind\n" + texts.joined(separator: "\n") + "\n\(row == "Linz" ? "Linz,3" : row)\n")
      #expect(problem.contains("row 32") && problem.contains("cut off"), "\(problem)")
      #expect(problem.contains("head -n 31"))
    }
  }

  @Test("a first line about the logger, with more fields than the table, is skipped")
  func logger() throws {
    let text =
      "\"TOA5\",\"CR1000\",\"CR1000\",\"12345\",\"Std.32\"\nTIME,A,B,KIND\n\"TS\",\"Volts\",\"m\",\"\"\n"
      + rows.enumerated().map { "2020-01-\($0 % 20 + 10),\($1)\n" }.joined()
    let sets = try TextTables.read(text)
    #expect(sets.train.exampleCount == 30 && sets.outcomes["A"] == "number", "\(sets.summary)")
  }

  @Test("a header with several columns without a name, and nothing below these")
  func emptyNames() throws {
    let text =
      "v1,v2,,,\n" + rows.map { $0.replacing(",down", with: ",\"no, down\"") + ",,\n" }.joined()
    let sets = try TextTables.read("v0," + text.replacing("\n", with: "\nham,").dropLast(4))
    #expect(sets.outcomes["v0"] != nil && sets.train.exampleCount == 30, "\(sets.summary)")
  }

  @Test("rows that are in quotes as a whole")
  func quotedRows() {
    let problem = refusal("\"a,b,kind\"\n" + rows.map { "\"\($0)\"\n" }.joined())
    #expect(problem.contains("in quotes as a whole") && problem.contains("sed "), "\(problem)")
  }

  @Test("blanks that align nothing are no columns of fixed width")
  func noColumns() {
    let yaml = (0..<20).map { "- a: \($0).5\n  b: 3.8\n  species: kind\($0)\n" }.joined()
    #expect(!refusal(yaml).contains("read_fwf"))
    let aligned =
      "NAME         AGE\n"
      + (0..<20).map { "\($0 % 2 == 0 ? "Ann Smith" : "Bob      ")     \($0 + 10)\n" }.joined()
    #expect(refusal(aligned).contains("read_fwf"), "\(refusal(aligned))")
  }

  @Test("a web page after empty lines is one; without a table, none is offered")
  func pages() {
    let page = refusal("\n\n<!DOCTYPE html>\n<html><body>404, not found, sorry</body></html>\n")
    #expect(page.contains("a web page") && !page.contains("read_html"), "\(page)")
    #expect(refusal("\n<html><table><tr><td>1</td></tr></table></html>").contains("read_html"))
  }

  // MARK: JSON and others

  @Test("several lists of rows in one text are read one after the other")
  func lists() throws {
    func list(_ rows: [String]) -> String { "[" + rows.joined(separator: ",") + "]" }
    let objects = (0..<20).map { "{\"a\": \($0), \"y\": \"\($0 % 2 == 0 ? "up" : "down")\"}" }
    let values = (0..<20).map { "[\($0), 1.5, \"\($0 % 2 == 0 ? "up" : "down")\"]" }
    for rows in [objects, values] {
      let sets = try TextTables.read(
        list(Array(rows[..<12])) + "\n" + list(Array(rows[12...])), as: "t.json")
      #expect(sets.train.exampleCount == 20, "\(sets.summary)")
    }
    // A list of lists on each line is a row, such as a picture with its label.
    let lines = try TextTables.read(
      (0..<20).map { "[[\($0), 1.5], [\($0 % 2)]]" }.joined(separator: "\n"), as: "t.jsonl")
    #expect(lines.train.exampleCount == 20)
  }

  @Test("JSON in UTF-16", arguments: [String.Encoding.utf16, .utf16LittleEndian])
  func wideJSON(encoding: String.Encoding) throws {
    let rows = (0..<200).map { "{\"a\": \($0), \"y\": \"\($0 % 2 == 0 ? "up" : "down")\"}" }
    let data = try #require(("[" + rows.joined(separator: ",") + "]").data(using: encoding))
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(data), as: "t.json")
    #expect(try LabelledSets(path: path).train.exampleCount == 200)
  }

  @Test("a row of LIBSVM without a label, among others with one, is named")
  func missingLabel() {
    let problem = refusal("1 1:2\n2 1:3\n1:5\n1 2:1\n1 2:1\n", as: "t.svm")
    #expect(problem.contains("row 3") && problem.contains("no label"), "\(problem)")
  }

  @Test(
    "a sparse matrix of SciPy is none of labelled arrays, and a test set without labels is left out"
  )
  func archives() throws {
    let folder = try TemporaryFolder()
    let numbers = NumericArray([4], [1.0, 0, 1, 0])
    let sparse = ["indices", "indptr", "format", "shape", "data"].map { (name: $0, array: numbers) }
    let path = try folder.write(Array(NPZFile.data(sparse)), as: "s.npz")
    #expect {
      try LabelledSets(path: path)
    } throws: { "\($0)".contains("scipy.sparse.load_npz") }
    let features = NumericArray([4, 2], (0..<8).map(Double.init))
    let other = try folder.write(
      Array(NPZFile.data([("X_train", features), ("y_train", numbers), ("X_test", features)])),
      as: "t.npz")
    let sets = try LabelledSets(path: other)
    #expect(
      sets.test == nil && sets.summary.notes.contains("X_test has no labels, and is left out"))
  }
}
