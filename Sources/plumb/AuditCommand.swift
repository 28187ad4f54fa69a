import Console
import Datasets
import Experiments
import Findings
import Foundation
import Networks
import Plumbline
import Verification

/// `plumb audit`: judges a hand-written backward pass.
enum AuditCommand {
  private static let file = Argument(
    optional: "FILE.npz", .input("the audited file"),
    help: "examples, parameters and gradients of one step")
  private static let layout = Option(
    "layout", "NAME", ValueForm<ArrayLayout>.choice, defaultText: "inferred from shapes and values",
    help: ArrayLayout.explanation)
  private static let json = Option("json", "FILE", .output(), help: "writes the result as JSON")
  private static let example = Option(
    "example", "FILE.npz", .output(),
    help: "writes such a file, from a backward pass with a mistake in it, and exits")
  private static let activations = Option(
    "activations", "NAMES",
    ValueForm<[Nonlinearity]>(
      accepted: "a list, each one of "
        + Nonlinearity.names.joined(separator: ", "), names: Nonlinearity.names, isList: true
    ) { Nonlinearity.list(spelled: $0) },
    defaultText:
      "inferred from Z and A or from the cost; otherwise relu and what the loss requires",
    help: "one for all hidden layers, one per hidden layer, or one per layer")
  private static let output = Option(
    "output", "NAME",
    ValueForm<Nonlinearity>(
      accepted: "one of " + Nonlinearity.names.joined(separator: ", "),
      names: Nonlinearity.names
    ) { Nonlinearity(spelled: $0) },
    defaultText:
      "inferred from A or from the cost; otherwise sigmoid for one output, softmax for more",
    help: "the output's activation")
  private static let loss = Option(
    "loss", "NAME",
    ValueForm<ProgramLoss.Kind>(
      accepted: "one of " + ProgramLoss.Kind.names.joined(separator: ", "),
      names: ProgramLoss.Kind.names
    ) { ProgramLoss.Kind(spelled: $0) },
    defaultText: "inferred from the cost; otherwise the usual one for the output",
    help: "whether it is a sum, a mean or half of one is inferred from the cost")
  private static let names = Option(
    "names", "FILE.json", .input("the file of names"),
    help:
      "an object that maps the file's names to ours, such as {\"w0\": \"W1\", \"gw0\": \"dW1\"}")
  private static let name = Option(
    repeated: "name", "THEIRS=OURS",
    ValueForm<[String]>(accepted: "the file's name and ours, such as w0=W1") { text in
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      return parts.count == 2 ? parts : nil
    }, help: "what an array is, if its name does not say; THEIRS=none leaves it out")

