import Console
import Datasets
import Experiments
import Findings
import Foundation
import Plots
import Plumbline
import Verification

/// `plumb check`: the gradient of a network's cost against three oracles.
enum CheckCommand {
  private static let examples = Option(
    "examples", "M", .integer(in: 1...1_000_000), default: 100,
    help: "the number of random examples to check with")
  private static let seed = Option(
    "seed", "N", .integer(in: 0...Int.max), default: 1, help: "for parameters, data and directions")
  private static let step = Option(
    "eps", "H", .positive, defaultText: "the best for each entry",
    help: "the step of the reported central differences; verdicts do not depend on it")
  private static let order = Option(
    "order", "N", .integer(in: 1...2), default: 1, help: "2 checks second derivatives")
  private static let surrogates = Option(
    "surrogate", "LIST", .list(of: .text, isDistinct: true), default: [], defaultText: "none",
    help:
      "gradients that deliberately differ from the derivative and are not judged: tensors by their names, or a layer by its path, for all before it"
  )
  private static let parameterFile = Option(
    "parameters", "FILE.npz", .input("the parameters"),
    help: "checks at the parameters in a file, NPZ or safetensors")
  private static let layout = Option(
    "layout", "NAME", ValueForm<ArrayLayout>.choice, defaultText: "inferred from the shapes",
    help: "how the weights in --parameters are laid out: \(ArrayLayout.explanation)"
  )
  private static let dataFile = Option(
    "data", "FILE", DataOptions.source, defaultText: "random examples",
    help:
      "checks on the first --examples of a file that train can read, or of X (one per row) and Y in an NPZ"
  )
  private static let serve = Option(
    flag: "serve",
    help:
      "checks another program's function, which answers on standard input: for plumbline.check")
  private static let function = Option(
    "function", "FILE.json", .input("the function"),
    help: "checks another program's function, given its parameters and its gradient")
  private static let points = Option(
    "points", "FILE.json", ValueForm<String>.output(), default: "points.json",
    help: "with --function: the points at which its cost is needed")
  private static let costs = Option(
    "costs", "FILE.json", .input("the costs"),
    help: "with --function: the costs at --points, as a list in the same order")
  private static let json = Option("json", "FILE", .output(), help: "writes the result as JSON")
  private static let plot = Option(
    "plot", "FILE.svg", .output(),
    help: "plots the error of one- and two-sided differences against the step")

