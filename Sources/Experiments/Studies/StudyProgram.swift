import Console
import Findings
import Foundation
import Training

/// A program of studies: a command for each, `list` and `all`.
///
/// ```swift
/// StudyProgram.main("research", summary: "studies of depth", [Claim<SecondMoment>(), myExperiment])
/// ```
public enum StudyProgram {
  /// A whole program: reads the command line, carries out its command, and ends with its exit status.
  ///
  /// - Parameters:
  ///   - name: The name of the program in its help.
  ///   - summary: A description, as a phrase for its help.
  ///   - studies: The studies, one command each; their names must differ.
  public static func main(_ name: String, summary: String, _ studies: [any Study]) -> Never {
    Program.main(
      name, summary: summary, tools: tools(studies), version: Provenance.version,
      check: InstructionSetRequest.check)
  }

  /// The commands.
  static func tools(_ studies: [any Study]) -> [Tool] {
    [
      Tool(ListCommand.command) { _ in ListCommand.run(studies) },
      Tool(AllCommand.command) { options in try AllCommand.run(studies, options) },
      Tool(RepeatCommand.command) { options in try RepeatCommand.run(studies, options) },
      Tool(NewCommand.command) { options in try NewCommand.run(options) },
    ] + folderTools(studies) + studies.map { tool($0, $0.command) }
  }

  /// The commands of a program with only one study, whose command has no name.
  static func tools(alone study: any Study) -> [Tool] {
    // If there is only one study, it is not named, and the small study of the examples is this one.
    ([tool(study, study.command.named(""))] + folderTools([study])).map { tool in
      Tool(tool.command.withExamples(leavingOut: [study.name, "depth"]), run: tool.run)
    }
  }

  private static func folderTools(_ studies: [any Study]) -> [Tool] {
    [
      Tool(ResumeCommand.command) { options in try ResumeCommand.run(studies, options) },
      Tool(ExportCommand.command) { options in try ExportCommand.run(studies, options) },
      Tool(BundleCommand.command) { options in try BundleCommand.run(studies, options) },
      Tool(VerifyCommand.command) { options in try VerifyCommand.run(studies, options) },
      Tool(StatusCommand.command) { options in try StatusCommand.run(studies, options) },
      Tool(ShowCommand.command) { options in try ShowCommand.run(studies, options) },
      Tool(CompareCommand.command) { options in try CompareCommand.run(studies, options) },
      Tool(CollectCommand.command) { options in try CollectCommand.run(studies, options) },
    ]
  }

  private static func tool(_ study: any Study, _ command: Command) -> Tool {
    Tool(command.adding(StudyOptions.all)) { options in
      try run(
        study, options, command: CommandLine.arguments.lastingWords,
        folder: options[StudyOptions.out],
        json: options[StudyOptions.json]
      ).status
    }
  }

  /// Carries out a study, prints what it found, and writes its folder.
  ///
  /// - Parameters:
  ///   - command: The words that request all of it, as in the record.
  ///   - isRecordOnly: Whether a run that is not recorded is a ``/Findings/Problem``.
  static func run<Kind: Study>(
    _ study: Kind, _ options: ParsedOptions, command: [String], folder path: String?,
    json: String?, isRecordOnly: Bool = false
  ) throws -> StudyOutcome {
    let start = ContinuousClock.now
    let request = try study.request(options)
    let folder = ResultsFolder(path: try path ?? request.defaultFolder)
    // Files that no option names: data found in their usual folders, and the folder that the study chooses itself.
    try options.checkFiles(
      adding: request.inputs
        + (path == nil ? FileUse.writes(ResultsFolder.publishedNames, in: folder.path) : []))
    let jobs = options[StudyOptions.jobs] ?? ProcessInfo.processInfo.activeProcessorCount
    try request.check(jobs: jobs)
    let record = StudyRecord<Kind.Request.Configuration, Kind.Request.Result.Summary>(
      study: study.name, sweepKey: try request.sweepKey, provenance: Provenance(command: command),
      configuration: request.configuration, data: request.data)
    try SlurmJob.check(options)
    let job =
      options[SlurmJob.flag]
      ? try SlurmJob(
        of: study.name, command.requestWords, in: folder, parts: request.partCount, options) : nil
    func grows() throws(Problem) -> Bool {
      guard let recorded = folder.record(Recorded<Kind.Request.Configuration>.self) else {
        return false
      }
      return try request.grows(from: recorded.configuration, data: recorded.data)
    }
    if let job {
      try folder.beginInParts(record, grows: grows)
      try job.submit()
      return StudyOutcome(status: .done)
    }
    if let part = options[StudyOptions.shard] {
      try folder.beginInParts(record, grows: grows)
      return StudyOutcome(
        status: try carryOut(part, of: study, request, in: folder, options, jobs: jobs))
    }
    let work = try StudyFolder(folder, record, grows: grows)
    let journal = try Journal(in: folder, of: study.runKind, setsDamageAside: true)
    tellDamage(journal)
    Interrupts.noteThatFinishedWorkIsKept()
    try work.begin()

    if let data = request.data { print("data: \(data.statement)") }
    print(
      "results: \(folder.path)" + (journal.count > 0 ? " (\(journal.count) runs are there)" : ""))
    tellRunsUnderWay(in: folder)
    let result: Kind.Request.Result
    do {
      result = try request.result(
        in: StudySession(
          of: record.sweepKey, jobs: jobs, journal: journal, observer: ProgressObserver(),
          isRecordOnly: isRecordOnly, folder: folder, policy: StudyOptions.policy(options)))
    } catch let ended as SweepEnded {
      try work.interrupt()
      tell(ended, folder)
      return StudyOutcome(status: .interrupted)
    }
    let isNew =
      try work.status != .complete || journal.added > 0 || !folder.holdsPublication
      || !folder.holds(result.summary)
      || work.recordedCommand?.requestWords != command.requestWords
    if isNew {
      try work.publish(result, command: command, paper: options[StudyOptions.figureWidth])
    }
    // Whatever was in progress is finished.
    CheckpointFiles.removeAll(in: folder.checkpoints)
    withExtendedLifetime(work) {}
    if let json { try AtomicFile.write(JSONText.prettyEncoder.encode(result.summary), to: json) }
    let figure = folder.file("figure.svg")
    print("\n" + result.text + "\nfigure: \(figure)")
    if options[StudyOptions.figureWidth] != nil {
      let pdf = folder.file("figure.pdf")
      print(
        PaperFigure.writePDF(of: figure, to: pdf) ? "for the paper: \(pdf)" : PaperFigure.advice)
    }
    print("time: \(NumberFormat.duration(start.duration(to: .now)))")
    let line = Provenance.line(command)
    return StudyOutcome(
      status: result.claimHolds == false ? .answerIsNo : .done, checks: result.checks,
      page: result.page(figure: result.figure(command: line).svg(), command: line))
  }
}