  static let command = Command(
    "audit",
    summary: "finds where a hand-written backward pass first goes wrong, and what was forgotten",
    discussion: """
      The file holds X, Y, the parameters W1, b1, ... and the gradients dW1, db1, ...; the more of Z1, A1, dZ1, dA1, \
      ... and cost it holds, the surer the answer. Three lines of NumPy write it, after the backward pass and before \
      the update:

      import numpy as np

      run = dict(X=X, Y=Y, cost=cost, **parameters, **cache, **gradients)

      np.savez("run.npz", **run)

      Other names are understood as well: w0, theta1, layer1_weights, fc1.weight with fc1.weight.grad, wih, syn0, \
      delta1, grad_W1 and the like, counted from 0 or 1. How the file was read is printed. The cost decides which \
      loss the gradients belong to, its scale, and whether it includes a penalty (save its strength as reg). Dropout masks \
      may be included as D1, D2, ... (with keep_prob, if they are zeros and ones).

      Describe a network with other layers by --network net.json. The parameters may be named by their paths, as in \
      0.weight with 0.weight.grad, or have your own names; shapes, their order in the file and the cost tell which is which, \
      even if a recurrence has an array per gate, or attention one for each of q, k and v.
      """,
    arguments: [file],
    options: [
      NetworkOptions.network, activations, output, loss, NetworkOptions.residual,
      NetworkOptions.branchScale, NetworkOptions.l1, NetworkOptions.l2, layout, names, name, json,
      example,
    ],
    examples: [
      Command.Example("plumb audit run.npz", "what values and cost reveal need not be given"),
      Command.Example(
        "plumb audit run.npz --activations relu,relu,sigmoid", "a three-layer network"),
      Command.Example("plumb audit run.npz --l2 0.7 --json audit.json", "with L2 regularization"),
      Command.Example(
        "plumb audit --example wrong.npz; plumb audit wrong.npz",
        "an example file, and what is wrong with it"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    if let path = options[example] {
      try AtomicFile.write(NPZFile.data(AuditExample.arrays), to: path)
      return .done
    }
    guard let path = options[file] else {
      throw Problem(
        .commandLine, problem: "plumb audit needs a file",
        remedy: "for example: plumb audit run.npz")
    }
    let report: AuditReport
    var remark: String?
    let saved = try SavedArrays(contentsOfFile: path)
    do {
      if case .file(let description) = options[NetworkOptions.network] {
        remark = unused(options, with: description)
        let network = try NetworkOptions.described(inFile: description).network()
        report = try NetworkAudit(
          network, loss: options[loss], saved: saved, names: given(options)
        ).report()
      } else {
        report = try Audit.report(on: saved, request(options))
      }
    } catch let problem as Problem {
      var problem = problem.naming { "--\($0.rawValue)" }
      problem.remedy += ". " + AuditText.otherWay
      throw problem
    }
    if let remark { print(remark + "\n") }
    print(AuditText(report).text)
    if let path = options[json] {
      try AtomicFile.write(JSONText.prettyEncoder.encode(AuditResult(report)), to: path)
    }
    switch report.verdict {
    case .pass, .kink: return .done
    case .fail: return .answerIsNo
    case .undecided: return .unusable
    }
  }

  /// Lists the options that an audit of a network in a file ignores; `nil` if there are none.
  private static func unused(_ options: ParsedOptions, with path: String) -> String? {
    let given: [(Bool, OptionDescription)] = [
      (options.isGiven(activations), activations.description),
      (options.isGiven(output), output.description),
      (options.isGiven(NetworkOptions.residual), NetworkOptions.residual.description),
      (options.isGiven(NetworkOptions.branchScale), NetworkOptions.branchScale.description),
      (options.isGiven(NetworkOptions.l1), NetworkOptions.l1.description),
      (options.isGiven(NetworkOptions.l2), NetworkOptions.l2.description),
      (options.isGiven(layout), layout.description),
    ]
    let names = given.filter(\.0).map(\.1.name)
    guard !names.isEmpty else { return nil }
    return
      "\(path) defines the network, and the cost is taken without a penalty: \(names.joined(separator: ", ")) "
      + "\(names.count == 1 ? "has" : "have") no effect."
  }

  private static func request(_ options: ParsedOptions) throws -> ReadingRequest {
    var request = ReadingRequest()
    request.functions = options[activations] ?? []
    request.output = options[output]
    request.loss = options[loss]
    request.layout = options[layout]
    if case .widths(let widths) = options[NetworkOptions.network] { request.widths = widths }
    request.isResidual = options[NetworkOptions.residual]
    request.branchScale = options[NetworkOptions.branchScale]
    if options.isGiven(NetworkOptions.l1) { request.absolutes = options[NetworkOptions.l1] }
    if options.isGiven(NetworkOptions.l2) { request.squares = options[NetworkOptions.l2] }
    request.names = try given(options)
    return request
  }

  private static func given(_ options: ParsedOptions) throws -> [String: String] {
    var given = try options[names].map { try readNames($0) } ?? [:]
    for pair in options[name] { given[pair[0]] = pair[1] }
    return given
  }

  private static func readNames(_ path: String) throws -> [String: String] {
    let file = try ByteSource(contentsOfFile: path)
    guard file.size <= 1 << 20,
      let names = try? JSONDecoder().decode(
        [String: String].self, from: Data(try file.read(file.size, at: 0)))
    else {
      throw Problem(
        subject: path, problem: "is not a JSON object of names",
        remedy: "write it like {\"w0\": \"W1\", \"gw0\": \"dW1\"}")
    }
    return names
  }
}
