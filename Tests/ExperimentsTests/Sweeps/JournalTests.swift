import Findings
import Foundation
import TestSupport
import Testing

@testable import Experiments

@Suite struct JournalTests {
  private let folder: TemporaryFolder
  private let results: ResultsFolder

  init() throws {
    folder = try TemporaryFolder()
    results = ResultsFolder(path: folder.path)
  }

  /// Records the squares of these numbers and closes the journal.
  private func record(_ numbers: ClosedRange<Int>) throws {
    let journal = try Journal(in: results, of: Square.self)
    for number in numbers {
      try journal.append(Square(number: number), Square.Outcome(square: number * number))
    }
  }

  private func number(_ journal: Journal, _ number: Int) throws -> Int? {
    try journal.outcome(key: Square(number: number).key, as: Square.Outcome.self)?.square
  }

  /// The error of opening the journal.
  private func refusal(_ location: SourceLocation = #_sourceLocation) -> String {
    do {
      _ = try Journal(in: results, of: Square.self)
      Issue.record("the journal was opened", sourceLocation: location)
      return ""
    } catch {
      #expect(error.subject == folder.file("runs.jsonl"), sourceLocation: location)
      return error.description
    }
  }

  @Test func keepsWhatIsAppended() throws {
    try record(1...3)
    let journal = try Journal(in: results, of: Square.self)
    #expect(journal.count == 3)
    #expect(try number(journal, 3) == 9)
    #expect(try number(journal, 4) == nil)
    #expect(folder.lines("runs.jsonl").count == 3)
    #expect(folder.lines("runs.jsonl")[1].contains(#""number":2"#))
  }

