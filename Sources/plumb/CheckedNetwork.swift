import Console
import Datasets
import Findings
import Foundation
import Networks
import Plumbline
import Training
import Verification

/// The network whose cost `plumb check` differentiates.
struct CheckedNetwork {
  let network: Network
  let layout: ParameterLayout
  let loss: LossFunction
  let l1: Double, l2: Double
  /// Its name in a figure.
  let title: String
  /// The numbers of its layers, from 1, by their paths, if it consists of dense layers.
  private let numbered: [String: Int]

  /// The largest number of parameters of which a check can hold all the copies that it needs.
  private static let parameterLimit = 50_000_000

  /// The network of the options; `widths` gives the widths if --network was not given.
  init(_ options: ParsedOptions, widths: () throws -> [Int]) throws {
    let description: NetworkDescription
    var customary: LossFunction?
    switch try options[NetworkOptions.network] ?? .widths(widths()) {
    case .file(let path):
      try NetworkOptions.refuseSettings(
        of: path,
        [
          (
            options.isGiven(NetworkOptions.activations), NetworkOptions.activations.description
          ), (options.isGiven(NetworkOptions.output), NetworkOptions.output.description),
        ] + NetworkOptions.settings(options))
      description = try NetworkOptions.described(inFile: path)
      title = URL(fileURLWithPath: path).lastPathComponent
    case .widths(let widths):
      let (dense, loss) = try NetworkOptions.dense(options, widths: widths)
      try Self.refuseCrossEntropy(loss, of: dense)
      description = dense
      customary = loss
      title = widths.map(String.init).joined(separator: "-")
    }
    do {
      network = try description.network()
    } catch {
      throw error.preventing("the network cannot be built")
    }
    layout = ParameterLayout(of: network)
    guard (1...Self.parameterLimit).contains(layout.count) else {
      throw layout.count == 0
        ? Problem(
          problem: "the network has no parameters, so there is no gradient to check",
          remedy: "add a layer that has some")
        : Problem(
          problem:
            "the network has \(NumberFormat.count(layout.count)) parameters, but a check holds many copies of them",
          remedy: "give a network with at most \(NumberFormat.count(Self.parameterLimit))")
    }
    loss =
      customary ?? options[NetworkOptions.loss] ?? .customary(for: network.description.output)
    guard loss.targets != .classes || network.outputShape.rank == 1 else {
      throw Problem(
        problem:
          "cross-entropy needs outputs of shape [examples, classes], but the network outputs \(network.outputShape) "
          + "per example", remedy: "add the layer flatten, or give --loss mse")
    }
    (l1, l2) = (options[NetworkOptions.l1], options[NetworkOptions.l2])
    numbered = customary == nil ? [:] : Self.numbers(of: layout)
  }

  /// A cross-entropy takes logarithms of probabilities, so other outputs are refused.
  private static func refuseCrossEntropy(
    _ loss: LossFunction, of dense: NetworkDescription
  ) throws {
    guard loss == .crossEntropy, let output = dense.layers.last?.form as? Activation else { return }
    throw Problem(
      problem:
        "--loss cross-entropy takes the logarithm of probabilities, but the output is \(output.rawValue)",
      remedy: "give "
        + "--output softmax, or --loss mse")
  }

  /// The numbers of the layers, if each has a weight and a bias and nothing else has parameters.
  private static func numbers(of layout: ParameterLayout) -> [String: Int] {
    var numbers: [String: Int] = [:]
    for (index, entry) in layout.entries.enumerated() {
      let suffix = index.isMultiple(of: 2) ? ".weight" : ".bias"
      guard entry.name.hasSuffix(suffix), entry.shape.rank == 2 - index % 2 else { return [:] }
      numbers[String(entry.name.dropLast(suffix.count))] = index / 2 + 1
    }
    return numbers
  }

  /// Throws if a check on this many examples needs more memory than is available.
  func checkMemory(examples: Int) throws(Problem) {
    try TrainingMemory(network, batch: examples, precision: Double.self, copies: .gradientCheck)
      .require(
        for: "a check of \(NumberFormat.count(layout.count)) parameters on "
          + "\(NumberFormat.count(examples)) examples",
        batch: "examples", network: "network"
      ) { "give --examples \($0), which fit" }
  }

  /// W1, b1, W2, ... if layers have numbers; otherwise paths such as `3.branch.0.weight`.
  var parameterNames: [String] {
    layout.entries.enumerated().map { index, entry in
      numbered.isEmpty ? entry.name : (index.isMultiple(of: 2) ? "W" : "b") + "\(index / 2 + 1)"
    }
  }

