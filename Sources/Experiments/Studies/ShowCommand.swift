import Console
import Datasets
import Diagnosis
import Findings
import Foundation
import Plumbline

/// `show`: what a folder holds, or one run of it.
enum ShowCommand {
  private static let folder = Argument(
    "DIR", .input("the folder", files: { _ in [] }),
    help: "the folder given to --out, a file made by bundle, or the name of a study")
  private static let run = Argument<String?>(
    optional: "RUN", .text, help: "the key of a run, or a unique prefix of it")

  private static let parameters = Option(
    "parameters", "FILE", .output(endings: [".npz", ".safetensors"]),
    help:
      "repeats the run and writes its final parameters as plumb train does, if they equal the recorded ones to the bit"
  )

  static let command = Command(
    "show", summary: "shows the runs of a folder, or one run with its curve and diagnosis",
    discussion: "For a study, it shows claim, source and cost.",
    arguments: [folder, run], options: [parameters, VerifyCommand.data, StudyOptions.jobs],
    examples: [
      Command.Example("\(Provenance.program) show results/depth-0a1b2c3d", "one line per run"),
      Command.Example(
        "\(Provenance.program) show results/depth-0a1b2c3d 5f0c",
        "the run whose key begins with 5f0c"),
      Command.Example(
        "\(Provenance.program) show results/depth-0a1b2c3d 5f0c --parameters trained.npz",
        "its network"),
      StoredStudy.example("show results/d", "the runs of a small study"),
    ])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    if FilePaths.isFolder(options[folder]) == nil,
      let study = studies.first(where: { $0.name == options[folder] })
    {
      print(ListCommand.text(study), terminator: "")
      return .done
    }
    let recorded = try RecordedRuns(path: options[folder], studies)
    guard let name = options[run] else {
      guard options[parameters] == nil else {
        throw Problem(
          setting: "parameters", problem: "no run is given",
          remedy: "give its key: \(Provenance.program) show DIR lists them")
      }
      print(table(recorded.runs).text(), terminator: "")
      return .done
    }
    let matches = recorded.runs.filter { $0.key.hasPrefix(name) }
    guard let match = matches.first, matches.count == 1 else {
      throw Problem(
        subject: options[folder],
        problem: matches.isEmpty
          ? "no run's key begins with \(name)"
          : "the keys of \(matches.count) runs begin with \(name)",
        remedy: matches.isEmpty
          ? "\(Provenance.program) show DIR lists them" : "give more of the key")
    }
    print(text(match), terminator: "")
    guard let path = options[parameters] else { return .done }
    return try save(match.line, to: path, studies, options)
  }

  /// Repeats a run, and writes the values at its end if the run comes out as recorded.
  private static func save(
    _ line: RunLine, to path: String, _ studies: [any Study], _ options: ParsedOptions
  ) throws -> ExitStatus {
    let stored = try StoredStudy(
      inFolder: options[folder], among: studies, data: VerifyCommand.data, options)
    func repeated(_ study: some Study) throws -> RepeatedRun? {
      let request = try study.request(stored.options)
      try stored.folder.require(study: study.name, sweepKey: request.sweepKey)
      let jobs = options[StudyOptions.jobs] ?? ProcessInfo.processInfo.activeProcessorCount
      return try request.repeated(line, workers: Workers(jobs))
    }
    guard let again = try repeated(stored.study) else {
      throw Problem(
        subject: options[folder],
        problem:
          "the run \(line.key) does not train a network, or is not requested by the folder's command",
        remedy: "give the key of a training: \(Provenance.program) show DIR lists them")
    }
    guard line.agrees(with: again.line) else {
      print(
        "The run came out differently, so \(path) is not written; "
          + "\(Provenance.line(of: "verify", options[folder])) --run \(line.key) shows how.")
      return .answerIsNo
    }
    try ParameterFile.write(again.parameters, to: path)
    print("\(path): the final parameters of the run, which was repeated with the same bits")
    return .done
  }

  private static func table(_ runs: [RecordedRuns.Run]) -> Table {
    guard runs.contains(where: { $0.training != nil }) else {
      var table = Table(["run", Table.Column("what was measured", .left)])
      for run in runs { table.add([run.key, run.summary.title]) }
      return table
    }
    var table = Table([
      Table.Column("run", .left), Table.Column("cell", .left), Table.Column("phase", .left), "seed",
      "rate", "training loss", "training error", Table.Column("diagnosis", .left),
    ])
    for run in runs {
      let training = run.training
      table.add([
        run.key, run.summary.title, training?.phase ?? "", training.map { "\($0.seed)" } ?? "",
        training.map { NumberFormat.plain($0.learningRate) } ?? "",
        training.map { $0.loss.map { NumberFormat.significant($0, digits: 4) } ?? "diverged" }
          ?? "",
        training?.error.map { NumberFormat.percent($0, decimals: 2) } ?? "",
        (training?.diagnosis ?? []).map(\.cause.rawValue).joined(separator: ", "),
      ])
    }
    return table
  }

  private static func text(_ run: RecordedRuns.Run) -> String {
    var parts = ["run \(run.key): \(run.summary.title)\n", fields(of: run.line).text()]
    if let training = run.training {
      if !training.epochLosses.isEmpty { parts.append(curve(training.epochLosses).text()) }
      if !training.diagnosis.isEmpty { parts.append("diagnosis:\n") }
      parts += training.diagnosis.map { "  \(words($0))\n" }
    }
    return parts.joined()
  }

  private static func curve(_ losses: [Double]) -> Table {
    var curve = Table(["epoch", "mean loss of its batches", Table.Column("", .left)])
    let (least, greatest) = (losses.min() ?? 0, losses.max() ?? 1)
    for (epoch, loss) in zip(1..., losses) {
      let share = greatest > least ? (loss - least) / (greatest - least) : 0
      curve.add([
        "\(epoch)", NumberFormat.significant(loss, digits: 4),
        String(repeating: "#", count: 1 + Int(39 * share)),
      ])
    }
    return curve
  }

  private static func words(_ finding: Finding.Summary) -> String {
    let began = [finding.layer.map { "at \($0)" }, finding.step.map { "from step \($0)" }]
      .compactMap(\.self).joined(separator: ", ")
    return "\(finding.cause.rawValue)\(began.isEmpty ? "" : " (\(began))"): \(finding.symptom)"
  }

  /// Every field of a line as it is recorded, for any kind of run, except fields that are shown in other ways.
  private static func fields(of line: RunLine) -> Table {
    let object = (try? JSONSerialization.jsonObject(with: line.text)) as? [String: Any] ?? [:]
    let hidden: Set = ["key", "epochs", "diagnosis", "host"]
    var table = Table([Table.Column("field", .left), Table.Column("value", .left)])
    for (name, value) in object.sorted(by: { $0.key < $1.key }) where !hidden.contains(name) {
      table.add([name, words(value)])
    }
    return table
  }

  private static func words(_ value: Any) -> String {
    if value is NSNull { return "none" }
    // In JSON, true and false are decoded as numbers too.
    if let number = value as? NSNumber, ["c", "B"].contains(String(cString: number.objCType)) {
      return number.boolValue ? "yes" : "no"
    }
    if let list = value as? [Any] { return list.map(words).joined(separator: ", ") }
    if let fields = value as? [String: Any] {
      return fields.sorted { $0.key < $1.key }.map { "\($0.key)=\(words($0.value))" }
        .joined(separator: ", ")
    }
    return "\(value)"
  }
}