  @Test(arguments: [#"{"key":"#, "x", #"{"key":"0","number":4,"square":16}"#])
  func dropsATornLastLine(torn: String) throws {
    try record(1...3)
    let whole = try #require(folder.text("runs.jsonl"))
    try folder.write(whole + torn, as: "runs.jsonl")
    do {
      let journal = try Journal(in: results, of: Square.self)
      #expect(journal.count == 3)
      #expect(folder.text("runs.jsonl") == whole)
      // The run of the torn line is carried out again, and stands on a line of its own.
      try journal.append(Square(number: 4), Square.Outcome(square: 16))
    }
    #expect(try Journal(in: results, of: Square.self).count == 4)
    #expect(folder.lines("runs.jsonl").count == 4)
  }

  @Test func dropsATornOnlyLine() throws {
    try folder.write(#"{"key":"12"#, as: "runs.jsonl")
    #expect(try Journal(in: results, of: Square.self).count == 0)
    #expect(folder.text("runs.jsonl") == "")
  }

  @Test func refusesADamagedLineByItsNumber() throws {
    try record(1...3)
    let whole = try #require(folder.text("runs.jsonl"))
    let lines = folder.lines("runs.jsonl")
    let damages = [
      "{", "null", "[]", String(lines[1].dropLast(5)),
      // Any other number than the one that was recorded.
      lines[1].replacing(#""number":2"#, with: #""number":7"#),
      lines[1].replacing(#""square":4"#, with: #""square":5"#),
      lines[1].replacing(#""square":4"#, with: #""cube":8"#),
      lines[1].replacing(#""checksum":""#, with: #""checksum":"0"#),
      // Nor is a line whose fields lost their names one of an earlier version.
      lines[1].replacing(#""checksum":"#, with: #""checksun":"#),
      lines[1].replacing(#""host":"#, with: #""hoss":"#),
    ]
    for damage in damages {
      let text = [lines[0], damage, lines[2]].joined(separator: "\n") + "\n"
      try folder.write(text, as: "runs.jsonl")
      let message = refusal()
      #expect(message.contains("line 2") && message.contains("remove the line"), "\(damage)")
      #expect(folder.text("runs.jsonl") == text, "nothing is changed")
    }
    // Put right, it opens again: the refused journals hold no lock.
    try folder.write(whole, as: "runs.jsonl")
    #expect(try Journal(in: results, of: Square.self).count == 3)
  }

  @Test func setsDamagedLinesAsideWhereItIsAsked() throws {
    try record(1...3)
    let lines = folder.lines("runs.jsonl")
    for (name, part) in [("runs.jsonl", "runs.jsonl"), ("runs-2-of-4.jsonl", "part")] {
      try folder.write("\(lines[0])\nx\n\(lines[2])\n{\n{\"torn", as: name)
      do {
        let journal = try Journal(in: results, of: Square.self, named: name, setsDamageAside: true)
        #expect(journal.count == 2 && journal.damage.numbers == [2, 4], "\(part)")
        try journal.append(Square(number: 9), Square.Outcome(square: 81))
      }
      #expect(folder.lines("damaged-\(name)") == ["x", "{"])
      let kept = folder.lines(name)
      #expect(kept.count == 3 && Array(kept[..<2]) == [lines[0], lines[2]])
      #expect(try Journal(in: results, of: Square.self, named: name).count == 3)
    }
    // Whoever only reads leaves the file as it is.
    try folder.write("\(lines[0])\nx\n", as: "runs.jsonl")
    let (readable, damaged) = try Journal.readable(in: results, of: Square.self)
    #expect(readable.count == 1 && damaged.map(\.number) == [2])
    #expect(folder.lines("runs.jsonl").count == 2)
  }

  @Test func countsBlankLines() throws {
    try record(1...2)
    let lines = folder.lines("runs.jsonl")
    try folder.write("\(lines[0])\n\n\(lines[1])\n\nx\n\n", as: "runs.jsonl")
    #expect(refusal().contains("line 5:"))
    // Blank lines alone do no harm: someone edited the file by hand.
    try folder.write("\n\(lines[0])\n\n\(lines[1])\n\n", as: "runs.jsonl")
    #expect(try Journal(in: results, of: Square.self).count == 2)
  }

  /// A limit on the size of files stands for a disk that is full for a while.
  @Test func aFullDiskLeavesNoHalfLine() async {
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      let folder = try TemporaryFolder()
      let results = ResultsFolder(path: folder.path)
      do {
        let journal = try Journal(in: results, of: Square.self)
        try journal.append(Square(number: 1), Square.Outcome(square: 1))
        let size = (folder.text("runs.jsonl") ?? "").utf8.count
        limitFileSize(to: size + 10)
        do {
          try journal.append(Square(number: 2), Square.Outcome(square: 4))
          Issue.record("a line was recorded beyond the limit")
        } catch {
          #expect("\(error)".contains("cannot be recorded (File too large)"), "\(error)")
        }
        #expect(journal.count == 1)
        #expect(folder.text("runs.jsonl")?.utf8.count == size)
        // Another run that was under way ends when there is room again.
        limitFileSize(to: nil)
        try journal.append(Square(number: 3), Square.Outcome(square: 9))
      }
      #expect(try Journal(in: results, of: Square.self).count == 2)
    }
  }

  @Test func refusesASecondWriter() throws {
    try record(1...2)
    do {
      let first = try Journal(in: results, of: Square.self)
      #expect(refusal().contains("another process is writing"))
      try first.append(Square(number: 3), Square.Outcome(square: 9))
    }
    #expect(try Journal(in: results, of: Square.self).count == 3)
  }

  @Test func takesEqualRunsOnceAndRefusesAContradiction() throws {
    try record(1...2)
    try record(2...2)
    #expect(try Journal(in: results, of: Square.self).count == 2)
    let other = try RunLine(Square(number: 1), Square.Outcome(square: 2))
    let text = folder.lines("runs.jsonl") + [String(decoding: other.text, as: UTF8.self)]
    try folder.write(text.map { $0 + "\n" }.joined(), as: "runs.jsonl")
    let message = refusal()
    #expect(message.contains("line 4") && message.contains("contradicts line 1"), "\(message)")
  }

  /// Lines of versions that wrote no checksum; the key is among the fields.
  @Test func readsLinesOfEarlierVersions() throws {
    let key = try Square(number: 2).key
    let line = #"{"key":"\#(key)","number":2,"seconds":0.5,"square":4}"#
    try folder.write(line + "\n", as: "runs.jsonl")
    #expect(try number(Journal(in: results, of: Square.self), 2) == 4)
    let wrong = line.replacing(#""number":2"#, with: #""number":3"#)
    try folder.write(wrong + "\n", as: "runs.jsonl")
    #expect(refusal().contains("line 1:"))
  }

  @Test func noticesThatItsFileIsGone() throws {
    let journal = try Journal(in: results, of: Square.self)
    try journal.append(Square(number: 1), Square.Outcome(square: 1))
    try FileManager.default.removeItem(atPath: folder.file("runs.jsonl"))
    #expect(throws: Problem.self) {
      try journal.append(Square(number: 2), Square.Outcome(square: 4))
    }
    // Another process may have made a new one meanwhile, which is not touched.
    try folder.write("", as: "runs.jsonl")
    #expect(throws: Problem.self) {
      try journal.append(Square(number: 2), Square.Outcome(square: 4))
    }
    #expect(folder.text("runs.jsonl") == "")
  }

  @Test func refusesAPipe() throws {
    #expect(mkfifo(folder.file("runs.jsonl"), 0o644) == 0)
    #expect(refusal().contains("not a regular file"))
  }

  @Test func refusesWhatIsNoFile() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("runs.jsonl"), withIntermediateDirectories: false)
    #expect(refusal().contains("cannot be opened"))
  }
}

/// Limits the size of the files that this process writes; `nil` lifts the limit.
private func limitFileSize(to size: Int?) {
  var limit = rlimit()
  #if canImport(Glibc)
    let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
  #else
    let resource = RLIMIT_FSIZE
  #endif
  getrlimit(resource, &limit)
  limit.rlim_cur = size.map { rlim_t($0) } ?? limit.rlim_max
  setrlimit(resource, &limit)
}
