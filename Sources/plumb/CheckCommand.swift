import Console
import Datasets
import Experiments
import Foundation
import Plots
import Plumbline
import Verification

/// `plumb check`: the gradient of a network's cost against three oracles.
enum CheckCommand {
  private static let examples = Option(
    "examples", "M", .integer(in: 1...1_000_000), default: 100,
    help: "random examples to check with")
  private static let initializer = Option(
    "init", "NAME", initializers, default: .he(), defaultText: "he",
    help: "how weights start: he, glorot, lecun, orthogonal, normal:0.01 or zero; biases are zero")
  private static let seed = Option(
    "seed", "N", .integer(in: 0...Int.max), default: 1, help: "of parameters, data and directions")
  private static let step = Option(
    "eps", "H", .positive, defaultText: "the best for each entry",
    help: "the step of the central differences that are reported; verdicts do not depend on it")
  private static let order = Option(
    "order", "N", .integer(in: 1...2), default: 1, help: "2 checks second derivatives")
  private static let parameterFile = Option(
    "parameters", "FILE", .path,
    help: "checks at the parameters of dense layers in an NPZ or safetensors file, PyTorch's too")
  private static let layout = Option(
    "layout", "NAME", ValueForm<ArrayLayout>.choice, defaultText: "told by the shapes",
    help: "how the weights of --parameters lie: rows is in x out, columns and torch are out x in")
  private static let dataFile = Option(
    "data", "FILE.npz", .path, defaultText: "random examples",
    help: "checks on the examples X (one in a row) and Y of a file; the first --examples of them")
  private static let json = Option("json", "FILE", .path, help: "writes the result as JSON")
  private static let plot = Option(
    "plot", "FILE.svg", .path,
    help: "draws the error of one- and two-sided differences over the step")

  private static let initializers = ValueForm<Initializer>(
    accepted: "he, glorot, lecun, orthogonal, zero, or normal: and a standard deviation",
    names: ["he", "glorot", "lecun", "orthogonal", "zero", "normal:0.01"]
  ) { text in
    switch text {
    case "he": return .he()
    case "glorot": return .glorot()
    case "lecun": return .lecun()
    case "orthogonal": return .orthogonal()
    case "zero": return .zero
    default:
      guard text.hasPrefix("normal:"), let deviation = Double(text.dropFirst(7)),
        deviation.isFinite, deviation >= 0
      else { return nil }
      return .normal(standardDeviation: deviation)
    }
  }

