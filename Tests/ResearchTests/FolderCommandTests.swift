import Datasets
import Experiments
import Foundation
import TestSupport
import Testing

/// `resume`, `verify`, and folders that grow.
@Suite struct FolderCommandTests {
  private let folder: TemporaryFolder
  private let words = [
    "depth", "--data", "digits", "--width", "6", "--batch", "32", "--steps", "5",
    "--learning-rates", "1e-3,3e-3", "--seeds", "1",
  ]

  init() throws {
    folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
  }

  private func run(_ words: [String]) throws -> CommandProcess.Outcome {
    try ResearchProcess.run(words, in: folder)
  }

  private func sweep(_ out: String, _ arms: String, _ depths: String, seeds: Int) -> [String] {
    words + ["--out", out, "--arms", arms, "--depths", depths, "--report-seeds", "\(seeds)"]
  }

  @Test func aKilledSweepIsResumedByItsFolderAlone() throws {
    _ = try run(sweep("whole", "plain,residual", "2,4", seeds: 2))
    let process = try ResearchProcess.start(
      sweep("killed", "plain,residual", "2,4", seeds: 2), in: folder)
    while process.isRunning, folder.lines("killed/runs.jsonl").count < 4 { usleep(1000) }
    kill(process.identifier, SIGKILL)
    _ = try process.outcome()
    // The folder may have got another name.
    try FileManager.default.moveItem(atPath: folder.file("killed"), toPath: folder.file("moved"))
    let resumed = try run(["resume", "moved"])
    #expect(resumed.status == 1 && resumed.error.isEmpty, "\(resumed)")
    #expect(folder.bytes("moved/summary.csv") == folder.bytes("whole/summary.csv"))
    let nothing = try run(["resume", "digits"])
    #expect(nothing.status == 2 && nothing.error.contains("a folder made by a study"))
  }