  /// The tensors of a list of names; the path of a layer stands for those of all layers before it, whose gradients pass through it.
  func surrogates(_ list: [String]) throws(Problem) -> Set<String> {
    let names = parameterNames
    var found: Set<String> = []
    for item in list {
      if names.contains(item) {
        found.insert(item)
      } else if let first = layout.entries.firstIndex(where: { $0.name.hasPrefix(item + ".") }) {
        guard first > 0 else {
          throw Problem(
            setting: "surrogate", problem: "there are no parameters before the layer \(item)",
            remedy: "leave it out: all gradients are judged then")
        }
        found.formUnion(names[..<first])
      } else {
        throw Problem(
          setting: "surrogate", problem: "there is no tensor and no layer \"\(item)\"",
          remedy: "give some of \(names.joined(separator: ", ")), or the path of a layer, such as "
            + (layout.entries.last?.name.split(separator: ".").dropLast().joined(separator: ".")
              ?? "2"))
      }
    }
    guard found.count < names.count else {
      throw Problem(
        setting: "surrogate", problem: "no tensor is left to judge",
        remedy: "name fewer of \(names.joined(separator: ", "))")
    }
    return found
  }

  /// The number of the layer at a path, if it has one.
  func number(ofLayer path: String) -> Int? { numbered[path] }

  /// The name of a layer: its number if it has one.
  func name(ofLayer path: String) -> String { number(ofLayer: path).map { "\($0)" } ?? path }

  // MARK: Examples

  /// Examples and targets.
  struct Examples {
    let inputs: Tensor<Double>, targets: Tensor<Double>
  }

  private var outputs: Int { network.outputShape.elementCount }

  /// The cost on examples, with the masks of a key.
  func cost(on examples: Examples, _ masks: Key) throws -> NetworkCost {
    guard layout.statisticCount == 0 || examples.inputs.shape[0] > 1 else {
      throw Problem(
        problem: "batch normalization needs at least two examples, but there is one",
        remedy: "give --examples 2 or more")
    }
    return NetworkCost(
      network, loss: loss, l1: l1, l2: l2, inputs: examples.inputs, targets: examples.targets,
      key: masks)
  }

  /// The first examples of a file: X and Y of an NPZ as they are, anything else as training reads it.
  func examples(
    inFile path: String, limit: Int, _ reading: LabelledSets.Options
  ) throws -> Examples {
    let (x, y, names) = try arrays(inFile: path, reading)
    let input = network.description.input
    let count = x.shape.rank > 0 ? x.shape[0] : 0
    let example = Array(x.shape.extents.dropFirst())
    guard count > 0, example == input.extents || example == [input.elementCount] else {
      throw Problem(
        subject: path, location: names.x, problem: "has shape \(x.shape)",
        remedy: "a network of inputs \(input) needs values of shape "
          + "[\((["examples"] + input.extents.map(String.init)).joined(separator: ", "))]")
    }
    if let position = x.scalars.firstIndex(where: { !$0.isFinite }) {
      let features = x.count / count
      throw Problem(
        subject: path, location: names.x,
        problem:
          "holds \(x.scalars[position]), which is not finite, in example \(position / features), feature "
          + "\(position % features) (counted from 0)",
        remedy: "fill it in, or remove the example")
    }
    try network.check(x)
    let targets: Tensor<Double>
    do {
      let rows = y.count == count * outputs && outputs > 1 ? y.reshaped(to: [count, outputs]) : y
      targets = try loss.targets(rows, examples: count, outputs: outputs)
    } catch {
      throw Problem(
        subject: path, location: names.y, problem: error.problem,
        remedy: error.remedy)
    }
    let range = 0..<min(limit, count)
    return Examples(
      inputs: x.reshaped(to: Shape([count] + input.extents)).sliced(axis: 0, range),
      targets: targets.sliced(axis: 0, range))
  }

  /// Features and targets, and their locations in the file.
  private func arrays(
    inFile path: String, _ reading: LabelledSets.Options
  ) throws -> (x: Tensor<Double>, y: Tensor<Double>, names: (x: String, y: String)) {
    if let file = try? NPZFile(contentsOfFile: path), let x = try? file.array(named: "X"),
      let y = try? file.array(named: "Y")
    {
      return (x.tensor(), y.tensor(), ("array X", "array Y"))
    }
    var reading = reading
    if reading.targetKind == .automatic, loss.targets == .classes { reading.targetKind = .classes }
    let data = try LabelledSets(source: path, options: reading).train
    return (
      data.featureMatrix(), data.targetTensor(), ("features", "targets")
    )
  }

  /// Inputs that the network takes, normal if any values are allowed, and targets that the loss takes.
  func randomExamples(_ count: Int, _ key: Key) -> Examples {
    let input = network.description.input
    let targets: Tensor<Double> =
      switch loss.targets {
      case .classes:
        Tensor<Double>(classes: (0..<count).map { key["class"].integer(at: $0, below: outputs) })
          .oneHot(classes: outputs)
      case .shares:
        Tensor(
          [count, outputs], key["label"].mask(count * outputs, keeping: 0.5).map { $0 ? 1 : 0 })
      case .counts:
        Tensor(
          [count, outputs],
          (0..<count * outputs).map { Double(key["count"].integer(at: $0, below: 8)) })
      case .reals: Tensor([count, outputs], key["target"].normal(count * outputs))
      }
    let values: [Double] =
      if let classes = network.classesTaken {
        (0..<count * input.elementCount).map {
          Double(key["input"].integer(at: $0, below: classes))
        }
      } else {
        key["input"].normal(count * input.elementCount)
      }
    return Examples(inputs: Tensor(Shape([count] + input.extents), values), targets: targets)
  }
}