  static let command = Command(
    "check", summary: "checks the gradient of a network's cost against three oracles",
    discussion: """
      The engine's gradient is compared with central differences, dual numbers and the order of the Taylor \
      remainder, tensor by tensor and entry by entry. A tensor is KINK where a perturbation of any size switches a \
      unit, such as a ReLU at exactly 0: there the cost has two slopes, and the gradient lies between \
      them. Large networks are sampled; the share is stated.

      The cost is that of training: dropout has the masks of --seed, the same in every evaluation, batch \
      normalization uses batch statistics, and penalties are included.

      A file can describe a network of any layers, for example:

      {"input": [1, 8, 8], "output": "softmax", "layers": [{"layer": "convolution", "outputs": 4, "kernel": 3}, \
      {"layer": "batch-norm"}, {"layer": "relu"}, {"layer": "flatten"}, {"layer": "dense", "outputs": 10}]}

      Another program's function is checked through files: --function holds its parameters and their gradient, such as \
      {"parameters": [{"name": "w", "values": [0.3, 1.2], "gradient": [0.6, 2.4]}]}; --points is written with the entries \
      and steps at which the cost is needed; run it again with --costs, the list of these costs, to get the verdict. From \
      Python, plumbline.check does it in one line.
      """,
    options: [
      NetworkOptions.network, NetworkOptions.activations, NetworkOptions.output,
      NetworkOptions.loss, NetworkOptions.residual, NetworkOptions.branchScale,
      NetworkOptions.depthScaling,
      NetworkOptions.initialization, NetworkOptions.normalization, NetworkOptions.dropout,
      NetworkOptions.l1, NetworkOptions.l2, parameterFile, layout, dataFile, examples, seed, step,
      order, surrogates, json, plot, function, points, costs, serve,
    ] + DataOptions.all,
    examples: [
      Command.Example("plumb check --network 6,5,3,1 --activations tanh", "a small network"),
      Command.Example(
        "plumb check --network 6,5,3,1 --init normal:0.01 --examples 400",
        "zero biases and small weights: b2 is at a kink"),
      Command.Example("plumb check --network 6,5,3 --dropout 0.3 --l2 0.1", "with dropout"),
      Command.Example("plumb check --network resnet.json", "any layers"),
      Command.Example(
        "plumb check --network 4,8,3 --activations gelu --plot steps.svg",
        "one-sided against two-sided differences"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    if options[serve] { return try ForeignCheckCommand.serve() }
    if let path = options[function] {
      return try ForeignCheckCommand.run(
        function: path, points: options[points], costs: options[costs], json: options[json])
    }
    let file = try options[parameterFile].map { path throws in
      try ParameterFile(contentsOfFile: path)
    }
    let subject = try CheckedNetwork(options) {
      try file?.denseWidths(layout: options[layout]) ?? [6, 5, 3, 1]
    }
    let key = Key(seed: options[seed])
    let fromFile = try options[dataFile].map { path throws in
      try subject.examples(
        inFile: path, limit: options[examples], DataOptions.reading(options))
    }
    try subject.checkMemory(examples: fromFile?.inputs.shape[0] ?? options[examples])
    let parameters: Parameters<Double> =
      try file?.parameters(for: subject.layout, layout: options[layout])
      ?? Parameters(of: subject.network, key: key["parameters"])
    let point = parameters.names.map { parameters[$0] }
    let cost = try subject.cost(
      on: fromFile ?? subject.randomExamples(options[examples], key["data"]), key["masks"])
    let bar = ProgressBar(
      "checking", items: GradientCheck().partCount(of: point), unit: "parts")
    let surrogates = try subject.surrogates(options[surrogates])
    let check = GradientCheck(
      key: key["check"], step: options[step], surrogates: surrogates
    ) { bar.advance() }
    defer { bar.finish() }
    guard cost(point).isFinite else {
      throw Problem(
        problem:
          "the cost is \(cost(point).scalars[0]) at these parameters, so there is no gradient to check",
        remedy: "give a smaller --init, "
          + "--l1 or --l2, or --parameters with a finite cost")
    }
    let report = check.report(
      on: cost, at: point, names: subject.parameterNames, order: options[order])
    guard options[step] != nil || report.verdict != .pass || report.distance.value <= 1e-3 else {
      throw Problem(
        problem:
          "nothing was judged: rounding in a cost of \(NumberFormat.significant(cost(point).scalars[0], digits: 3)) hides its slopes, so "
          + "differences say nothing about this gradient",
        remedy: "give a smaller --init, or --parameters with a moderate cost")
    }
    let text = CheckText(report, of: subject, order: options[order], step: options[step])
    print(text.lines.joined(separator: "\n"))
    if let path = options[json] {
      try AtomicFile.write(
        JSONText.prettyEncoder.encode(CheckResult(report, of: subject)), to: path)
    }
    if let path = options[plot] {
      try AtomicFile.write(
        chart(StepSizeErrors(of: cost, at: point, key: key), subject, report.verdict).svg(),
        to: path)
    }
    return report.verdict == .fail ? .answerIsNo : .done
  }

  private static func chart(
    _ errors: StepSizeErrors, _ subject: CheckedNetwork, _ verdict: Verdict
  ) -> Chart {
    func series(_ label: String, _ error: (StepSizeErrors.Point) -> Double) -> Series {
      Series(
        label, x: errors.points.map(\.step),
        y: errors.points.map { error($0) > 0 ? error($0) : nil })
    }
    return Chart(
      title: verdict == .kink
        ? "Next to a kink, differences stay wrong however small the step"
        : "Two-sided differences are wrong by O(h²), one-sided ones by O(h)",
      subtitle: "relative error of a directional derivative of the cost of " + subject.title,
      x: Axis("step h", scale: .log10), y: Axis("relative error", scale: .log10),
      series: [series("one-sided", \.oneSided), series("two-sided", \.twoSided)],
      caption: Caption(
        "Below the best step, the cost's rounding error divided by the step dominates.",
        command: "plumb check --plot FILE.svg"))
  }
}
