import Console
import Foundation
import Training

/// `plumb diagnose`: what is wrong with a stored run, again; and how well the diagnosis itself does.
enum DiagnoseCommand {
  private static let folder = Argument(
    optional: "DIR", .path, help: "what `plumb train --out DIR` wrote, or a diagnosis.json")
  private static let zoo = Option(
    flag: "zoo", help: "carries out the built-in zoo of healthy and broken runs and prints scores")
  private static let runs = Option(flag: "runs", help: "with --zoo: a line for each run")
  private static let jobs = Option(
    "jobs", "N", .integer(in: 1...256), default: 2, help: "with --zoo: how many runs at a time")
  private static let json = Option("json", "FILE", .path, help: "writes the diagnosis as JSON")

  static let command = Command(
    "diagnose", summary: "why a stored run did not learn, or not well",
    discussion:
      "The findings are made again from the evidence that the instruments of the run stored. With --zoo no "
      + "file is read: runs that were broken on purpose, and healthy ones, are carried out and diagnosed; the rules "
      + "were made while looking at the first half, and the second is made of other seeds, widths and depths.",
    arguments: [folder], options: [json, zoo, runs, jobs],
    examples: [
      Command.Example("plumb diagnose results/run", "the diagnosis of a stored run"),
      Command.Example(
        "plumb diagnose --zoo", "how well the diagnosis does, beside fixed thresholds"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    if options[zoo] {
      try printZoo(jobs: options[jobs], withRuns: options[runs])
      return .done
    }
    guard let path = options[folder] else {
      throw RequestError("plumb diagnose needs a folder, as in: plumb diagnose results/run")
    }
    let diagnosis = try stored(at: path).derivedAgain()
    let evidence = diagnosis.evidence
    func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 4) }
    print(
      "\(NumberFormat.count(evidence.stepCount)) steps on \(NumberFormat.count(evidence.exampleCount)) examples, "
        + "training loss \(number(evidence.train.loss)); an answer that ignores the input costs "
        + number(evidence.baseRate.loss))
    print("diagnosis: \(diagnosis)")
    if let path = options[json] { try AtomicFile.write(diagnosis.json(), to: path) }
    return .done
  }

  private static func stored(at path: String) throws -> Diagnosis {
    let file = path.hasSuffix(".json") ? path : path + "/diagnosis.json"
    guard let data = FileManager.default.contents(atPath: file) else {
      throw RequestError(
        "\(file): cannot be read; `plumb train ... --out DIR` writes it, and DIR is what to give")
    }
    do {
      return try Diagnosis(json: data)
    } catch {
      throw RequestError(
        "\(file): is no diagnosis of this version (\(place(error))); train again to write it anew")
    }
  }

  /// Where in the JSON text something is missing or wrong.
  private static func place(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let (context, what): (DecodingError.Context, String) =
      switch error {
      case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
      case .typeMismatch(_, let context), .valueNotFound(_, let context):
        (context, context.debugDescription)
      case .dataCorrupted(let context): (context, context.debugDescription)
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
      }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? what : "\(path): \(what)"
  }

  // MARK: The zoo

  private static func printZoo(jobs: Int, withRuns: Bool) throws {
    for half in ZooHalf.allCases {
      let clock = ContinuousClock()
      let start = clock.now
      let zoo = try TrainingZoo(half, jobs: jobs)
      let seconds = (clock.now - start) / .seconds(1)
      let scores = ZooScore.all(on: zoo)
      if withRuns, let ours = scores.first { print(table(of: ours).text()) }
      let broken = scores.first?.detection.total ?? 0
      var table = Table(
        [
          Table.Column("rules", .left), "detected", "cause first", "layer and step",
          "false alarms",
        ],
        title: "\(half.rawValue) half: \(zoo.specimens.count) runs, \(broken) of them broken, "
          + "\(NumberFormat.fixed(seconds, decimals: 1)) s")
      for score in scores {
        table.add(
          score.name, score.detection.description, score.cause.description,
          score.localization.description, score.falseAlarms.description)
      }
      print(table.text())
    }
    print(
      """
      detected: something was found in a broken run. cause first: the first finding names what was done to it. layer and
      step: both right, where the run has such a place. false alarms: something was found in a healthy run.
      """)
  }

  private static func table(of score: ZooScore) -> Table {
    var table = Table(
      Table.Column("run", .left), Table.Column("broken by", .left), Table.Column("found", .left))
    for row in score.rows {
      let truth = row.specimen.truth.map { truth in
        row.specimen.escaped
          ? "learned all the same" : truth.causes.map(\.rawValue).sorted().joined(separator: " or ")
      }
      let found = row.findings.map { finding in
        finding.cause.rawValue + (finding.layer.map { ", layer \($0)" } ?? "")
          + (finding.step.map { ", step \($0)" } ?? "")
      }
      table.add(row.specimen.name, truth ?? "", found.joined(separator: "; "))
    }
    return table
  }
}
