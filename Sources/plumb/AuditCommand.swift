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
    "layout", "NAME", ValueForm<ArrayLayout>.choice, defaultText: "told by shapes and values",
    help:
      "columns: W is out x in, examples are columns; rows: W is in x out, examples are rows; torch: W is out x "
      + "in, examples are rows")
  private static let json = Option("json", "FILE", .output(), help: "writes the result as JSON")
  private static let example = Option(
    "example", "FILE.npz", .output(),
    help: "writes such a file, of a backward pass with a mistake in it, and ends")
  private static let activations = Option(
    "activations", "NAMES",
    ValueForm<[Nonlinearity]>(
      accepted: "a list, each one of "
        + Nonlinearity.names.joined(separator: ", "), names: Nonlinearity.names, isList: true
    ) { Nonlinearity.list(spelled: $0) },
    defaultText: "told by Z and A or by the cost, or else relu and what the loss asks for",
    help: "one for all hidden layers, one for each hidden layer, or one for each layer")
  private static let output = Option(
    "output", "NAME",
    ValueForm<Nonlinearity>(
      accepted: "one of " + Nonlinearity.names.joined(separator: ", "),
      names: Nonlinearity.names
    ) { Nonlinearity(spelled: $0) },
    defaultText: "told by A or by the cost, or else sigmoid for one output, softmax for more",
    help: "the output's activation")
  private static let loss = Option(
    "loss", "NAME",
    ValueForm<ProgramLoss.Kind>(
      accepted: "one of " + ProgramLoss.Kind.names.joined(separator: ", "),
      names: ProgramLoss.Kind.names
    ) { ProgramLoss.Kind(spelled: $0) },
    defaultText: "told by the cost, or else what is customary after the output",
    help: "a sum, a mean or half of it: which, the cost tells")
  private static let names = Option(
    "names", "FILE.json", .input("the file of names"),
    help:
      "an object of names: those of the file with ours, as in {\"w0\": \"W1\", \"gw0\": \"dW1\"}")
  private static let name = Option(
    repeated: "name", "THEIRS=OURS",
    ValueForm<[String]>(accepted: "a name of the file and ours, as in w0=W1") { text in
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      return parts.count == 2 ? parts : nil
    }, help: "what an array is, where its name does not tell")

  static let command = Command(
    "audit", summary: "where a hand-written backward pass goes wrong first, and what was forgotten",
    discussion: """
      The file holds X, Y, the parameters W1, b1, ... and the gradients dW1, db1, ...; the more of Z1, A1, dZ1, dA1, \
      ... and cost it holds, the surer the answer. Three lines of NumPy write it, after the backward pass and before \
      the update:

      import numpy as np

      run = dict(X=X, Y=Y, cost=cost, **parameters, **cache, **gradients)

      np.savez("run.npz", **run)

      Other names are understood as well: w0, theta1, layer1_weights, fc1.weight with fc1.weight.grad, wih, syn0, \
      delta1, grad_W1 and the like, counted from 0 or 1. What was made of the file is printed. The cost decides which \
      loss the gradients are of, its scale, and whether it holds a penalty (save its strength as reg). Dropout masks \
      may be in it as D1, D2, ... (with keep_prob, where they are zeros and ones).

      A network of other layers is described by --network net.json. The parameters may have their paths for names, as in \
      0.weight with 0.weight.grad, or names of your own; shapes, their order in the file and the cost tell which is which, \
      also where a recurrence has an array for each gate.
      """,
    arguments: [file],
    options: [
      NetworkOptions.network, activations, output, loss, NetworkOptions.residual,
      NetworkOptions.branchScale, NetworkOptions.l1, NetworkOptions.l2, layout, names, name, json,
      example,
    ],
    examples: [
      Command.Example("plumb audit run.npz", "what values and cost tell need not be said"),
      Command.Example(
        "plumb audit run.npz --activations relu,relu,sigmoid", "a network of three layers"),
      Command.Example("plumb audit run.npz --l2 0.7 --json audit.json", "with L2 regularization"),
      Command.Example(
        "plumb audit --example wrong.npz; plumb audit wrong.npz",
        "an example, and what is wrong with it"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    if let path = options[example] {
      try AtomicFile.write(NPZFile.data(AuditExample.arrays), to: path)
      return .done
    }
    guard let path = options[file] else {
      throw Problem(
        .commandLine, problem: "plumb audit needs a file", remedy: "as in: plumb audit run.npz")
    }
    let report: AuditReport
    do {
      let saved = try SavedArrays(contentsOfFile: path)
      if case .file(let description) = options[NetworkOptions.network] {
        let network = try NetworkOptions.described(inFile: description).network()
        report = try NetworkAudit(
          network, loss: options[loss], saved: saved, names: given(options)
        ).report()
      } else {
        report = try Audit.report(on: saved, request(options))
      }
    } catch let problem as Problem {
      throw problem.naming { "--\($0.rawValue)" }
    }
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
        subject: path, problem: "is not an object of names",
        remedy: "write it as {\"w0\": \"W1\", \"gw0\": \"dW1\"}")
    }
    return names
  }
}
