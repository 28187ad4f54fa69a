import Console
import Datasets
import Experiments
import Foundation
import Verification

/// `plumb audit`: judges a hand-written backward pass.
enum AuditCommand {
  private static let file = Argument(
    optional: "FILE.npz", .path, help: "examples, parameters and gradients of one step")
  private static let layout = Option(
    "layout", "NAME", ValueForm<ArrayLayout>.choice, defaultText: "told by the shapes",
    help:
      "columns: W is out x in, examples are columns; rows: W is in x out, examples are rows; torch: W is out x "
      + "in, examples are rows")
  private static let json = Option("json", "FILE", .path, help: "writes the result as JSON")
  private static let network: [any OptionDeclaration] = [
    NetworkOptions.widths, NetworkOptions.activations, NetworkOptions.output, NetworkOptions.loss,
    NetworkOptions.residual, NetworkOptions.branchScale, NetworkOptions.l1, NetworkOptions.l2,
  ]

  static let command = Command(
    "audit", summary: "where a hand-written backward pass goes wrong first, and what was forgotten",
    discussion: """
      The file holds X, Y, the parameters W1, b1, ... and the gradients dW1, db1, ...; the more of Z1, A1, dZ1, dA1, \
      ... and cost it holds, the surer the answer. Three lines of NumPy write it, after the backward pass and before \
      the update:

      import numpy as np

      run = dict(X=X, Y=Y, cost=cost, **parameters, **cache, **gradients)

      np.savez("run.npz", **run)

      Dropout masks may be in it as D1, D2, ... (with keep_prob, where they are zeros and ones). Activations that are \
      not given are told from Z and A or from the cost, where these are in the file.
      """,
    arguments: [file], options: network + [layout, json],
    examples: [
      Command.Example(
        "plumb audit run.npz --activations relu,relu,sigmoid", "a network of three layers"),
      Command.Example("plumb audit run.npz --l2 0.7 --json audit.json", "with L2 regularization"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    try OutputFile.check(options[json])
    guard let path = options[file] else {
      throw RequestError("plumb audit needs a file, as in: plumb audit run.npz")
    }
    let file = try AuditFile(contentsOfFile: path)
    let layout = try file.layout(asked: options[layout])
    guard let widths = file.widths(layout) ?? options[NetworkOptions.widths] else {
      throw RequestError(
        "\(path): the widths of the network are not told by the shapes: give --network")
    }
    if let asked = options[NetworkOptions.widths], asked != widths {
      throw RequestError(
        "\(path): the arrays are those of a network \(text(widths)), and --network is \(text(asked)): "
          + "leave it out, or save the run of that network")
    }
    let told =
      options.isGiven(NetworkOptions.activations)
      ? nil : file.activations(layout, isResidual: options[NetworkOptions.residual])
    let network = try NetworkOptions.dense(
      options, widths: widths, activations: told, l1: file.l1, l2: file.l2)
    let report: AuditReport
    do {
      report = try Audit.report(on: file.run(layout), of: network)
    } catch {
      throw RequestError("\(path): \(error)")
    }
    print(
      "network \(text(widths)), \(network.activations.map(\.rawValue).joined(separator: ", ")), "
        + "\(network.loss.rawValue), layout \(layout.rawValue)"
        + (told == nil ? "" : " (activations told from the values)"))
    printReport(report)
    if let path = options[json] {
      try AtomicFile.write(JSONText.prettyEncoder.encode(AuditResult(report)), to: path)
    }
    return report.verdict == .fail ? .answerIsNo : .done
  }

  private static func text(_ widths: [Int]) -> String {
    widths.map(String.init).joined(separator: ",")
  }

  private static func printReport(_ report: AuditReport) {
    if let yours = report.cost.yours {
      print(
        "cost: yours \(NumberFormat.significant(yours, digits: 9)), "
          + "here \(NumberFormat.significant(report.cost.ours, digits: 9))")
    }
    for remark in report.remarks { print(remark) }
    var table = Table("quantity", "verdict", "relative error", "cause")
    for item in report.items {
      let error = item.relativeError.map { NumberFormat.significant($0, digits: 2) }
      table.add(
        item.quantity.description, item.verdict.rawValue.uppercased(), error ?? "not given",
        item.cause?.id.rawValue ?? "")
    }
    print("\n" + table.text())
    print(report.paragraph)
  }
}

/// The result as JSON.
private struct AuditResult: Encodable {
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
    // A cause that is not there is written as null.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(verdict, forKey: .verdict)
      try container.encode(relativeError, forKey: .relativeError)
      try container.encode(cause, forKey: .cause)
    }
  }
  let verdict: Verdict
  let cost: Cost
  let firstDivergence: Divergence?
  let tensors: [Tensor]
  let remarks: [String]
  let summary: String

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
        relativeError: item.relativeError.flatMap { $0.isFinite ? $0 : nil },
        cause: item.cause.map {
          Cause(
            id: $0.id, factor: $0.factor, confidence: $0.confidence, explanation: $0.explanation)
        })
    }
    remarks = report.remarks
    summary = report.paragraph
  }

  private enum CodingKeys: String, CodingKey {
    case verdict, cost, firstDivergence, tensors, remarks, summary
  }
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(verdict, forKey: .verdict)
    try container.encode(cost, forKey: .cost)
    try container.encode(firstDivergence, forKey: .firstDivergence)
    try container.encode(tensors, forKey: .tensors)
    try container.encode(remarks, forKey: .remarks)
    try container.encode(summary, forKey: .summary)
  }
}
