import Console
import Datasets
import Findings
import Networks
import Plumbline
import Training

/// The network of a training and its loss, from the options and, if they leave it open, from the data.
struct TrainedNetwork {
  let description: NetworkDescription
  let loss: LossFunction
  /// The classes that are fitted as numbers on one output, if that was requested.
  let classesAsValues: Int?

  /// - Parameter hidden: The hidden layers, if inputs and outputs come from the data; `nil` if --network gives everything.
  init(_ options: ParsedOptions, for sets: LabelledSets, hidden: [Int]?) throws {
    let data = sets.train
    let isAsWritten = options[TrainCommand.asWritten]
    let asked = options[TrainCommand.loss]
    let outputs = Self.outputs(for: data, options)
    guard var description = try Self.described(options, data, outputs, hidden) else {
      throw Problem(
        problem: "--network is missing", remedy: "give --hidden 16,16, or --network")
    }
    try Self.checkWidths(options, sets, outputs)
    classesAsValues = try Self.classesAsValues(options, description, data)
    let customary = LossFunction.customary(for: description.output)
    if let asked, asked.output != description.output {
      // The mean squared error compares the outputs themselves, which a sigmoid bounds.
      guard isAsWritten || asked == .meanSquaredError && description.output == .sigmoid else {
        throw Problem(
          problem:
            "the loss \(asked.rawValue) and the output \(description.output.rawValue) do not match",
          remedy: "give " + Self.pairings(of: asked, customary, data)
            + "; --as-written trains it all the same")
      }
      Self.append(description.output, to: &description)
      loss = asked
    } else if description.output == .softmax, let classCount = data.classCount,
      Self.width(of: description) == 1
    {
      guard isAsWritten else { throw Self.softmaxOverOne(classCount, data) }
      Self.append(.softmax, to: &description)
      loss = .binaryCrossEntropy
    } else {
      loss = asked ?? customary
    }
    if !isAsWritten { try Self.checkLabels(data, loss) }
    self.description = description
  }

  /// Makes the function a part of the network, for a loss that reads the results differently.
  private static func append(_ output: OutputFunction, to description: inout NetworkDescription) {
    if output != .linear { description.layers.append(LayerDescription(output.activation)) }
    description.output = .linear
  }

  /// The loss that goes with the output, and the output that goes with the loss, as far as the targets allow.
  private static func pairings(
    of loss: LossFunction, _ customary: LossFunction, _ data: LabelledSet
  ) -> String {
    var ways = suits(customary, data) ? ["--loss \(customary.rawValue)"] : []
    if suits(loss, data) { ways.append("--output \(loss.output.rawValue)") }
    if ways.isEmpty {
      let fitting = areLabels(data) ? LossFunction.binaryCrossEntropy : .meanSquaredError
      ways = [
        "--output \(fitting.output.rawValue) --loss \(fitting.rawValue), which suit the targets"
      ]
    }
    return ways.joined(separator: ", or ")
  }

  /// Whether a loss takes such targets.
  private static func suits(_ loss: LossFunction, _ data: LabelledSet) -> Bool {
    guard case .values(let values) = data.targets else {
      // Class names are not counts.
      return loss.targets != .counts || data.classNames == nil || data.classValues != nil
    }
    let targets: Tensor<Float> = data.targetTensor()
    switch loss.targets {
    case .reals: return true
    case .counts: return targets.scalars.allSatisfy { $0 >= 0 }
    case .shares: return targets.scalars.allSatisfy { $0 >= 0 && $0 <= 1 }
    case .classes:
      return values.shape.dropFirst().reduce(1, *) > 1 && targets.areDistributions
    }
  }

  // MARK: What the data require

  /// The outputs that suit the targets: one for yes/no targets, unless a softmax is requested, one for each class, one for each
  /// value.
  private static func outputs(for data: LabelledSet, _ options: ParsedOptions) -> Int {
    if let count = data.classCount {
      let reading = options[NetworkOptions.reading]
      let isOfClasses = options[TrainCommand.loss]?.targets == .classes
      return reading == .softmax || isOfClasses ? max(2, count) : count <= 2 ? 1 : count
    }
    guard case .values(let values) = data.targets else { return 1 }
    return max(1, values.shape.dropFirst().reduce(1, *))
  }

  /// The loss that was requested, or the one for targets that are values.
  static func customaryLoss(_ options: ParsedOptions, for data: LabelledSet) -> LossFunction {
    options[TrainCommand.loss]
      ?? .customary(for: options[NetworkOptions.reading] ?? (areLabels(data) ? .sigmoid : .linear))
  }