  @Test func showSavesTheParametersOfARunAgain() throws {
    _ = try run(sweep("out", "plain,residual", "2", seeds: 1) + ["--keep", "parameters"])
    let line = try #require(
      folder.lines("out/runs.jsonl").first { $0.contains("\"phase\":\"report\"") })
    let key = String(line.dropFirst(8).prefix(16))
    let saved = try run(["show", "out", key, "--parameters", "again.npz"])
    #expect(saved.status == 0 && saved.output.contains("with the same bits"), "\(saved)")
    #expect(saved.output.contains("diverged") && !saved.output.contains("diverged          0"))
    #expect(folder.bytes("again.npz") == folder.bytes("out/kept/\(key)-parameters.npz"))
    // A run that does not come out as it is recorded has no parameters to save.
    let other = try #require(line.firstMatch(of: /"train_loss":([0-9.]+)/)?.1)
    let changed = String(line.dropLast(2).split(separator: ",\"checksum\"")[0])
      .replacing(String(other), with: "0.125")
    var hash = ContentHash()
    for byte in (changed + ",").utf8 { hash.combine(byte) }
    try folder.write(
      changed + ",\"checksum\":\"\(hash.hexadecimal)\"}}\n", as: "out/runs.jsonl")
    let differs = try run(["show", "out", key, "--parameters", "other.npz"])
    #expect(differs.status == 1 && differs.output.contains("came out differently"), "\(differs)")
    #expect(folder.bytes("other.npz") == nil)
    let unnamed = try run(["show", "out", "--parameters", "other.npz"])
    #expect(unnamed.status == 2 && unnamed.error.contains("no run is given"), "\(unnamed)")
  }

  @Test func verifyMakesRunsAgainAndNamesTheFirstThatDiffers() throws {
    _ = try run(sweep("out", "plain", "2", seeds: 3))
    let before = folder.content()
    let right = try run(["verify", "out", "--runs", "3"])
    #expect(right.status == 0 && right.output.contains("3 of 3 runs came out"), "\(right)")
    #expect(folder.content() == before)

    // A line that says something else, with a checksum of its own.
    var lines = folder.lines("out/runs.jsonl")
    let text = try #require(lines.last)
    let configuration = try JSONText.decoder.decode(GridRun.self, from: Data(text.utf8))
    let changed = text.replacing(/"parameters_hash":"./, with: "\"parameters_hash\":\"x")
    let outcome = try JSONText.decoder.decode(GridOutcome.self, from: Data(changed.utf8))
    lines[lines.count - 1] = String(
      decoding: try RunLine(configuration, outcome).text, as: UTF8.self)
    try folder.write(lines.map { $0 + "\n" }.joined(), as: "out/runs.jsonl")
    let wrong = try run(["verify", "out", "--all"])
    #expect(wrong.status == 1, "\(wrong)")
    for part in [
      "\(lines.count - 1) of \(lines.count) runs came out", "the first that differs",
      "arm plain", "parameters_hash: recorded x",
    ] { #expect(wrong.output.contains(part), "\(wrong.output)") }
  }

  @Test func damagedLinesAreSetAsideAndTheirRunsMadeAgain() throws {
    let words = sweep("out", "plain", "2", seeds: 3)
    _ = try run(words)
    let (lines, csv) = (folder.lines("out/runs.jsonl"), folder.bytes("out/summary.csv"))
    let damage = lines[1].replacing(/"parameters_hash":"./, with: "\"parameters_hash\":\"x")
    var changed = lines
    changed[1] = damage
    changed[3] = "{"
    try folder.write(changed.map { $0 + "\n" }.joined() + "{\"key\":\"torn", as: "out/runs.jsonl")
    let again = try run(words)
    #expect(again.output.contains("damaged: lines 2, 4 of runs.jsonl"), "\(again)")
    #expect(folder.lines("out/damaged-runs.jsonl") == [damage, "{"])
    #expect(folder.bytes("out/summary.csv") == csv)
    let mended = folder.lines("out/runs.jsonl")
    #expect(mended.count == lines.count && Array(mended[0..<2]) == [lines[0], lines[2]])
    #expect(try run(["verify", "out", "--all"]).status == 0)
    // Two that say different things of one run are for people to decide.
    let configuration = try JSONText.decoder.decode(GridRun.self, from: Data(damage.utf8))
    let outcome = try JSONText.decoder.decode(GridOutcome.self, from: Data(damage.utf8))
    let other = String(decoding: try RunLine(configuration, outcome).text, as: UTF8.self)
    let text = mended.map { $0 + "\n" }.joined() + other + "\n"
    try folder.write(text, as: "out/runs.jsonl")
    let wrong = try run(words)
    #expect(wrong.status == 2 && wrong.error.contains("about the same run"), "\(wrong)")
    #expect(folder.text("out/runs.jsonl") == text)
  }

  @Test func twoProcessesOnOneFolderNeverMix() throws {
    let words = sweep("out", "plain,residual", "2,4", seeds: 3)
    let both = try (0..<2).map { _ in try ResearchProcess.start(words, in: folder) }
    let outcomes = try both.map { try $0.outcome() }
    // One at least goes through; the other does too where it came later, or says why not.
    #expect(outcomes.contains { $0.status != 2 })
    for outcome in outcomes where outcome.status == 2 {
      #expect(outcome.error.contains("another process is writing"), "\(outcome)")
    }
    _ = try run(words.map { $0 == "out" ? "whole" : $0 })
    #expect(folder.bytes("out/summary.csv") == folder.bytes("whole/summary.csv"))
    #expect(folder.lines("out/runs.jsonl").count == folder.lines("whole/runs.jsonl").count)
  }

  @Test func aFolderGrowsByWhatIsMissing() throws {
    _ = try run(sweep("out", "plain", "2", seeds: 2))
    let first = folder.lines("out/runs.jsonl")
    let more = sweep("out", "plain,residual", "2,4", seeds: 3)
    #expect(try run(more).output.contains("(\(first.count) runs are there)"))
    // All that was there is there, at the same positions.
    #expect(Array(folder.lines("out/runs.jsonl").prefix(first.count)) == first)
    _ = try run(sweep("whole", "plain,residual", "2,4", seeds: 3))
    #expect(folder.bytes("out/summary.csv") == folder.bytes("whole/summary.csv"))
    #expect(folder.lines("out/runs.jsonl").count == folder.lines("whole/runs.jsonl").count)

    // What would leave something behind is refused, and names it.
    let before = folder.content()
    for (words, part) in [
      (sweep("out", "plain", "2,4", seeds: 3), "residual"),
      (sweep("out", "plain,residual", "4", seeds: 3), "holds 2 too"),
      (sweep("out", "plain,residual", "2,4", seeds: 2), "3 seeds"),
      (sweep("out", "plain,residual", "2,4", seeds: 3) + ["--optimizer", "sgd"], "another sweep"),
    ] {
      let outcome = try run(words)
      #expect(outcome.status == 2 && outcome.error.contains(part), "\(outcome)")
    }
    #expect(folder.content() == before)
  }
}

