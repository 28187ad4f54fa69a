import CKernels
import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct DepthCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
  }

  private func run(
    _ options: [String], out: String = "out", environment: [String: String] = [:],
    _ location: SourceLocation = #_sourceLocation
  ) throws -> CommandProcess.Outcome {
    let outcome = try ResearchProcess.run(
      ["depth", "--data", "digits", "--out", out] + options, in: folder, environment: environment)
    #expect(!outcome.isKilled, sourceLocation: location)
    // Standard error is a file here and no terminal, so there is no progress on it.
    #expect(outcome.error.isEmpty, "\(outcome.error)", sourceLocation: location)
    return outcome
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// Nothing in a run grows faster than depth does: two thousand layers are an ordinary depth.
  @Test func thousandsOfLayersAreTrained() throws {
    let outcome = try run([
      "--depths", "2000", "--arms", "residual", "--width", "4", "--batch", "8", "--steps", "2",
      "--learning-rates", "0.001", "--seeds", "1", "--report-seeds", "1",
    ])
    #expect(outcome.status == 0 && outcome.output.firstMatch(of: /residual +2000 +0.001/) != nil)
    let record = try object(folder.lines("out/runs.jsonl")[0])
    #expect(record["depth"] as? Int == 2000 && record["diverged"] as? Bool == false)
  }

  /// The hash of the final parameters of each run.
  private func hashes(_ out: String) throws -> [String: String] {
    var hashes: [String: String] = [:]
    for line in folder.lines("\(out)/runs.jsonl") {
      let fields = try object(line)
      let key = try #require(fields["key"] as? String)
      hashes[key] = try #require(fields["parameters_hash"] as? String)
    }
    return hashes
  }

  /// Deep plain nets of this width do not learn in so few steps, and residual ones do.
  private let clear = [
    "--arms", "plain,residual", "--depths", "4,40", "--width", "12", "--batch", "32", "--steps",
    "40", "--learning-rates", "3e-3", "--seeds", "1",
  ]

  @Test func aClaimThatHoldsEndsWithZeroAndAllFiles() throws {
    let outcome = try run(clear + ["--json", "summary.json"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("data: Digits: 600 training images"))
    #expect(outcome.output.contains("The claim holds"))
    for header in ["arm", "depth", "rate", "training error", "training loss", "interval"] {
      #expect(outcome.output.contains(header))
    }

    let names = ["record.json", "runs.jsonl", "summary.csv", "figure.svg", "report.html"]
    #expect(
      Set(try FileManager.default.contentsOfDirectory(atPath: folder.file("out"))) == Set(names))
    let record = try object(folder.text("out/record.json") ?? "")
    #expect(record["study"] as? String == "depth" && record["status"] as? String == "complete")
    #expect(record["ended"] is String && record["executable_hash"] is String)
    let configuration = try #require(record["configuration"] as? [String: Any])
    #expect(configuration["width"] as? Int == 12)
    // Every default is filled in.
    #expect(configuration["optimizer"] as? String == "adam")
    #expect(configuration["report_seeds"] as? Int == 5)
    let provenance = try #require(record["provenance"] as? [String: Any])
    for key in [
      "command", "toolchain", "processor", "cores", "operating_system", "instruction_set",
      "started",
    ] {
      #expect(provenance[key] != nil, "\(key)")
    }
    let summary = try #require(record["summary"] as? [String: Any])
    #expect(summary["claim_holds"] as? Bool == true)
    let asked = try object(folder.text("summary.json") ?? "")
    #expect(NSDictionary(dictionary: asked) == NSDictionary(dictionary: summary))

    let lines = folder.lines("out/runs.jsonl")
    let keys = [
      "arm", "depth", "width", "learning_rate", "seed", "phase", "train_loss", "train_error",
      "parameters_hash", "seconds",
    ]
    for line in lines { #expect(try Set(object(line).keys).isSuperset(of: keys)) }
    let reported = try lines.count { try object($0)["phase"] as? String == "report" }
    #expect(reported == 20)

    let table = folder.lines("out/summary.csv").map { $0.split(separator: ",") }
    #expect(table.count == 5 && table[0][0] == "arm" && table[0].count == 14)
    #expect(
      table.dropFirst().map { "\($0[0]) \($0[1])" } == [
        "plain 4", "plain 40", "residual 4", "residual 40",
      ])
    for row in table.dropFirst() {
      #expect(row.dropFirst(7).allSatisfy { Double($0) != nil })
    }
    let figure = try #require(folder.text("out/figure.svg"))
    #expect(XMLParser(data: Data(figure.utf8)).parse())
    let report = try #require(folder.text("out/report.html"))
    // The report is HTML as an XML parser reads it, but for the elements that have no end.
    let xml = report.replacing("<!DOCTYPE html>", with: "")
      .replacing(/<meta [^>]*>/, with: "")
    let parser = XMLParser(data: Data(xml.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(report.contains("<svg") && report.contains("The claim holds"))

    // The same command again trains nothing and changes no result.
    let journal = folder.bytes("out/runs.jsonl")
    let csv = folder.bytes("out/summary.csv")
    let again = try run(clear)
    #expect(again.status == 0 && again.output.contains("(\(lines.count) runs are there)"))
    #expect(folder.bytes("out/runs.jsonl") == journal && folder.bytes("out/summary.csv") == csv)

    // Other options in the same folder are another sweep.
    let before = folder.content()
    let other = try ResearchProcess.run(
      ["depth", "--data", "digits", "--out", "out"] + clear + ["--optimizer", "sgd"], in: folder)
    #expect(other.status == 2 && other.error.contains("holds another sweep"))
    #expect(folder.content() == before)
  }

  /// A sweep of some seconds' tenths: two arms, two depths, two rates.
  private let small = [
    "--arms", "plain,residual", "--depths", "2,4", "--width", "6", "--batch", "32", "--steps", "6",
    "--learning-rates", "1e-3,3e-3", "--seeds", "1", "--report-seeds", "2",
  ]

  @Test func aClaimThatIsNotShownEndsWithOne() throws {
    // Two seeds can show nothing at the stated probability.
    let outcome = try run(small)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("do not show that the claim holds"))
    #expect(folder.text("out/report.html")?.contains("do not show that the claim holds") == true)
  }

  @Test func aQuestionThatIsNotAskedEndsWithZero() throws {
    let outcome = try run([
      "--arms", "orthogonal-tanh", "--depths", "3", "--width", "8", "--batch", "32", "--steps", "5",
      "--learning-rates", "1e-3", "--report-seeds", "1",
    ])
    #expect(outcome.status == 0 && outcome.output.contains("nothing is claimed"))
    #expect(folder.lines("out/runs.jsonl").count == 1)
  }

  @Test func resultsDoNotDependOnJobsOrInstructionSet() throws {
    _ = try run(small + ["--jobs", "1"], out: "one")
    let (hashes, csv) = (try hashes("one"), folder.bytes("one/summary.csv"))
    #expect(hashes.count >= 16)
    _ = try run(small + ["--jobs", "2"], out: "two")
    #expect(try self.hashes("two") == hashes)
    #expect(folder.bytes("two/summary.csv") == csv)

    var count = 0
    let sets = plumb_isa_all(&count)
    for set in UnsafeBufferPointer(start: sets, count: count) where plumb_isa_available(set) {
      let name = String(cString: plumb_isa_name(set))
      _ = try run(small, out: name, environment: ["PLUMB_ISA": name])
      #expect(try self.hashes(name) == hashes, "\(name)")
      #expect(folder.bytes("\(name)/summary.csv") == csv, "\(name)")
      let record = try object(folder.text("\(name)/record.json") ?? "")
      let provenance = try #require(record["provenance"] as? [String: Any])
      #expect(provenance["instruction_set"] as? String == name)
    }
  }

  @Test func theJSONMayStandInTheFolderOfTheResults() throws {
    let options = [
      "--arms", "plain", "--depths", "3", "--width", "8", "--batch", "32", "--steps", "2",
      "--learning-rates", "1e-3", "--report-seeds", "1",
    ]
    // Neither is there yet.
    #expect(try run(options + ["--json", "deep/out/summary.json"], out: "deep/out/").status == 0)
    #expect(folder.text("deep/out/summary.json")?.hasPrefix("{") == true)
    // An existing file is replaced, and what is not a file is written to.
    try folder.write("old", as: "summary.json")
    #expect(try run(options + ["--json", "summary.json"], out: "deep/out").status == 0)
    #expect(folder.text("summary.json")?.hasPrefix("{") == true)
    let piped = try run(options + ["--json", "/dev/stdout"], out: "deep/out")
    #expect(piped.status == 0 && piped.output.contains("\"cells\""))
  }

  @Test func divergedRunsAreReported() throws {
    let outcome = try run([
      "--arms", "plain,residual", "--depths", "2,4", "--width", "8", "--batch", "32", "--steps",
      "10", "--optimizer", "sgd", "--learning-rates", "1e30", "--report-seeds", "2",
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("2 of 2") && outcome.output.contains("diverged"))
    for line in folder.lines("out/runs.jsonl") {
      let fields = try object(line)
      #expect(fields["diverged"] as? Bool == true && fields["train_loss"] is NSNull)
    }
    let figure = try #require(folder.text("out/figure.svg"))
    #expect(XMLParser(data: Data(figure.utf8)).parse() && figure.contains("diverged"))
    #expect(folder.text("out/summary.csv")?.contains("nan") == false)
  }

  @Test func whatIsBelowARunThatDivergedIsNotCalledDiverged() throws {
    let outcome = try run([
      "--arms", "plain,orthogonal-tanh", "--depths", "2", "--width", "8", "--batch", "32",
      "--steps", "10", "--optimizer", "sgd", "--learning-rates", "1e12", "--report-seeds", "3",
    ])
    let lines = outcome.output.split(separator: "\n")
    let title = try #require(lines.firstIndex { $0.hasPrefix("paired difference") })
    let row = try #require(lines[title...].first { $0.hasPrefix("orthogonal-tanh") })
    #expect(row.contains("-infinite") && !row.contains("diverged"))
    #expect(lines[..<title].contains { $0.hasPrefix("plain") && $0.contains("diverged") })
  }

  @Test func aFolderInUseIsRefused() throws {
    _ = try run(small)
    let journal = open(folder.file("out/runs.jsonl"), O_RDWR)
    #expect(flock(journal, LOCK_EX) == 0)
    let before = folder.content()
    let outcome = try ResearchProcess.run(
      ["depth", "--data", "digits", "--out", "out"] + small, in: folder)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error.contains("another process is writing to this sweep"))
    #expect(folder.content() == before)
    close(journal)
    #expect(try run(small).status == 1)
  }

  /// What only looks at a folder names the damage and changes nothing; the sweep itself sets it aside.
  @Test func aDamagedJournalIsNamedByItsLine() throws {
    _ = try run(small)
    var lines = folder.lines("out/runs.jsonl")
    lines[2] = String(lines[2].dropLast(30))
    try folder.write(lines.map { $0 + "\n" }.joined(), as: "out/runs.jsonl")
    let before = folder.content()
    for command in ["show", "status", "verify"] {
      let outcome = try ResearchProcess.run([command, "out"], in: folder)
      #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.error.contains("out/runs.jsonl: line 3:") && outcome.error.contains("remove"))
    }
    #expect(folder.content() == before)
    #expect(try run(small).output.contains("damaged: line 3 of runs.jsonl"))
    #expect(folder.lines("out/damaged-runs.jsonl") == [lines[2]])
  }
}