  /// Whether an example has several targets, each of which is 0 or 1.
  private static func areLabels(_ data: LabelledSet) -> Bool {
    guard case .values(let values) = data.targets, values.shape.count > 1,
      values.shape.dropFirst().reduce(1, *) > 1
    else { return false }
    let targets: Tensor<Float> = data.targetTensor()
    return targets.scalars.allSatisfy { $0 == 0 || $0 == 1 }
  }

  private static func width(of description: NetworkDescription) -> Int? {
    (try? description.network())?.outputShape.elementCount
  }

  private static func described(
    _ options: ParsedOptions, _ data: LabelledSet, _ outputs: Int, _ hidden: [Int]?
  ) throws -> NetworkDescription? {
    let isOne: Bool
    if case .widths(let widths) = options[NetworkOptions.network] {
      isOne = widths.last == 1
    } else {
      isOne = outputs == 1
    }
    var output = OutputFunction.linear
    if let classCount = data.classCount {
      output = isOne && classCount <= 2 ? .sigmoid : isOne ? .linear : .softmax
    } else if areLabels(data) {
      output = .sigmoid
    }
    if let loss = options[TrainCommand.loss] { output = loss.output }
    return try NetworkOptions.description(
      options, output: output, inputs: data.featureCount, outputs: outputs, hidden: hidden)
  }

  // MARK: What does not go together

  private static func checkWidths(
    _ options: ParsedOptions, _ sets: LabelledSets, _ outputs: Int
  ) throws {
    let features = sets.train.featureCount
    guard options[NetworkOptions.hidden] == nil,
      case .widths(let widths) = options[NetworkOptions.network], widths.first != features
    else { return }
    let hidden = widths.dropFirst().dropLast()
    let right = ([features] + hidden + [outputs]).map(String.init).joined(separator: ",")
    throw Problem(
      setting: "--network",
      problem: "an example has \(features) features, but the network takes \(widths[0])",
      remedy: "give --network \(right), "
        + "or --hidden \(hidden.isEmpty ? "16" : hidden.map(String.init).joined(separator: ","))"
        + (sets.columnsInWords.map { "\n  the features are " + $0 } ?? ""))
  }

  /// The classes that one linear output would fit as numbers, which is requested only by --targets values or --as-written.
  private static func classesAsValues(
    _ options: ParsedOptions, _ description: NetworkDescription, _ data: LabelledSet
  ) throws -> Int? {
    guard let count = data.classCount, description.output == .linear,
      width(of: description) == 1, count > 2
    else { return nil }
    let present = data.classCounts.indices.filter { data.classCounts[$0] > 0 }
    guard !options[TrainCommand.asWritten] else { return count }
    let kinds = present.count
    let widths = "\(data.featureCount),16,\(count)"
    throw Problem(
      problem:
        "there are \(kinds) classes (\(list(present, data))) but one output, which would fit the class numbers",
      remedy: "give the network \(count) "
        + "outputs, one per class (--hidden 16, or --network \(widths))"
        + (kinds == 2 ? ", or labels of 0 and 1" : "")
        // Names are not quantities.
        + (data.classNames == nil || data.classValues != nil
          ? "; --targets values fits the numbers, if they are quantities" : ""))
  }

  private static func softmaxOverOne(_ classCount: Int, _ data: LabelledSet) -> Problem {
    let widths = "\(data.featureCount),16,\(classCount)"
    return Problem(
      problem:
        "a softmax over one output is 1 for every example, so it cannot distinguish classes",
      remedy: "give "
        + (classCount == 2 ? "--output sigmoid --loss binary-cross-entropy, or " : "")
        + "the network \(classCount) outputs, one per class (--network \(widths)); --as-written trains it anyway"
    )
  }

  private static func list(_ classes: [Int], _ data: LabelledSet) -> String {
    let names = data.classNames
    let shown = classes.prefix(4).map { index in
      names.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? "\(index)"
    }.joined(separator: ", ")
    return classes.count > 4 ? shown + ", ..." : shown
  }

  private static func checkLabels(_ data: LabelledSet, _ loss: LossFunction) throws {
    guard loss.targets == .classes, areLabels(data), !suits(loss, data) else { return }
    throw Problem(
      problem:
        "an example has several 0/1 labels, which need not exclude each other, but softmax picks one class",
      remedy:
        "give --output sigmoid --loss binary-cross-entropy, a yes/no output per label; --as-written trains it anyway"
    )
  }
}
