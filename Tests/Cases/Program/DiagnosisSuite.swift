import Console
import Diagnosis
import TrainingCases

/// How well the diagnosis of trainings does: runs that were broken on purpose, and healthy ones.
enum DiagnosisSuite: CaseSuite {
  private static let runs = Option(flag: "runs", help: "one line per run")
  private static let counts = Option(
    flag: "counts", help: "how often each cause was named rightly, as the diagnosis stores it")
  private static let jobs = Option(
    "jobs", "N", .integer(in: 1...256), default: 2, help: "how many runs at a time")

  static let command = Command(
    "diagnose",
    summary: "trainings that were broken on purpose, and healthy ones, next to fixed thresholds",
    discussion:
      "The rules were made while looking at the first half of the runs; the second is made of other seeds, widths "
      + "and depths.", options: [runs, counts, jobs])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    var isGood = true
    for half in CaseHalf.allCases {
      let clock = ContinuousClock()
      let start = clock.now
      let cases = try CarriedOutCases(half, jobs: options[jobs])
      let seconds = (clock.now - start) / .seconds(1)
      let scores = CaseScore.all(on: cases)
      if options[runs], let ours = scores.first { print(table(of: ours).text()) }
      if options[counts], half == .heldOut, let ours = scores.first { print(text(ofCounts: ours)) }
      let broken = scores.first?.detection.total ?? 0
      var table = Table(
        [
          Table.Column("rules", .left), "detected", "cause first", "layer and step",
          "false alarms",
        ],
        title: "\(half.rawValue) half: \(cases.specimens.count) runs, \(broken) of them broken, "
          + "\(NumberFormat.fixed(seconds, decimals: 1)) s")
      for score in scores {
        table.add(
          score.name, score.detection.description, score.cause.description,
          score.localization.description, score.falseAlarms.description)
      }
      print(table.text())
      isGood = isGood && scores.first?.falseAlarms.count == 0
    }
    print(
      """
      detected: something was found in a broken run. cause first: the first finding names what was done to it. layer and
      step: both right, where the run has such a location. false alarms: something was found in a healthy run.
      """)
    return isGood ? .done : .answerIsNo
  }

  /// The counts as the lines of ``Calibration/counts``.
  private static func text(ofCounts score: CaseScore) -> String {
    score.calibration.sorted { $0.key.rawValue < $1.key.rawValue }.map { cause, count in
      "\"\(cause.rawValue)\": Count(right: \(count.right), named: \(count.named)),\n"
    }.joined()
  }

  private static func table(of score: CaseScore) -> Table {
    var table = Table(
      Table.Column("run", .left), Table.Column("broken by", .left), Table.Column("found", .left))
    for row in score.rows {
      let truth = row.specimen.truth.map { truth in
        row.specimen.escaped
          ? "learned all the same" : truth.causes.map(\.rawValue).sorted().joined(separator: " or ")
      }
      let found = row.findings.map { finding in
        finding.cause.rawValue + (finding.location.layer.map { ", layer \($0)" } ?? "")
          + (finding.location.step.map { ", step \($0)" } ?? "")
      }
      table.add(row.specimen.name, truth ?? "", found.joined(separator: "; "))
    }
    return table
  }
}
