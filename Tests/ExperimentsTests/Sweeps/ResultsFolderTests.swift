import Console
import Experiments
import Findings
import Foundation
import TestSupport
import Testing

@Suite struct ResultsFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Record: Codable {
    var study = "depth"
    var sweepKey = "aa"
    var numericalVersion = Provenance.numericalVersion
  }

  private func results(_ name: String = "results") -> ResultsFolder {
    ResultsFolder(path: folder.file(name))
  }

  private func prepare(_ results: ResultsFolder, _ record: Record = Record()) throws {
    try results.prepare(study: record.study, sweepKey: record.sweepKey)
  }

  /// The message of a folder that is refused; fails where it is accepted.
  private func refusal(
    _ results: ResultsFolder, _ record: Record = Record(),
    _ location: SourceLocation = #_sourceLocation
  ) -> String {
    do {
      try prepare(results, record)
      Issue.record("\(results.path) was accepted", sourceLocation: location)
      return ""
    } catch {
      #expect(error is Problem, sourceLocation: location)
      #expect("\(error)".contains(results.path), sourceLocation: location)
      return "\(error)"
    }
  }

  @Test func makesAFolderOrTakesAnEmptyOne() throws {
    let results = results("a/b/c")
    try prepare(results)
    var isFolder: ObjCBool = false
    #expect(FileManager.default.fileExists(atPath: results.path, isDirectory: &isFolder))
    #expect(isFolder.boolValue)
    try prepare(results)
    #expect(try FileManager.default.contentsOfDirectory(atPath: results.path).isEmpty)
  }

  @Test func takesItsOwnSweepAgain() throws {
    let results = results()
    try prepare(results)
    try results.write(json: Record(), to: "record.json")
    try results.write(Data("x".utf8), to: "runs.jsonl")
    try prepare(results)
    #expect(folder.text("results/runs.jsonl") == "x")
  }

  @Test func refusesAnotherSweep() throws {
    let results = results()
    try prepare(results)
    try results.write(json: Record(), to: "record.json")
    #expect(refusal(results, Record(sweepKey: "bb")).contains("holds another sweep"))
    #expect(refusal(results, Record(study: "other")).contains("holds another sweep"))
    let names = try FileManager.default.contentsOfDirectory(atPath: results.path)
    #expect(names == ["record.json"])
  }

  @Test func refusesAnotherArithmeticAndNotAnotherBuild() throws {
    let results = results()
    try prepare(results)
    try results.write(
      json: Record(numericalVersion: Provenance.numericalVersion + 1), to: "record.json")
    #expect(refusal(results).contains("of numerical version"))
    // A record of an earlier version of this program, by another build.
    try folder.write(
      #"{"study":"depth","sweep_key":"aa","executable_hash":"0"}"#, as: "results/record.json")
    try prepare(results)
    #expect(try FileManager.default.contentsOfDirectory(atPath: results.path) == ["record.json"])
  }

  @Test func refusesForeignFiles() throws {
    let results = results()
    try prepare(results)
    try folder.write("mine", as: "results/thesis.tex")
    #expect(refusal(results).contains("no record.json"))
    for text in ["", "{", "[]", #"{"study":"depth"}"#, #"{"study":1,"sweep_key":"aa"}"#] {
      try folder.write(text, as: "results/record.json")
      #expect(refusal(results).contains("not the record of a sweep"), "\(text)")
      #expect(folder.text("results/record.json") == text)
    }
    #expect(folder.text("results/thesis.tex") == "mine")
  }

  @Test func refusesAFile() throws {
    try folder.write("text", as: "results")
    #expect(refusal(results()).contains("this is a file"))
    #expect(refusal(results("results/below")).contains("cannot be created"))
    #expect(folder.text("results") == "text")
  }

  @Test func leavesNothingOfAFolderThatCannotBeMade() throws {
    let name = String(repeating: "x", count: 300)
    #expect(refusal(results("new/deeper/\(name)")).contains("cannot be created"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    // What was there before stays.
    try FileManager.default.createDirectory(
      atPath: folder.file("old"), withIntermediateDirectories: false)
    #expect(refusal(results("old/deeper/\(name)")).contains("cannot be created"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["old"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("old")).isEmpty)
    // A link that leads nowhere is the user's.
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: folder.file("nowhere"))
    #expect(refusal(results("link")).contains("cannot be created"))
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link"))
        == folder.file("nowhere"))
  }

  @Test func takesAFolderThatWasKilledBeforeItsRecord() throws {
    // The journal is opened, and so made, before the record; a record is written under another name first.
    let results = results()
    try prepare(results)
    try folder.write("", as: "results/runs.jsonl")
    try folder.write("{", as: "results/.plumb-123-1.tmp")
    try prepare(results)
    // With runs in it, it is somebody's work.
    try folder.write("x", as: "results/runs.jsonl")
    #expect(refusal(results).contains("no record.json"))
  }

  @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
  func refusesWhatCannotBeWritten() throws {
    let results = results()
    try prepare(results)
    #expect(chmod(results.path, 0o555) == 0)
    #expect(refusal(results).contains("cannot be written"))
    #expect(refusal(self.results("results/below")).contains("cannot be created"))
    #expect(chmod(results.path, 0o755) == 0)
  }

  #if os(Linux)
    @Test func refusesWhatNobodyCanWrite() {
      #expect(refusal(ResultsFolder(path: "/proc/plumbline/x")).contains("cannot be created"))
    }
  #endif

  @Test func writesWholeFiles() throws {
    let results = results()
    try prepare(results)
    try results.write(json: Record(), to: "record.json")
    #expect(
      folder.text("results/record.json") == """
        {
          "numerical_version" : 1,
          "study" : "depth",
          "sweep_key" : "aa"
        }

        """)
    #expect(results.file("x") == results.path + "/x")
    let missing = ResultsFolder(path: folder.file("missing"))
    #expect(throws: Problem.self) { try missing.write(Data(), to: "x") }
  }
}
