import Console
import Findings
import Foundation
import Networks
import Plots
import Plumbline

/// `plumb draw`: the tape of a network as a picture.
enum DrawCommand {
  private static let out = Option(
    required: "out", "FILE", .output(endings: [".svg", ".dot", ".gv"]),
    help: "the output file: .svg for a picture, .dot or .gv for Graphviz")
  private static let batch = Option(
    "batch", "N", .integer(in: 1...1_000_000), default: 1,
    help: "batch size for the shapes, operations and bytes shown")

  static let command = Command(
    "draw", summary: "draws the operations of a network",
    discussion:
      "Draws what the tape records for one forward pass and the loss: a box for each operation with its layer, the "
      + "shape of its result, floating-point operations and bytes, and an arrow for each of its inputs.",
    options: NetworkOptions.described + [NetworkOptions.loss, batch, out],
    examples: [
      Command.Example("plumb draw --network net.json --out net.dot", "any network, for Graphviz"),
      Command.Example(
        "plumb draw --network 784,64,64,64,10 --residual --out graph.svg", "a residual network"),
    ])

  /// The most boxes that a picture can show; up to this number, the layout's time is close to linear.
  private static let boxLimit = 20_000

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    let path = options[out]
    guard let description = try NetworkOptions.description(options) else {
      throw Problem(
        subject: "--network", problem: "it is missing",
        remedy: "give the widths, as in --network 784,64,10, or a file that describes the network")
    }
    let network = try description.network()
    let tape = Self.tape(
      network, loss: options[NetworkOptions.loss] ?? .customary(for: description.output),
      batch: options[batch])
    guard tape.entries.count <= boxLimit else {
      throw Problem(
        setting: "network",
        problem: "its picture would have \(NumberFormat.count(tape.entries.count)) boxes",
        remedy: "draw a network with fewer layers: at most \(NumberFormat.count(boxLimit)) boxes")
    }
    let title =
      options[batch] == 1 ? "a pass with one example" : "a pass with \(options[batch]) examples"
    let drawing = tape.drawing(title: title)
    try AtomicFile.write(
      path.lowercased().hasSuffix(".svg") ? drawing.svg() : drawing.dot(), to: path)
    print(
      "\(NumberFormat.count(drawing.nodes.count)) boxes, \(NumberFormat.count(drawing.edges.count)) arrows: "
        + path)
    return .done
  }

  /// The tape of a forward pass, and of the loss if it applies to the outputs.
  private static func tape(_ network: Network, loss: LossFunction, batch: Int) -> Tape<Float> {
    let tape = Tape<Float>()
    let parameters = Parameters<Float>(of: network, key: Key(seed: 1))
    let pass = parameters.pass(on: tape, key: Key(seed: 1))
    let input = Tensor<Float>.zeros(Shape([batch] + network.description.input.extents))
    let outputs = network(pass.constant(input), pass)
    guard outputs.shape.rank == 2 else { return tape }
    let targets =
      loss == .crossEntropy
      ? Tensor<Float>(classes: Array(repeating: 0, count: batch)) : .zeros(outputs.shape)
    _ = loss(outputs, pass.constant(targets))
    return tape
  }
}