/// Parts of a sweep, and folders that are looked at.
@Suite struct PartsTests {
  private let folder: TemporaryFolder
  private let words = [
    "depth", "--data", "digits", "--width", "6", "--batch", "32", "--steps", "4",
    "--learning-rates", "1e-3,3e-3", "--seeds", "1", "--arms", "plain,residual", "--depths", "2,4",
    "--report-seeds", "5",
  ]

  init() throws {
    folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
  }

  private func run(_ words: [String]) throws -> CommandProcess.Outcome {
    try ResearchProcess.run(words, in: folder)
  }

  @Test func partsThatAreJoinedAreTheSweepOfOneMachine() throws {
    let whole = try run(words + ["--out", "whole"])
    // Two at a time, as on two machines.
    let parts = try ["1/3", "2/3"].map { part in
      try ResearchProcess.start(words + ["--out", "parts", "--shard", part], in: folder)
    }
    for part in parts {
      let outcome = try part.outcome()
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome)")
    }
    #expect(try run(["status", "parts"]).output.contains("runs-2-of-3.jsonl: "))
    let early = try run(["collect", "parts"])
    #expect(early.status == 2 && early.error.contains("are missing"), "\(early)")
    #expect(folder.bytes("parts/summary.csv") == nil)
    #expect(try run(words + ["--out", "parts", "--shard", "3/3"]).status == 0)
    let joined = try run(["collect", "parts"])
    #expect(joined.status == whole.status && joined.error.isEmpty, "\(joined)")
    #expect(folder.bytes("parts/summary.csv") == folder.bytes("whole/summary.csv"))
    #expect(folder.lines("parts/runs.jsonl").count == folder.lines("whole/runs.jsonl").count)
    #expect(folder.text("parts/record.json")?.contains("\"complete\"") == true)
    #expect(try run(["verify", "parts", "--runs", "2"]).status == 0)
  }

  @Test func aKilledPartGoesOnAndTheRestIsCarriedOutByResume() throws {
    let process = try ResearchProcess.start(
      words + ["--out", "parts", "--shard", "1/2"], in: folder)
    while process.isRunning, folder.lines("parts/runs-1-of-2.jsonl").count < 3 { usleep(1000) }
    kill(process.identifier, SIGKILL)
    _ = try process.outcome()
    _ = try run(words + ["--out", "parts", "--shard", "1/2"])
    #expect(try run(["collect", "parts"]).status == 2)
    _ = try run(words + ["--out", "whole"])
    #expect(try run(["resume", "parts"]).error.isEmpty)
    #expect(folder.bytes("parts/summary.csv") == folder.bytes("whole/summary.csv"))
  }

  @Test(arguments: [
    (["--shard", "3/2"], "--shard"), (["--shard", "2"], "--shard"),
    (["--shard", "0/2"], "--shard"),
  ])
  func aPartThatThereIsNotIsRefused(more: [String], part: String) throws {
    let before = folder.content()
    let outcome = try run(words + ["--out", "parts"] + more)
    #expect(outcome.status == 2 && outcome.error.contains(part), "\(outcome)")
    #expect(folder.content() == before)
    let claim = try run(["path-lengths", "--quick", "--out", "p", "--shard", "1/2"])
    #expect(claim.status == 2 && claim.error.contains("cannot be divided"), "\(claim)")
  }

  @Test func foldersAreShownAndCompared() throws {
    _ = try run(words + ["--out", "a"])
    let more = words.map { $0 == "plain,residual" ? "plain,residual,zero" : $0 }
    _ = try run(more + ["--out", "b", "--optimizer", "sgd"])
    let status = try run(["status", "a"])
    #expect(
      status.status == 0 && status.output.contains("complete")
        && status.output.contains("20 of report"))
    let list = try run(["show", "a"])
    #expect(list.status == 0 && list.output.contains("residual, depth 4"), "\(list)")
    let line = folder.lines("a/runs.jsonl")[0]
    let key = String(line.dropFirst(8).prefix(16))
    let one = try run(["show", "a", key])
    #expect(one.output.contains("parameters_hash") && one.output.contains("epoch"), "\(one)")
    for (words, part) in [
      (["show", "a", "zz"], "no run's key begins with"),
      (["show", "digits"], "neither a study nor"),
      (["compare", "a", "digits"], "neither a study nor"),
      (["status", "nowhere"], "neither a study nor"),
      (["collect", "a"], "no parts"),
    ] {
      let outcome = try run(words)
      #expect(outcome.status == 2 && outcome.error.contains(part), "\(outcome)")
    }
    let compared = try run(["compare", "a", "b"])
    #expect(compared.status == 0, "\(compared)")
    for part in ["plain, depth 2", "only in B: zero, depth 2; zero, depth 4", "B above A"] {
      #expect(compared.output.contains(part), "\(compared.output)")
    }
    // Runs of the same kind are compared whatever program's experiment they are of.
    try FileManager.default.copyItem(atPath: folder.file("b"), toPath: folder.file("c"))
    let record = try #require(folder.text("c/record.json"))
    try folder.write(
      record.replacing(#""study" : "depth""#, with: #""study" : "mine""#), as: "c/record.json")
    #expect(try run(["compare", "a", "c"]).output.contains("B above A"))
    #expect(try run(["show", "c"]).output.contains("residual, depth 4"))
    // What only the other folder varies: its level is that of this folder, or there is none and each is compared.
    for (factor, names) in [
      ("width=4,6", ["width 6"]), ("activation=relu,tanh", ["activation relu", "activation tanh"]),
    ] {
      let out = String(factor.prefix(5))
      let few = words.map { ["plain,residual": "plain", "2,4": "2"][$0] ?? $0 }
      _ = try run(few + ["--vary", factor, "--out", out])
      for folders in [["a", out], [out, "a"]] {
        let compared = try run(["compare"] + folders)
        #expect(compared.status == 0, "\(compared)")
        let rows = compared.output.split(separator: "\n").filter { $0.hasPrefix("plain") }
        #expect(rows.count == names.count, "\(compared.output)")
        for name in names { #expect(rows.contains { $0.contains(name) }, "\(compared.output)") }
      }
    }
  }

  @Test func lossesAndParametersOfRunsAreKeptAndShown() throws {
    _ = try run(words + ["--out", "out"])
    let (runs, csv) = (folder.lines("out/runs.jsonl"), folder.bytes("out/summary.csv"))
    // Asked for later, the runs of the report are made again, and are what they were.
    let kept = try run(words + ["--out", "out", "--keep", "parameters", "--curves"])
    #expect(kept.status != 2 && kept.error.isEmpty, "\(kept)")
    #expect(folder.lines("out/runs.jsonl") == runs && folder.bytes("out/summary.csv") == csv)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("out/kept"))
    #expect(
      names.count == 40
        && Set(names.map { $0.dropFirst(16) }) == ["-losses.npz", "-parameters.npz"])
    #expect(folder.text("out/report.html")?.contains("Learning curves") == true)
    let losses = try NPZFile(
      contentsOfFile: folder.file("out/kept/\(names.filter { $0.hasSuffix("-losses.npz") }[0])"))
    #expect(try losses.array(named: "losses").shape == [4])
    // One that was lost is made again by the same command.
    try FileManager.default.removeItem(atPath: folder.file("out/kept/\(names[0])"))
    _ = try run(["resume", "out"])
    #expect(folder.bytes("out/kept/\(names[0])") != nil && folder.lines("out/runs.jsonl") == runs)
    let wrong = try run(words + ["--out", "other", "--keep", "weights"])
    #expect(wrong.status == 2 && wrong.error.contains("losses, layers, parameters"), "\(wrong)")
  }

  /// The record keeps the command that began it, so that a folder is resumed as often as it takes.
  @Test func aFolderIsResumedTwice() throws {
    for count in [2, 5] {
      let process = try ResearchProcess.start(
        count == 2 ? words + ["--out", "out"] : ["resume", "out"], in: folder)
      while process.isRunning, folder.lines("out/runs.jsonl").count < count { usleep(1000) }
      kill(process.identifier, SIGKILL)
      _ = try process.outcome()
    }
    let last = try run(["resume", "out"])
    #expect(last.status != 2 && last.error.isEmpty, "\(last)")
    _ = try run(words + ["--out", "whole"])
    #expect(folder.bytes("out/summary.csv") == folder.bytes("whole/summary.csv"))
    #expect(folder.text("out/report.html")?.contains("research depth --data digits") == true)
  }

  @Test func anotherWidthOfTheFigureIsPublishedInTheSameFolder() throws {
    _ = try run(words + ["--out", "out"])
    let paper = try run(words + ["--out", "out", "--figure-width", "neurips-text"])
    #expect(paper.status != 2, "\(paper)")
    #expect(folder.text("out/figure.svg")?.contains("width=\"139.7mm\"") == true)
    // The report is for a screen in every case.
    #expect(folder.text("out/report.html")?.contains("mm\"") == false)
    let wrong = try run(words + ["--figure-width", "icml-colum"])
    #expect(wrong.status == 2 && wrong.error.contains("icml-column"), "\(wrong)")
  }

  @Test func anotherReferenceIsPublishedInTheSameFolder() throws {
    _ = try run(words + ["--out", "out"])
    let runs = folder.bytes("out/runs.jsonl")
    let other = try run(words + ["--out", "out", "--reference", "residual"])
    #expect(other.output.contains("paired difference from residual"), "\(other)")
    #expect(folder.bytes("out/runs.jsonl") == runs)
    #expect(folder.text("out/record.json")?.contains("\"reference\" : \"residual\"") == true)
  }
}

