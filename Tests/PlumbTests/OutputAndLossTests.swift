import Foundation
import TestSupport
import Testing

/// Outputs and losses as people pair them.
@Suite("Outputs and losses")
struct OutputAndLossTests {
  private let folder: TemporaryFolder

  private static let outputs = ["linear", "softmax", "sigmoid", "exponential"]
  private static let losses = [
    "cross-entropy", "binary-cross-entropy", "mse", "mae", "huber", "hinge", "poisson",
  ]

  init() throws {
    folder = try TemporaryFolder()
    let rows = (0..<36).map { row in (row % 7, row % 5, row % 3) }
    try folder.write(
      "a,b,kind\n" + rows.map { "\($0).5,\($1),\($2)\n" }.joined(),
      as: "classes.csv")
    try folder.write(
      "a,b,amount\n" + rows.map { "\($0).5,\($1),\(Double($0) - 2.75 * Double($2))\n" }.joined(),
      as: "amounts.csv")
  }

  private func train(
    _ data: String, _ output: String, _ loss: String, _ more: String...
  ) throws -> CommandProcess.Outcome {
    try PlumbProcess.run(
      ["train", "--data", data, "--hidden", "3", "--steps", "1", "--output", output]
        + ["--loss", loss] + more, in: folder)
  }

  @Test("all are computed as written", arguments: outputs)
  func asWritten(output: String) throws {
    for loss in Self.losses {
      let outcome = try train("classes.csv", output, loss, "--as-written")
      #expect(outcome.status == 0, "\(output), \(loss): \(outcome.error)")
    }
  }

  @Test(
    "what a refusal says to type is accepted, whatever the targets are",
    arguments: [
      ("classes.csv", "sigmoid", "cross-entropy"), ("classes.csv", "exponential", "huber"),
      ("amounts.csv", "softmax", "mse"), ("amounts.csv", "exponential", "mae"),
      ("amounts.csv", "sigmoid", "hinge"),
    ])
  func refusals(data: String, output: String, loss: String) throws {
    let refused = try train(data, output, loss)
    #expect(refused.status == 2)
    let remedy = try #require(refused.error.split(separator: "; give ").last.map(String.init))
    let ways = remedy.matches(of: /((?:--(?:output|loss) [a-z-]+ ?)+)/).map { match in
      match.output.1.split(separator: " ").map(String.init)
    }
    #expect(!ways.isEmpty, "\(refused.error)")
    for way in ways {
      var (chosenOutput, chosenLoss) = (output, loss)
      for (name, value) in zip(way, way.dropFirst()) {
        if name == "--output" { chosenOutput = value }
        if name == "--loss" { chosenLoss = value.trimmingCharacters(in: [","]) }
      }
      let outcome = try train(data, chosenOutput, chosenLoss)
      #expect(outcome.status == 0, "\(way): \(outcome.error)")
    }
  }