  static let command = Command(
    "check", summary: "whether the gradient of a network's cost is true, by three oracles",
    discussion:
      "The gradient of the engine is compared with central differences, dual numbers and the order of the Taylor "
      + "remainder, tensor by tensor and entry by entry. A tensor is KINK where a perturbation of any size switches "
      + "a unit, such as a ReLU that stands at exactly 0: there the cost has two slopes, and the gradient lies between "
      + "them. Large networks are sampled; the share is stated.",
    options: [
      NetworkOptions.widths, NetworkOptions.activations, NetworkOptions.output, NetworkOptions.loss,
      NetworkOptions.residual, NetworkOptions.branchScale, NetworkOptions.l1, NetworkOptions.l2,
      parameterFile, layout, dataFile, examples, initializer, seed, step, order, json, plot,
    ],
    examples: [
      Command.Example("plumb check --network 6,5,3,1 --activations tanh", "a small network"),
      Command.Example(
        "plumb check --network 6,5,3,1 --init normal:0.01",
        "zero biases and small weights: b2 stands at a kink"),
      Command.Example(
        "plumb check --network 4,8,3 --activations gelu --plot steps.svg",
        "one-sided against two-sided differences"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    let file = try options[parameterFile].map { path throws in
      try ParameterFile(contentsOfFile: path)
    }
    let widths =
      try options[NetworkOptions.widths] ?? file?.denseWidths(layout: options[layout])
      ?? [6, 5, 3, 1]
    let description = try NetworkOptions.dense(options, widths: widths)
    let key = Key(seed: options[seed])
    let network = DenseNetwork(description, initializer: options[initializer])
    let parameters: Parameters<Double> =
      try file?.parameters(for: ParameterLayout(of: network), layout: options[layout])
      ?? Parameters(of: network, key: key["parameters"])
    let point = parameters.names.map { parameters[$0] }
    let given = try options[dataFile].map { path throws in
      try Examples(path, description, limit: options[examples])
    }
    let cost = (given ?? data(description, count: options[examples], key["data"]))
      .cost(of: network)
    let check = GradientCheck(key: key["check"], step: options[step])
    let report = check.report(
      on: cost, at: point, names: description.parameterNames, order: options[order])
    printReport(report, options[order])
    if let path = options[json] {
      try AtomicFile.write(JSONText.prettyEncoder.encode(CheckResult(report)), to: path)
    }
    if let path = options[plot] {
      try AtomicFile.write(
        chart(StepSizeErrors(of: cost, at: point, key: key), description).svg(), to: path)
    }
    return report.verdict == .fail ? .answerIsNo : .done
  }

  /// Examples and targets.
  private struct Examples {
    let inputs: Tensor<Double>, targets: Tensor<Double>

    init(inputs: Tensor<Double>, targets: Tensor<Double>) {
      self.inputs = inputs
      self.targets = targets
    }

    /// The first examples of a file.
    init(_ path: String, _ network: DenseNetworkDescription, limit: Int) throws {
      let file = try NPZFile(contentsOfFile: path)
      let x: Tensor<Double> = try file.array(named: "X").tensor()
      let y: Tensor<Double> = try file.array(named: "Y").tensor()
      guard x.shape.rank == 2, x.shape[1] == network.widths[0], x.shape[0] > 0, x.isFinite else {
        throw RequestError(
          "\(path): array X: has shape \(x.shape) or holds values that are not finite; a network of "
            + "\(network.widths[0]) inputs needs finite values of shape [examples, \(network.widths[0])]"
        )
      }
      let targets: Tensor<Double>
      do {
        targets = try network.targets(y, examples: x.shape[0])
      } catch {
        throw RequestError("\(path): array \(error)")
      }
      let count = min(limit, x.shape[0])
      inputs = x.sliced(axis: 0, 0..<count)
      self.targets = targets.sliced(axis: 0, 0..<count)
    }

    func cost(of network: DenseNetwork) -> NetworkCost {
      NetworkCost(network, inputs: inputs, targets: targets)
    }
  }

  private static func data(_ network: DenseNetworkDescription, count: Int, _ key: Key) -> Examples {
    let (inputs, outputs) = (network.widths[0], network.widths[network.layerCount])
    let targets: Tensor<Double> =
      switch network.loss {
      case .crossEntropy:
        Tensor<Double>(classes: (0..<count).map { key["class"].integer(at: $0, below: outputs) })
          .oneHot(classes: outputs)
      case .binaryCrossEntropy:
        Tensor(
          [count, outputs], key["label"].mask(count * outputs, keeping: 0.5).map { $0 ? 1 : 0 })
      case .meanSquaredError: Tensor([count, outputs], key["target"].normal(count * outputs))
      }
    return Examples(
      inputs: Tensor([count, inputs], key["input"].normal(count * inputs)), targets: targets)
  }

  // MARK: What is printed

  private static func printReport(_ report: GradientCheck.Report, _ order: Int) {
    func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 2) }
    var table = Table("tensor", "entries", "checked", "distance", "verdict")
    for tensor in report.tensors {
      table.add(
        tensor.name, NumberFormat.count(tensor.count), NumberFormat.count(tensor.entries.count),
        number(tensor.distance.value), tensor.verdict.rawValue.uppercased())
    }
    print(table.text())
    let projection = report.projection
    print(
      "along a random direction: gradient \(NumberFormat.significant(projection.claimed, digits: 9))"
    )
    print("  dual numbers            \(NumberFormat.significant(projection.dual, digits: 9))")
    print("  central differences     \(NumberFormat.significant(projection.difference, digits: 9))")
    print(
      "  order of the remainder  "
        + (projection.order.map { NumberFormat.fixed($0, decimals: 2) } ?? "rounding only")
        + "  (2 when right, 1 when wrong)")
    let distance = report.distance
    print(
      "\nnormalized distance ‖a - b‖ / (‖a‖ + ‖b‖): \(number(distance.value)), \(distance.meaning)")
    if report.checkedShare < 1 {
      print(
        "compared one by one: \(NumberFormat.percent(report.checkedShare, decimals: 4)) of all entries"
      )
    }
    for tensor in report.tensors where !tensor.kinks.isEmpty {
      print("\n\(tensor.name) stands at a kink:")
      for kink in tensor.kinks.prefix(5) { print("  " + sentence(kink)) }
      if tensor.kinks.count > 5 { print("  and \(tensor.kinks.count - 5) entries more") }
    }
    if report.verdict == .kink {
      print("without those entries the distance is \(number(report.distanceWithoutKinks.value))")
    }
    for failure in report.failures.prefix(10) { print("  \(failure)") }
    if report.failures.count > 10 { print("  and \(report.failures.count - 10) more") }
    let what = order == 1 ? "gradient" : "second derivatives"
    switch report.verdict {
    case .pass:
      print("\nPASS: the \(what) is right.".replacing("derivatives is", with: "derivatives are"))
    case .kink:
      print(
        """

        KINK: the code is right. At some entries a unit switches however small the perturbation, so the cost has
        two slopes there and a central difference gives their mean. The gradient is one that the cost may have.
        """)
    case .fail: print("\nFAIL: the gradient is wrong.")
    }
  }