extension Study {
  /// A complete program for just this study, with `resume`, `verify` and so on.
  public func main() -> Never {
    Program.main(
      name, summary: claim, tools: StudyProgram.tools(alone: self), version: Provenance.version,
      check: InstructionSetRequest.check)
  }
}

extension StudyProgram {
  /// Carries out a part, which has its own journal and touches nothing else.
  private static func carryOut<Kind: Study>(
    _ part: Shard, of study: Kind, _ request: Kind.Request, in folder: ResultsFolder,
    _ options: ParsedOptions, jobs: Int
  ) throws -> ExitStatus {
    let journal = try Journal(
      in: folder, of: study.runKind, named: part.journalName, setsDamageAside: true)
    tellDamage(journal)
    // Runs that other parts have finished, for example of another division, are not repeated. These parts may be writing: what
    // cannot be read is left out.
    for name in folder.journalNames where name != part.journalName {
      if let lines = try? Journal.readable(in: folder, of: study.runKind, named: name).lines {
        journal.know(lines)
      }
    }
    Interrupts.noteThatFinishedWorkIsKept()
    do {
      try request.carryOut(
        part,
        in: StudySession(
          of: request.sweepKey, jobs: jobs, journal: journal, observer: ProgressObserver(),
          folder: folder, policy: StudyOptions.policy(options)))
    } catch let ended as SweepEnded {
      tell(ended, folder)
      return .interrupted
    }
    print(
      "part \(part): \(journal.count) runs in \(folder.file(part.journalName)); "
        + "\(Provenance.line(of: "collect", folder.path)) joins the parts once all have finished")
    return .done
  }
}

extension StudyProgram {
  /// Reports how far a sweep got before its limits ended it.
  private static func tell(_ ended: SweepEnded, _ folder: ResultsFolder) {
    print(
      "stopped by its limit in the stage \(ended.stage): \(ended.done) of its \(ended.runs) runs are done; "
        + "\(Provenance.line(of: "resume", folder.path)) continues it")
  }

  /// Reports which lines could not be trusted.
  private static func tellDamage(_ journal: Journal) {
    guard let file = journal.damage.movedTo else { return }
    let numbers = journal.damage.numbers
    print(
      "damaged: \(numbers.count == 1 ? "line" : "lines") \(words(numbers)) of \(journal.name ?? ""); set aside in \(file), and "
        + "\(numbers.count == 1 ? "its run is" : "their runs are") made again")
  }

  /// The first of some numbers of lines.
  static func words(_ numbers: [Int]) -> String {
    numbers.prefix(5).map(String.init).joined(separator: ", ") + (numbers.count > 5 ? ", ..." : "")
  }

  /// Reports how many runs continue from a saved state.
  private static func tellRunsUnderWay(in folder: ResultsFolder) {
    let count = CheckpointFiles.names(in: folder.checkpoints).count
    if count > 0 {
      print(
        "in progress: \(count) \(count == 1 ? "run continues" : "runs continue") from a saved state"
      )
    }
  }
}

/// How a study came out.
struct StudyOutcome {
  let status: ExitStatus
  /// Its predictions next to its measurements, and its report; none where it was not carried out in full.
  var checks: [Check] = []
  var page: HTMLReport?
}

/// The request in a record.
private struct Recorded<Configuration: Decodable>: Decodable {
  let configuration: Configuration
  let data: DataRecord?
}

/// The summary in a record.
private struct RecordedSummary<Summary: Decodable>: Decodable {
  let summary: Summary?
}

extension ResultsFolder {
  /// Writes the record of a study whose parts have their own journals, without locking the folder.
  fileprivate func beginInParts<Configuration, Summary>(
    _ record: StudyRecord<Configuration, Summary>, grows: () throws(Problem) -> Bool
  ) throws {
    let isGrown = try prepare(study: record.study, sweepKey: record.sweepKey, grows: grows)
    if status == nil || isGrown { try write(json: record, to: "record.json") }
  }

  /// Whether the record has this summary: the same runs may be requested with another reference.
  fileprivate func holds<Summary: Codable>(_ summary: Summary) throws -> Bool {
    guard let recorded = record(RecordedSummary<Summary>.self)?.summary else { return false }
    return try JSONText.encoder.encode(recorded) == JSONText.encoder.encode(summary)
  }

  /// Whether the files that every study writes exist.
  fileprivate var holdsPublication: Bool {
    Self.alwaysPublishedNames.allSatisfy { RegularFile.size(file($0)) != nil }
  }
}
