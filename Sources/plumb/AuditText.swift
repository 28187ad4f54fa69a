import Console
import Findings
import Verification

/// What `plumb audit` prints.
struct AuditText {
  private(set) var text: String

  init(_ report: AuditReport) {
    let reading = report.reading
    var lines = [
      "network \(reading.network); \(reading.loss), \(reading.costScale)"
        + (reading.penalty.isEmpty ? "" : ", plus \(reading.penalty)")
        + "; layout \(reading.layout)"
    ]
    if let yours = report.cost.yours {
      lines.append(
        "cost: yours \(NumberFormat.significant(yours, digits: 9)), here "
          + NumberFormat.significant(report.cost.ours, digits: 9))
    }
    lines += Self.names(reading)
    lines += report.remarks
    var table = Table("quantity", "verdict", "relative error", "cause")
    for item in report.items {
      // Two values that are 0 but for rounding are right, however large their distance is next to themselves.
      let error = item.relativeError.map {
        item.verdict == .pass && $0 > 0.01 ? "rounding" : NumberFormat.significant($0, digits: 2)
      }
      table.add(
        report.inOwnNames(item.quantity.description), item.verdict.rawValue.uppercased(),
        error ?? "not given",
        item.cause?.id.rawValue ?? "")
    }
    if report.verdict != .undecided || report.undecided == nil { lines.append("\n" + table.text()) }
    lines.append(report.inOwnNames(report.paragraph))
    // Where some gradient is right, the program is one that the audit knows.
    let isKnown = report.items.contains {
      $0.verdict == .pass && $0.quantity.description.hasPrefix("d")
    }
    if report.verdict == .undecided, !isKnown { lines.append("\n" + Self.otherWay) }
    text = lines.joined(separator: "\n").replacing("\n\n\n", with: "\n\n")
  }

  /// What checks a computation that the audit cannot read.
  static let otherWay =
    "Any computation at all can be checked from Python: plumbline.check(cost, parameters, gradients) evaluates your own function. "
    + "\"plumb python\" writes plumbline.py."

  /// Names that differ from ours, and what was not used.
  private static func names(_ reading: AuditReport.Reading) -> [String] {
    var lines: [String] = []
    let others = reading.names.filter { $0.key != $0.value }.sorted { $0.value < $1.value }
    if !others.isEmpty {
      var table = Table("yours", "read as")
      for (theirs, ours) in others { table.add(theirs, ours) }
      lines.append("\n" + table.text())
    }
    if !reading.ignored.isEmpty {
      lines.append("not used: " + reading.ignored.joined(separator: ", "))
    }
    if !reading.notJudged.isEmpty {
      lines.append("not judged: " + reading.notJudged.joined(separator: ", "))
    }
    return lines
  }
}

/// The result as JSON.
struct AuditResult: Encodable {
  struct Cost: Encodable {
    let yours: Double?, ours: Double?
  }
  struct Divergence: Encodable {
    let quantity: String, layer: Int
  }
  struct Cause: Encodable {
    let id: CauseID, factor: Double?, confidence: Double, explanation: String
  }
  struct Tensor: Encodable {
    let name: String, verdict: Verdict, relativeError: Double?, cause: Cause?

    private enum CodingKeys: String, CodingKey {
      case name, verdict, relativeError, cause
    }
    // A missing cause is written as null.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(verdict, forKey: .verdict)
      try container.encode(relativeError, forKey: .relativeError)
      try container.encode(cause, forKey: .cause)
    }
  }
  struct Reading: Encodable {
    let names: [String: String], ignored: [String], notJudged: [String]
    let layout: String, loss: String, costScale: String, penalty: String, network: String
  }
  let verdict: AuditReport.Answer
  let cost: Cost
  let firstDivergence: Divergence?
  let tensors: [Tensor]
  let remarks: [String]
  let summary: String
  let read: Reading
  let findings: [Finding]

  init(_ report: AuditReport) {
    verdict = report.verdict
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    cost = Cost(yours: finite(report.cost.yours), ours: finite(report.cost.ours))
    firstDivergence = report.firstDivergence.map {
      Divergence(quantity: $0.quantity.description, layer: $0.quantity.layer)
    }
    tensors = report.items.map { item in
      Tensor(
        name: item.quantity.description, verdict: item.verdict,
        relativeError: finite(item.relativeError),
        cause: item.cause.map {
          Cause(
            id: $0.id, factor: finite($0.factor), confidence: $0.confidence,
            explanation: $0.explanation)
        })
    }
    remarks = report.remarks
    summary = report.paragraph
    let reading = report.reading
    read = Reading(
      names: reading.names, ignored: reading.ignored, notJudged: reading.notJudged,
      layout: reading.layout, loss: reading.loss, costScale: reading.costScale,
      penalty: reading.penalty, network: reading.network)
    findings = report.findings
  }

  private enum CodingKeys: String, CodingKey {
    case verdict, cost, firstDivergence, tensors, remarks, summary, read, findings
  }
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(verdict, forKey: .verdict)
    try container.encode(cost, forKey: .cost)
    try container.encode(firstDivergence, forKey: .firstDivergence)
    try container.encode(tensors, forKey: .tensors)
    try container.encode(remarks, forKey: .remarks)
    try container.encode(summary, forKey: .summary)
    try container.encode(read, forKey: .read)
    try container.encode(findings, forKey: .findings)
  }
}