/// The skeleton of an experiment.
@Suite struct NewCommandTests {
  @Test func aPackageIsWrittenWholeOrNotAtAll() throws {
    let folder = try TemporaryFolder()
    let made = try ResearchProcess.run(["new", "my-block", "--package", "p"], in: folder)
    #expect(made.status == 0 && made.output.contains("swift run -c release my-block"), "\(made)")
    #expect(folder.text("p/Package.swift")?.contains("name: \"my-block\"") == true)
    #expect(folder.text("p/Sources/MyBlock/main.swift") == "myBlockExperiment.main()\n")
    #expect((folder.text("p/Sources/MyBlock/MyBlock.swift") ?? "").contains("struct MyBlockBlock"))
    let law = try ResearchProcess.run(["new", "my-law", "--claim", "--package", "l"], in: folder)
    #expect(law.status == 0, "\(law)")
    #expect((folder.text("l/Sources/MyLaw/main.swift") ?? "").contains("Claim<MyLaw>().main()"))
    #expect((folder.text("l/Sources/MyLaw/MyLaw.swift") ?? "").contains("MyLaw: ClaimStudy"))
    let before = folder.content()
    for (words, part) in [
      (["new", "other", "--package", "p"], "already exists"),
      (["new", "My Block"], "lowercase letters"),
      (["new", "mine"], "--package"),
      (["new", "mine", "--package", "q", "--plumbline", "."], "--plumbline"),
    ] {
      let outcome = try ResearchProcess.run(words, in: folder)
      #expect(outcome.status == 2 && outcome.error.contains(part), "\(outcome)")
    }
    #expect(folder.content() == before)
  }
}

