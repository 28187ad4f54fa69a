import Foundation
import TestSupport
import Testing

/// What findings tell people to type.
@Suite("The options that remedies name")
struct TrainingRemedyTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    var classes = "x,y,kind\n"
    var values = "x,y,weight\n"
    for row in 0..<60 {
      classes += "\(row % 7).5,\(row % 11).5,\(["a", "b", "c"][row % 3])\n"
      values += "\(row % 7).5,\(row % 11).5,\(row).25\n"
    }
    try folder.write(classes, as: "classes.csv")
    try folder.write(values, as: "values.csv")
  }

  /// Every setting that the strings of the sources name, as an option, with the value behind it where that is not computed.
  private func named() throws -> Set<String> {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let settings = try String(
      contentsOf: root.appendingPathComponent("Sources/Findings/Setting.swift"), encoding: .utf8)
    let options = Dictionary(
      settings.matches(of: /static let (\w+): Setting = "([^"]+)"/).map {
        (String($0.1), "--\($0.2)")
      }, uniquingKeysWith: { first, _ in first })
    var found: Set<String> = []
    for module in ["Diagnosis", "Datasets/Inspection"] {
      let sources = root.appendingPathComponent("Sources/\(module)")
      let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
      for case let file as URL in try #require(files) where file.pathExtension == "swift" {
        let text = try String(contentsOf: file, encoding: .utf8)
          .replacing(#/\\\(Setting\.(\w+)\)/#) { options[String($0.1)] ?? "" }
        for line in text.split(separator: "\n") where line.contains("\"") {
          for match in line.matches(of: /--[a-z][a-z0-9-]*( [a-z0-9][a-z0-9.,=-]*)?/) {
            found.insert(String(match.output.0).trimmingCharacters(in: .init(charactersIn: ".,")))
          }
        }
      }
    }
    return found
  }

  @Test("exist, and are accepted with the values that they are named with")
  func options() throws {
    let help = try PlumbProcess.run(["train", "--help"], in: folder).output
    let known = Set(help.matches(of: /--[a-z][a-z0-9-]*/).map { String($0.output) })
    let named = try named()
    #expect(named.count > 20)
    // Words that follow a flag or a name in a sentence are no values.
    let prose: Set<String> = [
      "or", "out", "and", "until", "for", "them", "where", "changes", "puts", "takes",
    ]
    // As many at a time as go together: each option once, and not two that say the same thing.
    var commands: [(data: String, options: [String: String])] = []
    for text in named.sorted() {
      let words = text.split(separator: " ").map(String.init)
      #expect(known.contains(words[0]), "\(text)")
      guard words.count == 2, !prose.contains(words[1]) else { continue }
      let data =
        words[0] == "--augment"
        ? "glyphs:count=60"
        : ["linear", "values", "huber"].contains(words[1]) ? "values.csv" : "classes.csv"
      let exclusive: Set<String> = [
        "--epochs", "--steps", "--momentum", "--beta1", "--optimizer", "--learning-rate-decay",
      ]
      let position = commands.firstIndex { command in
        command.data == data && command.options[words[0]] == nil
          && !(exclusive.contains(words[0])
            && command.options.keys.contains(where: exclusive.contains))
      }
      if let position {
        commands[position].options[words[0]] = words[1]
      } else {
        commands.append((data, [words[0]: words[1]]))
      }
    }
    for (data, given) in commands {
      var options = given
      if options["--epochs"] == nil, options["--steps"] == nil { options["--steps"] = "2" }
      if options["--momentum"] != nil { options["--optimizer"] = "momentum" }
      if options["--learning-rate-decay"] != nil { options["--optimizer"] = "adagrad" }
      for (name, value) in [("--split", "80,20,0"), ("--hidden", "4")] where options[name] == nil {
        options[name] = value
      }
      let words = options.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
      let outcome = try PlumbProcess.run(["train", "--data", data] + words, in: folder)
      #expect(outcome.status == 0, "\(words): \(outcome.error)")
    }
  }

  @Test("options change what a file says of a network, so that a remedy works for it too")
  func networkFiles() throws {
    try folder.write(
      """
      {"input": [2], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 6, "initializer": "zero"}, {"layer": "batch-norm"}, {"layer": "sigmoid"},
        {"layer": "dense", "outputs": 3, "initializer": "zero"}, {"layer": "sigmoid"}, {"layer": "dropout", "rate": 0.9}]}
      """, as: "net.json")
    func trained(_ options: [String]) throws -> (status: Int32, error: String, network: String) {
      let outcome = try PlumbProcess.run(
        ["train", "--data", "classes.csv", "--network", "net.json", "--steps", "2", "--force"]
          + ["--out", "run"] + options, in: folder)
      return (outcome.status, outcome.error, folder.text("run/preparation.json") ?? "")
    }
    let changed = try trained([
      "--output", "softmax", "--activation", "relu", "--init", "glorot", "--normalization", "layer",
      "--dropout", "0.25",
    ])
    #expect(changed.status == 0, "\(changed.error)")
    for part in ["relu", "glorot", "layer-norm", "0.25"] {
      #expect(changed.network.contains(part), "\(changed.network)")
    }
    for part in ["sigmoid", "zero\"", "batch-norm", "0.9"] {
      #expect(
        !changed.network.replacing("\"bias\":\"zero\"", with: "").contains(part),
        "\(changed.network)")
    }
    let residual = try trained(["--residual"])
    #expect(residual.status == 2 && residual.error.contains("residual blocks"))
  }

  @Test("a loss of counts takes whole numbers for counts; classes under a squared error are told")
  func amounts() throws {
    try folder.write(
      "x,n\n" + (0..<60).map { "\($0 % 7).5,\($0 % 5)\n" }.joined(), as: "counts.csv")
    func output(_ data: String, _ options: [String]) throws -> String {
      let outcome = try PlumbProcess.run(
        ["train", "--data", data, "--hidden", "4", "--steps", "2"] + options, in: folder)
      return "\(outcome.status) " + outcome.output + outcome.error
    }
    let counts = try output("counts.csv", ["--loss", "poisson"])
    #expect(counts.hasPrefix("0") && counts.contains("treated as such"), "\(counts)")
    let names = try output("classes.csv", ["--loss", "poisson"])
    #expect(names.hasPrefix("2") && names.contains("needs counts"), "\(names)")
    let numbers = try output("classes.csv", ["--output", "linear"])
    #expect(numbers.contains("fitted as numbers, by mse; --output softmax"), "\(numbers)")
  }

  @Test(
    "weights of classes and smoothed labels are part of the loss, for classes and for a yes or no")
  func losses() throws {
    try folder.write(
      "x,y,answer\n"
        + (0..<60).map { "\($0 % 7),\($0 % 5).5,\($0 % 6 == 0 ? "yes" : "no")\n" }.joined(),
      as: "answers.csv")
    for (data, weights) in [("classes.csv", "a 1.00, b 1.00, c 1.00"), ("answers.csv", "3.00")] {
      let outcome = try PlumbProcess.run(
        [
          "train", "--data", data, "--hidden", "4", "--steps", "5", "--class-weights", "balanced",
          "--label-smoothing", "0.1", "--json", "result.json",
        ], in: folder)
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.output.contains("balanced: ") && outcome.output.contains(weights))
      #expect(outcome.output.contains("60"), "no example is repeated")
      #expect(folder.text("result.json")?.contains("label_smoothing") == true)
      #expect(folder.text("result.json")?.contains("class_weights") == true)
    }
    let refused = try PlumbProcess.run(
      ["train", "--data", "values.csv", "--label-smoothing", "0.1"], in: folder)
    #expect(refused.status == 2 && refused.error.contains("has no classes"))
  }

  @Test(
    "scaled targets are scaled back by plumb predict; a table alone trains, and what was chosen is said"
  )
  func values() throws {
    try folder.write(
      "x,price\n" + (0..<80).map { "\($0),\(5000 + 100 * $0)\n" }.joined(), as: "prices.csv")
    let outcome = try PlumbProcess.run(
      ["train", "--data", "prices.csv", "--learning-rate", "0.02", "--out", "run"], in: folder)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.output.contains("--hidden 16,16 --normalize per-feature --scale-targets"),
      "\(outcome.output)")
    #expect(
      outcome.output.contains("training: mse, adam, learning rate 0.02, batches of 16, 500 steps"))
    let predicted = try PlumbProcess.run(
      ["predict", "run", "--data", "prices.csv", "--out", "p.csv"], in: folder)
    #expect(predicted.status == 0, "\(predicted.error)")
    let prices = folder.lines("p.csv").dropFirst().compactMap { Double($0) }
    #expect(prices.count == 80)
    #expect(zip(prices, 0..<80).allSatisfy { abs($0 - Double(5000 + 100 * $1)) < 800 }, "\(prices)")
  }

  @Test("columns are told where a network does not fit, and the network says which are meant")
  func columns() throws {
    var text = "Id;when;size;quality\n"
    for row in 0..<40 {
      text += "\(row + 1);2024-0\(row % 9 + 1)-1\(row % 7);\(row % 5),000;\(3 + row % 4)\n"
    }
    try folder.write(text, as: "wines.csv")
    let narrow = try PlumbProcess.run(
      ["train", "--data", "wines.csv", "--network", "2,8,4"], in: folder)
    #expect(narrow.status == 2)
    for part in ["Id is dropped", "when (\"2024-01-10\" in row 2) became", "quality is the label"] {
      #expect(narrow.error.contains(part), "\(narrow.error)")
    }
    let features = try #require(narrow.error.firstMatch(of: /has (\d+) features/))
    let count = try #require(Int(features.output.1))
    let whole = try PlumbProcess.run(
      ["train", "--data", "wines.csv", "--network", "\(count + 1),8,1", "--steps", "3"], in: folder)
    #expect(whole.status == 0, "\(whole.error)")
    #expect(whole.output.contains("which would be left out otherwise, is among them"))
    #expect(whole.output.contains("quality is treated as a quantity"))
    #expect(whole.output.contains("with decimal commas: \"1,000\" is 1"), "\(whole.output)")
  }
}