  @Test("a softmax over one output is refused with what to type, and trained as written")
  func softmaxOverOne() throws {
    try folder.write(
      #"{"input": [2], "output": "softmax", "layers": [{"layer": "dense", "outputs": 1}]}"#,
      as: "one.json")
    let rows = (0..<40).map { "\($0 % 7).5,\($0 % 5),\(["yes", "no"][$0 % 2])\n" }
    try folder.write("a,b,kind\n" + rows.joined(), as: "two.csv")
    for network in [["--network", "2,1", "--output", "softmax"], ["--network", "one.json"]] {
      func run(_ more: String...) throws -> CommandProcess.Outcome {
        try PlumbProcess.run(
          ["train", "--data", "two.csv", "--steps", "20"] + network + more, in: folder)
      }
      let refused = try run()
      #expect(refused.status == 2 && refused.error.contains("1 for every example"))
      #expect(
        refused.error.contains("--output sigmoid --loss binary") && refused.error.contains("2,16,2")
      )
      let written = try run("--as-written")
      #expect(written.status == 0 && written.output.contains("cannot fall below"), "\(written)")
    }
    #expect(
      try PlumbProcess.run(
        [
          "train", "--data", "two.csv", "--network", "one.json", "--output", "sigmoid", "--steps",
          "1",
        ],
        in: folder
      ).status == 0)
  }

  @Test("targets that are scaled are a column of numbers")
  func amounts() throws {
    let rows = (0..<40).map { "\($0 % 7).5,\($0 % 5 + $0 % 3),\(["Wels", "Linz"][$0 % 2])\n" }
    try folder.write("a,b,town\n" + rows.joined(), as: "towns.csv")
    let outcome = try PlumbProcess.run(
      ["train", "--data", "towns.csv", "--hidden", "3", "--steps", "1", "--scale-targets"],
      in: folder)
    #expect(outcome.output.contains("labels are in b"), "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("targets scaled: mean"), "\(outcome.output)")
    let inspected = try PlumbProcess.run(
      ["data", "inspect", "towns.csv", "--targets", "values"], in: folder)
    #expect(inspected.output.contains("labels are in b"), "\(inspected.output)")
  }

  @Test("a scale of targets is neither chosen nor taken where the targets are labels")
  func idleScale() throws {
    let values = (0..<40).map { row in "\(row % 7).5,\(row % 5),\(row % 7 / 4),\(row % 5 / 3)\n" }
    try folder.write("a,b,y1,y2\n" + values.joined(), as: "tags.csv")
    func run(_ more: String...) throws -> CommandProcess.Outcome {
      try PlumbProcess.run(["train", "--data", "tags.csv", "--steps", "2"] + more, in: folder)
    }
    let labels = try run("--label-column", "y1,y2")
    #expect(labels.status == 0 && !labels.output.contains("--scale-targets"), "\(labels.output)")
    #expect(labels.output.contains("2 yes/no labels for each example"))
    let amounts = try run("--label-column", "y1,y2", "--output", "linear")
    #expect(amounts.output.contains("--scale-targets"), "\(amounts.output)")
    for columns in ["y1,y2", "y2"] {
      let refused = try run("--label-column", columns, "--scale-targets")
      #expect(refused.status == 2 && refused.error.contains("leave it out"), "\(refused.error)")
    }
  }

  @Test("classes that one output would fit are named")
  func namedClasses() throws {
    let rows = (0..<30).map { "\($0 % 7),\($0 % 5),\(["cat", "dog", "cow"][$0 % 3])\n" }
    try folder.write("a,b,kind\n" + rows.joined(), as: "kinds.csv")
    let outcome = try PlumbProcess.run(
      ["train", "--data", "kinds.csv", "--network", "2,3,1"], in: folder)
    #expect(outcome.status == 2 && outcome.error.contains("(cat, cow, dog)"), "\(outcome.error)")
  }

  @Test(
    "labels that do not exclude each other are answered by a softmax as written, and that is told")
  func tags() throws {
    let values = (0..<40).map { row in "\(row % 7).5,\(row % 5),\(row % 7 / 4),\(row % 5 / 3)\n" }
    try folder.write("a,b,y1,y2\n" + values.joined(), as: "tags.csv")
    func run(_ more: String...) throws -> CommandProcess.Outcome {
      try PlumbProcess.run(
        [
          "train", "--data", "tags.csv", "--label-column", "y1,y2", "--hidden", "3", "--steps",
          "40",
        ]
          + ["--output", "softmax"] + more, in: folder)
    }
    let refused = try run()
    #expect(refused.status == 2 && refused.error.contains("--output sigmoid"), "\(refused.error)")
    let written = try run("--as-written")
    #expect(written.status == 0, "\(written.error)")
    #expect(written.output.contains("cannot fall below"), "\(written.output)")
    #expect(written.output.contains("--output sigmoid --loss binary-cross-entropy"))
  }
}
