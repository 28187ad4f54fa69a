import Console
import Experiments
import Foundation

/// `research NAME` for the studies that compare predictions with measurements.
enum StudyCommand {
  static let studies: [any Study.Type] = [
    SecondMoment.self, JacobianSpread.self, IdentityInsertion.self, LearningRateRules.self,
  ]

  private static let quick = Option(flag: "quick", help: "fewer draws")
  private static let out = Option(
    "out", "DIR", .path, help: "writes record.json, summary.csv, figure.svg and report.html there")
  private static let json = Option("json", "FILE", .path, help: "writes the checks as JSON")

  static func command(_ study: any Study.Type) -> Command {
    Command(
      study.name, summary: study.claim,
      discussion:
        "Source: \(study.source). Exit status 1 means that a measurement missed its prediction by "
        + "more than the tolerance.", options: [quick, out, json],
      examples: [Command.Example("research \(study.name) --quick", "with fewer draws")])
  }

  static func run(_ name: String, _ options: ParsedOptions) throws -> ExitStatus {
    guard let study = studies.first(where: { $0.name == name }) else {
      fatalError("no study \(name)")
    }
    try OutputFile.check(options[json], folder: options[out])
    let effort: Effort = options[quick] ? .quick : .full
    let folder = options[out].map(ResultsFolder.init)
    let provenance = Provenance()
    let key = "\(name)-\(options[quick] ? "quick" : "full")"
    try folder?.prepare(study: name, sweepKey: key, executableHash: nil)
    let findings = try study.findings(effort)
    print("claim: \(study.claim)\nsource: \(study.source)\n")
    print(table(findings.checks).text())
    print(findings.hold ? "The claim holds." : "The claim does not hold.")
    if let folder {
      let record = StudyRecord<[String: String], [Check]>(
        study: name, sweepKey: key, provenance: provenance,
        configuration: ["effort": options[quick] ? "quick" : "full"], data: nil
      ).completed(with: findings.checks)
      let figure = findings.figure.svg()
      try folder.write(Data(findings.csv.utf8), to: "summary.csv")
      try folder.write(Data(figure.utf8), to: "figure.svg")
      try folder.write(
        Data(findings.html(study: study, figure: figure).utf8), to: "report.html")
      try folder.write(json: record, to: "record.json")
      print("figure: \(folder.file("figure.svg"))")
    }
    if let path = options[json] {
      try AtomicFile.write(JSONText.prettyEncoder.encode(findings.checks), to: path)
    }
    return findings.hold ? .done : .answerIsNo
  }

  /// Predictions beside measurements.
  static func table(_ checks: [Check]) -> Table {
    var table = Table([
      Table.Column("quantity", .left), "predicted", "measured", "± (1 s.e.)", "off by", "tolerance",
      Table.Column("verdict", .left),
    ])
    for check in checks {
      func number(_ value: Double) -> String { NumberFormat.significant(value) }
      let isEqual = check.relation == .equal
      table.add(
        check.quantity, isEqual ? number(check.predicted) : check.prediction,
        isEqual
          ? number(check.measured)
          : check.measurement { NumberFormat.significant($0, digits: 3) },
        isEqual ? NumberFormat.significant(check.standardError, digits: 2) : "",
        isEqual ? NumberFormat.percent(check.deviation) : "",
        isEqual ? NumberFormat.percent(check.tolerance) : "",
        check.holds ? "holds" : "DOES NOT HOLD")
    }
    return table
  }
}

/// `research list`: every study with its claim, source and cost.
enum ListCommand {
  static let command = Command(
    "list", summary: "every study: its claim, source, and what it costs")

  static func run() -> ExitStatus {
    var table = Table([
      Table.Column("study", .left), Table.Column("claim", .left), Table.Column("source", .left),
      Table.Column("--quick", .left), Table.Column("full", .left),
    ])
    let depth = DepthCommand.self
    table.add("depth", depth.claim, depth.source, depth.cost.quick, depth.cost.full)
    for study in StudyCommand.studies {
      table.add(study.name, study.claim, study.source, study.cost.quick, study.cost.full)
    }
    print(table.text(), terminator: "")
    return .done
  }
}

/// `research all`: every study, and a table of claims.
enum AllCommand {
  private static let quick = Option(flag: "quick", help: "the quick form of every study")

  static let command = Command(
    "all", summary: "every study, and a table of predictions and measurements", options: [quick])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    var checks: [Check] = []
    for study in StudyCommand.studies {
      let findings = try study.findings(options[quick] ? .quick : .full)
      checks += findings.checks
    }
    print(StudyCommand.table(checks).text())
    let depth = try DepthCommand.run(DepthCommand.command.parse(options[quick] ? ["--quick"] : []))
    return checks.allSatisfy(\.holds) ? depth : .answerIsNo
  }
}
