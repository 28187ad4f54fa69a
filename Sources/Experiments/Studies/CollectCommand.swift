import Console
import Findings

/// `collect`: joins the parts of a sweep.
enum CollectCommand {
  private static let folder = Argument(
    "DIR", .input("the folder", files: { _ in [] }),
    help: "the folder given to --out for every part")

  static let command = Command(
    "collect", summary: "joins the parts of a sweep and publishes the results",
    discussion:
      "The parts are those that --shard I/N wrote into the folder. Their runs are added to runs.jsonl; figure, table and "
      + "report are the ones that a single machine would have made. Nothing is trained: missing runs are counted, "
      + "and existing ones are kept.",
    arguments: [folder], options: [StudyOptions.json],
    examples: [
      Command.Example(
        "\(Provenance.program) depth --shard 1/2 --out results/d", "one of two parts"),
      Command.Example("\(Provenance.program) collect results/d", "both, once they have finished"),
      StoredStudy.example(
        "collect results/d", "a small study in one part",
        "\(StudyOptions.shard.description.name) 1/1"),
    ])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    let stored = try StoredStudy(inFolder: options[folder], among: studies)
    try stored.folder.require(
      study: stored.study.name, sweepKey: try sweepKey(stored.study, stored.options))
    try join(stored)
    return try StudyProgram.run(
      stored.study, stored.options, command: stored.command, folder: stored.folder.path,
      json: options[StudyOptions.json], isRecordOnly: true
    ).status
  }

  private static func sweepKey(_ study: some Study, _ options: ParsedOptions) throws -> String {
    try study.request(options).sweepKey
  }

  /// Adds the runs of the parts to `runs.jsonl`, in an order that does not depend on when they ended.
  private static func join(_ stored: StoredStudy) throws {
    let (folder, kind) = (stored.folder, stored.study.runKind)
    let parts = folder.journalNames.filter(Shard.isJournal)
    guard !parts.isEmpty else {
      throw Problem(
        subject: folder.path, problem: "there are no parts of a sweep",
        remedy: "run them first: --shard 1/2 --out \(FilePaths.quoted(folder.path)) and so on"
      )
    }
    let lock = try folder.lock()
    let journal = try Journal(in: folder, of: kind, setsDamageAside: true)
    for name in parts {
      let (lines, damaged) = try Journal.readable(in: folder, of: kind, named: name)
      if !damaged.isEmpty {
        print(
          "damaged: line \(StudyProgram.words(damaged.map(\.number))) of \(name), which is left out; running that part again sets it aside and "
            + "repeats the affected runs")
      }
      let taken = try journal.take(lines.sorted { $0.key < $1.key }, from: folder.file(name))
      print("\(name): \(lines.count) runs, \(taken) of them new")
    }
    withExtendedLifetime(lock) {}
  }
}
