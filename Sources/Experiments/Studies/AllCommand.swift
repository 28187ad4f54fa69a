import Console
import Foundation
import Plots

/// `all`: every study that makes a claim, the table of claims, and a page with all figures.
enum AllCommand {
  private static let out = Option(
    "out", "DIR", .outputFolder([pageName]), defaultText: "results",
    help: "where each study's folder and the page \(pageName) go; stopped studies continue there")
  private static let pageName = "claims.html"

  static let command = Command(
    "all",
    summary: "runs every study that makes a claim and tabulates predictions and measurements",
    discussion:
      "The table and all figures are also written to one self-contained page, \(pageName). Exit status 1 means that a claim did not hold.",
    options: [StudyOptions.quick, out, StudyOptions.jobs],
    examples: [Command.Example("\(Provenance.program) all --quick", "in a few minutes")])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    let folder = options[out] ?? "results"
    let words =
      (options[StudyOptions.quick] ? ["--quick"] : [])
      + (options[StudyOptions.jobs].map { ["--jobs", "\($0)"] } ?? [])
    var outcomes: [(study: any Study, outcome: StudyOutcome)] = []
    for study in studies where study.makesClaim {
      print("=== \(study.name)\n")
      let own = try study.command.adding(StudyOptions.all).parse(words)
      let outcome = try StudyProgram.run(
        study, own, command: CommandLine.arguments.prefix(1) + [study.name] + words,
        folder: options[out].map { FilePaths.joined($0, study.name) }, json: nil)
      outcomes.append((study, outcome))
      print()
    }
    print("=== all\n")
    for (study, outcome) in outcomes where !outcome.checks.isEmpty {
      print("\(study.name): \(study.claim)\n\(Check.table(outcome.checks).text())")
    }
    for (study, outcome) in outcomes {
      print("\(outcome.status == .done ? "holds        " : "DOES NOT HOLD")  \(study.name)")
    }
    let others = studies.filter { !$0.makesClaim }.map(\.name)
    if !others.isEmpty {
      print("\nnot run, because they claim nothing: \(others.joined(separator: ", "))")
    }
    let path = FilePaths.joined(folder, pageName)
    try AtomicFile.write(Data(page(outcomes, idle: others).text.utf8), to: path)
    print("\nall claims and figures: \(path)")
    return outcomes.last { $0.outcome.status != .done }?.outcome.status ?? .done
  }

  /// The page: how many claims hold, the table of them with links, and then the report of each study.
  private static func page(
    _ outcomes: [(study: any Study, outcome: StudyOutcome)], idle: [String]
  ) -> HTMLReport {
    let held = outcomes.count { $0.outcome.status == .done }
    var parts: [HTMLReport.Part] = [
      .verdict("\(held) of \(outcomes.count) claims hold."),
      .table(
        header: ["study", "claim", "checks that hold", "verdict"],
        rows: outcomes.map { study, outcome in
          [
            study.name, study.claim,
            outcome.checks.isEmpty
              ? "" : "\(outcome.checks.count(where: \.holds)) of \(outcome.checks.count)",
            outcome.status == .done ? "holds" : "does not hold",
          ]
        }),
    ]
    if !idle.isEmpty {
      parts.append(
        .paragraph("Not run, because they claim nothing: \(idle.joined(separator: ", "))."))
    }
    for (study, outcome) in outcomes {
      if let page = outcome.page { parts += [.heading(study.name)] + page.parts }
    }
    return HTMLReport(title: "Claims about depth, predicted and measured", parts)
  }
}
