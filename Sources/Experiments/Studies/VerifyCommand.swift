import Console
import Findings
import Foundation

/// `verify`: repeats runs of a stored study and compares them with what was recorded.
enum VerifyCommand {
  private static let folder = Argument(
    "DIR", .input("the folder", files: { _ in [] }),
    help: "the folder given to --out, or a file made by bundle")
  private static let run = Option(
    "run", "KEY", .text,
    help: "repeats one run, given by its key or a unique prefix of it")
  static let data = Option(
    "data", "FILE|NAME", .input("the data", files: { _ in [] }), defaultText: "as in the command",
    help: "the data, for a bundle that does not include them")
  private static let sample = Option(
    "runs", "N", .integer(in: 1...1_000_000_000), default: 10,
    help: "the number of runs to repeat, spread over all of them")
  private static let all = Option(flag: "all", help: "repeats every run")

  static let command = Command(
    "verify", summary: "repeats runs of a stored study and reports the first that differs",
    discussion:
      "What may vary (times, the host) is not compared. Exit status 1 means that a run came out differently; the first such run "
      + "is reported, with its first differing number and any differences in program and machine. Nothing is "
      + "written into the folder.",
    arguments: [folder], options: [sample, all, run, data, StudyOptions.jobs],
    examples: [
      Command.Example("\(Provenance.program) verify results/depth-0a1b2c3d", "ten runs of a sweep"),
      Command.Example("\(Provenance.program) verify results/depth-0a1b2c3d --all", "all of them"),
      StoredStudy.example("verify results/d", "a small study"),
    ])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    let jobs = options[StudyOptions.jobs] ?? ProcessInfo.processInfo.activeProcessorCount
    let stored = try StoredStudy(inFolder: options[folder], among: studies, data: data, options)
    func carryOut(_ study: some Study) throws -> ExitStatus {
      let request = try study.request(stored.options)
      try stored.folder.require(study: study.name, sweepKey: request.sweepKey)
      try request.check(jobs: jobs)
      let lines = try Journal.recorded(in: stored.folder, of: study.runKind)
      guard !lines.isEmpty else {
        throw Problem(
          subject: stored.folder.path, problem: "no run is recorded there",
          remedy: "run the study first: \(Provenance.program) resume DIR")
      }
      let chosen = try chosen(of: lines, options)
      let others = lines.indices.filter { !chosen.contains($0) }.map { lines[$0] }
      let journal = Journal(replaying: others)
      _ = try request.result(
        in: StudySession(
          of: request.sweepKey, jobs: jobs, journal: journal, observer: ProgressObserver()))
      return try report(chosen.map { lines[$0] }, journal, stored)
    }
    return try carryOut(stored.study)
  }

  /// The positions of the lines whose runs are repeated.
  private static func chosen(of lines: [RunLine], _ options: ParsedOptions) throws(Problem) -> [Int]
  {
    guard let key = options[run] else {
      return chosen(
        of: lines.count, options[all] ? lines.count : min(lines.count, options[sample]))
    }
    let matches = lines.indices.filter { lines[$0].key.hasPrefix(key) }
    guard matches.count == 1 else {
      throw Problem(
        subject: options[folder],
        problem: matches.isEmpty
          ? "no run's key begins with \(key)"
          : "the keys of \(matches.count) runs begin with \(key)",
        remedy: matches.isEmpty
          ? "\(Provenance.program) show DIR lists them" : "give more of the key")
    }
    return matches
  }

  /// Positions spread evenly, the first and the last among them.
  static func chosen(of count: Int, _ number: Int) -> [Int] {
    if number == 1 { return [count - 1] }
    return (0..<number).map { $0 * (count - 1) / (number - 1) }
  }

  private static func report(
    _ lines: [RunLine], _ journal: Journal, _ stored: StoredStudy
  ) throws -> ExitStatus {
    var (same, missing) = (0, 0)
    var first: (line: RunLine, again: RunLine)?
    for line in lines {
      guard let again = journal.line(key: line.key) else {
        missing += 1
        continue
      }
      if line.agrees(with: again) { same += 1 } else { first = first ?? (line, again) }
    }
    print("\(same) of \(lines.count) runs came out as they were recorded")
    if missing > 0 {
      print("\(missing) are no longer requested by the command that made the folder")
    }
    guard let first else { return .done }
    print("the first that differs: \(first.line.title)")
    if let difference = first.line.difference(from: first.again) { print("  \(difference)") }
    let changes = stored.provenance.differences(from: Provenance())
    print(
      changes.isEmpty
        ? "  program and machine are the same"
        : "  different here: " + changes.joined(separator: "; "))
    return .answerIsNo
  }
}

extension RunLine {
  /// What distinguishes the run from others, in words: its fields that are names, numbers or texts.
  fileprivate var title: String {
    let names = ["study", "quantity", "arm", "depth", "width", "learning_rate", "seed", "phase"]
    let fields = names.compactMap { name in self.fields[name].map { "\(name) \($0)" } }
    return fields.isEmpty ? key : fields.joined(separator: ", ")
  }

  private var fields: [String: Any] { lastingFields as? [String: Any] ?? [:] }

  /// The first difference between two lines of one run, in words: the first epoch that differs, or else a field.
  fileprivate func difference(from other: RunLine) -> String? {
    let (own, others) = (fields, other.fields)
    func isSame(_ one: Any?, _ other: Any?) -> Bool {
      NSDictionary(dictionary: ["value": one ?? NSNull()])
        == NSDictionary(dictionary: ["value": other ?? NSNull()])
    }
    if let epochs = own["epochs"] as? [[String: Any]],
      let again = others["epochs"] as? [[String: Any]],
      let index = zip(epochs, again).enumerated().first(where: {
        !isSame($0.element.0, $0.element.1)
      })?.offset
    {
      return
        "epoch \(epochs[index]["epoch"] ?? index + 1): recorded \(epochs[index]), and now \(again[index])"
    }
    let names = Set(own.keys).union(others.keys).subtracting(["epochs"]).sorted()
    return names.first { !isSame(own[$0], others[$0]) }
      .map { "\($0): recorded \(own[$0] ?? "nothing"), and now \(others[$0] ?? "nothing")" }
  }
}

extension Provenance {
  /// What is different about another program or machine, in words.
  fileprivate func differences(from other: Provenance) -> [String] {
    let pairs: [(String, String?, String?)] = [
      ("source", sourceRevision, other.sourceRevision),
      ("program", executableHash, other.executableHash), ("compiler", toolchain, other.toolchain),
      ("processor", processor, other.processor),
      ("instruction set", instructionSet, other.instructionSet),
      ("system", operatingSystem, other.operatingSystem),
    ]
    return pairs.compactMap { name, recorded, now in
      recorded == now ? nil : "\(name) \(now ?? "unknown"), recorded with \(recorded ?? "unknown")"
    }
  }
}
