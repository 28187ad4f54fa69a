import Console
import Findings
import Foundation

/// A program of studies: a command for each, `list` and `all`.
///
/// ```swift
/// StudyProgram.main("research", summary: "studies of depth", [SecondMoment.self, MyStudy.self])
/// ```
public enum StudyProgram {
  /// The whole of a program; see ``Program/main(_:summary:tools:check:)``.
  public static func main(_ name: String, summary: String, _ studies: [any Study.Type]) -> Never {
    Program.main(
      name, summary: summary, tools: tools(studies), check: InstructionSetRequest.check)
  }

  /// The commands.
  static func tools(_ studies: [any Study.Type]) -> [Tool] {
    [
      Tool(ListCommand.command) { _ in ListCommand.run(studies) },
      Tool(AllCommand.command) { options in try AllCommand.run(studies, options) },
      Tool(ResumeCommand.command) { options in try ResumeCommand.run(studies, options) },
      Tool(VerifyCommand.command) { options in try VerifyCommand.run(studies, options) },
    ]
      + studies.map { study in
        Tool(study.command.adding(StudyOptions.all)) { options in
          try run(
            study, options, folder: options[StudyOptions.out], json: options[StudyOptions.json]
          )
          .status
        }
      }
  }

  /// Carries a study out, prints what it found, and writes its folder.
  static func run<Kind: Study>(
    _ kind: Kind.Type, _ options: ParsedOptions, folder path: String?, json: String?
  ) throws -> (status: ExitStatus, checks: [Check]) {
    let start = ContinuousClock.now
    let study = try Kind(options)
    let folder = ResultsFolder(path: try path ?? study.defaultFolder)
    // What no option names: data found in their usual folders, and the folder that the study chooses itself.
    try options.checkFiles(
      adding: study.inputs
        + (path == nil ? FileUse.writes(ResultsFolder.publishedNames, in: folder.path) : []))
    let jobs = options[StudyOptions.jobs] ?? ProcessInfo.processInfo.activeProcessorCount
    try study.check(jobs: jobs)
    let provenance = Provenance()
    let record = StudyRecord<Kind.Configuration, Kind.Result.Summary>(
      study: Kind.name, sweepKey: try study.sweepKey, provenance: provenance,
      configuration: study.configuration, data: study.data)
    let isGrown = try folder.prepare(study: Kind.name, sweepKey: record.sweepKey) {
      () throws(Problem) in
      guard let recorded = folder.record(Recorded<Kind.Configuration>.self) else { return false }
      return try study.grows(from: recorded.configuration, data: recorded.data)
    }
    let lock = try folder.lock()
    let journal = try Journal(in: folder, of: Kind.runKind)
    Interrupts.noteThatFinishedWorkIsKept()
    let wasComplete = folder.isComplete && !isGrown
    // What is complete stays so while its runs are read again.
    if !wasComplete { try folder.write(json: record, to: "record.json") }

    if let data = study.data { print("data: \(data.statement)") }
    print(
      "results: \(folder.path)" + (journal.count > 0 ? " (\(journal.count) runs are there)" : ""))
    let result = try study.result(
      in: StudySession(
        of: record.sweepKey, jobs: jobs, journal: journal, observer: ProgressObserver()))
    if !wasComplete || journal.added > 0 || !folder.holdsPublication {
      try folder.publish(result, record: record)
    }
    withExtendedLifetime(lock) {}
    if let json { try AtomicFile.write(JSONText.prettyEncoder.encode(result.summary), to: json) }
    print("\n" + result.text + "\nfigure: \(folder.file("figure.svg"))")
    print("time: \(NumberFormat.duration(start.duration(to: .now)))")
    return (result.claimHolds == false ? .answerIsNo : .done, result.checks)
  }
}

/// What a record says that was asked.
private struct Recorded<Configuration: Decodable>: Decodable {
  let configuration: Configuration
  let data: DataRecord?
}

extension ResultsFolder {
  /// Whether the files that every study writes are there.
  fileprivate var holdsPublication: Bool {
    Self.publishedNames.allSatisfy { RegularFile.size(file($0)) != nil }
  }
}

/// `list`: every study with its claim, source and cost.
private enum ListCommand {
  static let command = Command(
    "list", summary: "every study: its claim, source, and what it costs")

  static func run(_ studies: [any Study.Type]) -> ExitStatus {
    var table = Table([
      Table.Column("study", .left), Table.Column("claim", .left), Table.Column("source", .left),
      Table.Column("--quick", .left), Table.Column("full", .left),
    ])
    for study in studies {
      table.add(study.name, study.claim, study.source, study.cost.quick, study.cost.full)
    }
    print(table.text(), terminator: "")
    return .done
  }
}

/// `all`: every study, and a table of claims.
private enum AllCommand {
  private static let out = Option(
    "out", "DIR", .outputFolder([]), defaultText: "results",
    help: "where a folder for each study goes; what was stopped continues there")

  static let command = Command(
    "all", summary: "every study, and a table of predictions and measurements",
    options: [StudyOptions.quick, out, StudyOptions.jobs])

  static func run(_ studies: [any Study.Type], _ options: ParsedOptions) throws -> ExitStatus {
    var checks: [Check] = []
    var status = ExitStatus.done
    for study in studies {
      print("=== \(study.name)\n")
      let words =
        (options[StudyOptions.quick] ? ["--quick"] : [])
        + (options[StudyOptions.jobs].map { ["--jobs", "\($0)"] } ?? [])
      let own = try study.command.adding(StudyOptions.all).parse(words)
      let folder = options[out].map { "\($0)/\(study.name)" }
      let outcome = try run(study, own, folder)
      checks += outcome.checks
      if outcome.status != .done { status = outcome.status }
      print()
    }
    print("=== all\n")
    print(Check.table(checks).text(), terminator: "")
    return status
  }

  private static func run(
    _ study: any Study.Type, _ options: ParsedOptions, _ folder: String?
  ) throws -> (status: ExitStatus, checks: [Check]) {
    try StudyProgram.run(study, options, folder: folder, json: nil)
  }
}