/// Arms that a file describes.
@Suite struct OwnArmTests {
  @Test func anArmOfAFileIsSweptReportedAndRefusedWhereItChanged() throws {
    let folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
    let text = """
      {"name": "mine", "layers": [{"layer": "dense", "outputs": "=width"}, {"repeat": "=depth", "layers": [
        {"layer": "tanh"}, {"layer": "dense", "outputs": "=width"}]}, {"layer": "dense", "outputs": "=classes"}]}
      """
    try folder.write(text, as: "mine.json")
    let words = [
      "depth", "--data", "digits", "--width", "6", "--batch", "32", "--steps", "4", "--depths",
      "2,4", "--arms", "plain,mine.json", "--learning-rates", "1e-3", "--report-seeds", "2",
      "--out",
      "out",
    ]
    let outcome = try ResearchProcess.run(words, in: folder)
    #expect(outcome.status == 0 && outcome.output.contains("mine"), "\(outcome)")
    // What is wrong at one depth only is told with the arm and that depth.
    try folder.write(
      text.replacing("mine", with: "deep").replacing("\"=width\"}]", with: "\"=7 - 2 * depth\"}]"),
      as: "deep.json")
    let deep = try ResearchProcess.run(
      words.map { $0.replacing("mine.json", with: "deep.json") }, in: folder)
    #expect(deep.status == 2 && deep.error.contains("the arm deep at depth 4"), "\(deep)")
    #expect(folder.text("out/record.json")?.contains("arm_definitions") == true)
    #expect(outcome.output.contains("mine: 0 of 8 parameters start from the draws of plain"))
    #expect(folder.lines("out/runs.jsonl").count { $0.contains("\"arm\":\"mine\"") } == 4)
    #expect(folder.text("out/summary.csv")?.contains("\nmine,4,") == true)
    #expect(try ResearchProcess.run(["verify", "out", "--runs", "2"], in: folder).status == 0)
    try folder.write(text.replacing("tanh", with: "relu"), as: "mine.json")
    let changed = try ResearchProcess.run(words, in: folder)
    #expect(changed.status == 2 && changed.error.contains("holds another sweep"), "\(changed)")
    try folder.write("{}", as: "mine.json")
    let wrong = try ResearchProcess.run(words, in: folder)
    #expect(wrong.status == 2 && wrong.error.contains("mine.json"), "\(wrong)")
  }
}
