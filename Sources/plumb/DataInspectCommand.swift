import Console
import Datasets
import Experiments
import Findings
import Foundation

/// `plumb data inspect`: what a file holds, and what a network will suffer from.
enum DataInspectCommand {
  private static let source = Argument(
    "FILE", DataOptions.source,
    help: "a file or folder of data, or data by name such as glyphs or mnist")
  private static let outputs = Option(
    "outputs", "N", .integer(in: 1...10_000_000),
    help: "the number of outputs of the intended network: labels beyond it are reported")
  private static let json = Option("json", "FILE", .output(), help: "writes the result as JSON")

  static let command = Command(
    "data inspect", summary: "what a file holds, how train reads it, and what is wrong with it",
    discussion: """
      Lists every array or column with type, shape and range; then the examples and labels that plumb train would use; \
      then any problems found: constant or unscaled features, class imbalance, duplicates within and across sets, identical \
      examples with different labels, labels out of range, non-finite values, and sets that come from different \
      distributions.

      The exit status is 1 if a problem makes the data unusable, or if an array cannot be read.
      """,
    arguments: [source], options: DataOptions.all + [outputs, json],
    examples: [
      Command.Example("plumb data inspect digits.npz --outputs 10", "a file with arrays"),
      Command.Example("plumb data inspect houses.csv --label-column price", "a table"),
      Command.Example("plumb data inspect two-spirals:count=500,noise=0.1", "generated data"),
    ])

  /// The result as JSON.
  private struct Result: Encodable {
    let inspection: DataInspection
    let distribution: DistributionCheck?
    let findings: [Finding]
  }

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    let (inspection, sets) = try DataInspection.inspecting(
      source: options[source], options: DataOptions.reading(options))
    if let sets { try DataOptions.refuseIdle(options, for: sets, of: options[source]) }
    let judgement = sets.map { DataJudgement(of: $0, outputCount: options[outputs]) }
    let check = judgement?.distribution
    let findings = judgement?.findings ?? DataJudgement.findings(in: inspection)
    if let path = options[json] {
      let result = Result(inspection: inspection, distribution: check, findings: findings)
      try AtomicFile.write(JSONText.prettyEncoder.encode(result), to: path)
    }
    print(inspection)
    if let check, !check.comparisons.isEmpty { print("\n\(check)") }
    if !findings.isEmpty {
      print("\n" + DataJudgement.text(findings))
    } else if sets != nil {
      print("\nno problems were found")
    }
    let isUsable =
      inspection.refusal == nil && !inspection.hasUnreadableArray
      && !findings.contains { $0.severity == .error }
    return isUsable ? .done : .answerIsNo
  }
}