  private static func sentence(_ kink: Kink) -> String {
    func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 4) }
    let place = kink.entry.map { "entry \($0)" } ?? "a random direction"
    let switches = kink.crossings.prefix(3).map(\.description).joined(separator: "; ")
    let more = kink.crossings.count > 3 ? " and \(kink.crossings.count - 3) units more" : ""
    return "\(place): slopes \(number(kink.leftSlope)) and \(number(kink.rightSlope)), gradient "
      + "\(number(kink.claimed)): \(switches)\(more)"
  }

  private static func chart(_ errors: StepSizeErrors, _ network: DenseNetworkDescription) -> Chart {
    func series(_ label: String, _ error: (StepSizeErrors.Point) -> Double) -> Series {
      Series(
        label, x: errors.points.map(\.step),
        y: errors.points.map { error($0) > 0 ? error($0) : nil })
    }
    return Chart(
      title: "Two-sided differences are wrong by O(h²), one-sided ones by O(h)",
      subtitle: "relative error of a directional derivative of the cost of "
        + network.widths.map(String.init).joined(separator: "-"),
      x: Axis("step h", scale: .log10), y: Axis("relative error", scale: .log10),
      series: [series("one-sided", \.oneSided), series("two-sided", \.twoSided)],
      caption: Caption(
        "Below the best step, rounding of the cost divided by the step takes over.",
        command: "plumb check --plot FILE.svg"))
  }
}

/// The result as JSON.
private struct CheckResult: Encodable {
  struct Tensor: Encodable {
    let name: String, verdict: Verdict
    let relativeError: Double?
    let entries: Int, checkedEntries: Int
    let kinks: [Kink]
  }
  struct Kink: Encodable {
    let index: Int?
    let operation: String, layer: Int?, unit: Int, samples: [Int]
    let leftSlope: Double, rightSlope: Double, claimed: Double
  }
  struct Oracles: Encodable {
    let difference: Double?, dual: Double?, taylorSlope: Double?
  }
  let verdict: Verdict
  let distance: Double?, distanceWithoutKinks: Double?
  let meaning: String
  let checkedShare: Double
  let tensors: [Tensor]
  let oracles: Oracles

  init(_ report: GradientCheck.Report) {
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    verdict = report.verdict
    distance = finite(report.distance.value)
    distanceWithoutKinks = finite(report.distanceWithoutKinks.value)
    meaning = report.distance.meaning
    checkedShare = report.checkedShare
    tensors = report.tensors.map { tensor in
      Tensor(
        name: tensor.name, verdict: tensor.verdict, relativeError: finite(tensor.distance.value),
        entries: tensor.count, checkedEntries: tensor.entries.count,
        kinks: tensor.kinks.flatMap { kink in
          kink.crossings.map {
            Kink(
              index: kink.entry, operation: $0.operation, layer: $0.layer.flatMap { Int($0) },
              unit: $0.unit, samples: $0.samples, leftSlope: kink.leftSlope,
              rightSlope: kink.rightSlope, claimed: kink.claimed)
          }
        })
    }
    let projection = report.projection
    func gap(_ found: Double) -> Double? {
      finite(NormalizedDistance([(projection.claimed, found)]).value)
    }
    oracles = Oracles(
      difference: gap(projection.difference), dual: gap(projection.dual),
      taylorSlope: projection.order.flatMap(finite))
  }
}
