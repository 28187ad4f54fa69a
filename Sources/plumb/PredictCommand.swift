import Console
import Datasets
import Experiments
import Findings
import Foundation
import Networks
import Plumbline
import Training

/// A trained network with everything that new data need: what `plumb train --out` keeps for `plumb predict`.
struct StoredNetwork: Codable {
  let network: NetworkDescription
  let data: DataPreparation

  static let fileName = "preparation.json"

  /// The folder of a training run, or one file in it.
  static let run = ValueForm<String>.input("a file in the stored run") { path in
    [path] + TrainSession<Float>.fileNames.map { FilePaths.joined(path, $0) }
  }

  /// The content of the file.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// The network of a run's folder.
  static func read(in folder: String) throws -> StoredNetwork {
    let file = "\(folder)/\(fileName)"
    guard let content = FileManager.default.contents(atPath: file) else {
      throw Problem(
        .notFound, subject: file, problem: "there is no such file",
        remedy: "give a folder written by plumb train --out DIR")
    }
    do {
      return try JSONDecoder().decode(StoredNetwork.self, from: content)
    } catch {
      throw Problem(
        .corrupt, subject: file, problem: "this was not written by plumb train (\(error))",
        remedy: "train again with --out")
    }
  }
}

/// `plumb predict`: a trained network on new data.
enum PredictCommand {
  private static let folder = Argument(
    "DIR", StoredNetwork.run, help: "the folder written by plumb train --out DIR")
  private static let data = Option(
    required: "data", "FILE", DataOptions.source,
    help:
      "the new examples: a table with the columns of the training data, or arrays; labels are not needed"
  )
  private static let out = Option(
    required: "out", "FILE.csv", .output(), help: "writes one row of predictions per example")

  static let command = Command(
    "predict", summary: "predicts new data with a trained network, as CSV",
    discussion: """
      The new data are prepared as the training data were: the same columns and names, gaps filled with the training set's \
      values, the same normalization. Classes come with their names and probabilities. For images give a folder of them \
      or a single one; each row then begins with its file name. A row without a prediction holds NaN.
      """,
    arguments: [folder],
    options: [data, out, DataOptions.sheet, DataOptions.separator, DataOptions.header],
    examples: [
      Command.Example(
        "plumb predict run --data new.csv --out predictions.csv", "a table of new examples"),
      Command.Example(
        "plumb train --data moons --out r && echo 1,0.2 > n.csv && plumb predict r --data n.csv --out p.csv",
        "from training to prediction"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    let stored = try StoredNetwork.read(in: options[folder])
    let network = try stored.network.network()
    let parameters: Parameters<Float> = try ParameterFile.read(
      "\(options[folder])/parameters.npz", into: network)
    let examples = try stored.data.examples(
      path: options[data], options: DataOptions.dialect(options))
    let features: Tensor<Float> = stored.data.tensor(examples.features)
    try network.check(features)
    let answers = outputs(network, parameters, features, stored.network.input)
    let outputs = stored.data.targetScale.map { $0.undone(from: answers) } ?? answers
    let text = csv(outputs, stored, isComplete: examples.isComplete, files: examples.files)
    try AtomicFile.write(Data(text.utf8), to: options[out])
    let gaps = examples.isComplete.count { !$0 }
    let count = examples.isComplete.count - gaps
    print(
      "\(NumberFormat.count(count)) prediction\(count == 1 ? "" : "s"): \(options[out])")
    for note in examples.notes { print(note) }
    if gaps > 0 {
      print(
        "\(NumberFormat.count(gaps)) row\(gaps == 1 ? " has" : "s have") missing values, and NaN instead of a prediction"
      )
    }
    return .done
  }

  /// What the network outputs, as probabilities if it has classes, `[examples, outputs]`.
  private static func outputs(
    _ network: Network, _ parameters: Parameters<Float>, _ features: Tensor<Float>, _ input: Shape
  ) -> Tensor<Float> {
    let pass = parameters.pass(mode: .inference)
    let (count, partSize) = (features.shape[0], 1000)
    var values: [Float] = []
    for start in stride(from: 0, to: count, by: partSize) {
      let range = start..<min(start + partSize, count)
      let part = features.sliced(axis: 0, range).reshaped(
        to: Shape([range.count] + input.extents))
      values += network.description.output(network(part, pass)).scalars
    }
    return Tensor([count, values.count / max(1, count)], values)
  }

  private static func csv(
    _ outputs: Tensor<Float>, _ stored: StoredNetwork, isComplete: [Bool], files: [String]?
  ) -> String {
    let width = outputs.shape[1]
    let areClasses = stored.data.classCount != nil && stored.network.output != .linear
    let count = areClasses && width == 1 ? 2 : width
    let names = (0..<count).map { index in
      stored.data.classNames.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? "\(index)"
    }
    let labels = stored.data.table?.labels.map(\.name) ?? []
    let header: [String] =
      areClasses
      ? ["prediction"] + names.map { "probability of \($0)" }
      : width == 1
        ? ["prediction"]
        : (0..<width).map { labels.count == width ? labels[$0] : "prediction \($0)" }
    var lines = [((files == nil ? [] : ["file"]) + header).map(quoted).joined(separator: ",")]
    let values = outputs.scalars
    for (row, isWhole) in isComplete.enumerated() {
      let name = files.map { quoted($0[row]) + "," } ?? ""
      guard isWhole else {
        // Not empty: in a single column, many readers pass over empty lines, and later rows would move up.
        lines.append(name + repeatElement("NaN", count: header.count).joined(separator: ","))
        continue
      }
      var own = (0..<width).map { values[row * width + $0] }
      guard areClasses else {
        lines.append(name + own.map { "\($0)" }.joined(separator: ","))
        continue
      }
      if width == 1 { own = [1 - own[0], own[0]] }
      let best = own.indices.max { (own[$0], $1) < (own[$1], $0) } ?? 0
      lines.append(name + ([quoted(names[best])] + own.map { "\($0)" }).joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func quoted(_ text: String) -> String {
    text.contains { ",\"\n\r".contains($0) }
      ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }
}
