import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `plumb train --find-learning-rate` and `--ladder`, as processes.
@Suite("plumb train looks for a learning rate")
struct LearningRateTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    // The sign of a product: 8 rows of signs, each 5 times with other sizes.
    let rows = (0..<40).map { row -> String in
      let (a, b) = (row & 1 == 0 ? 1.0 : -1.0, row & 2 == 0 ? 1.0 : -1.0)
      let size = 0.5 + Double(row) / 40
      return "\(a * size),\(b / size),\(a * b > 0 ? 1 : 0)"
    }
    try folder.write(rows.joined(separator: "\n") + "\n", as: "d.csv")
  }

  private func train(_ words: String...) throws -> CommandProcess.Outcome {
    try PlumbProcess.run(["train", "--data", "d.csv", "--network", "2,8,1"] + words, in: folder)
  }

  private func object(_ name: String) throws -> [String: Any] {
    let data = Data(try #require(folder.bytes(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test("the range test prints the curve and a suggestion, and writes them")
  func find() throws {
    let outcome = try train(
      "--find-learning-rate", "--out", "o", "--json", "range.json", "--optimizer", "sgd")
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    let suggestion = try #require(try object("range.json")["suggestion"] as? Double)
    #expect(suggestion > 1e-4 && suggestion < 10)
    #expect(outcome.output.contains("Suggestion: --learning-rate \(suggestion)"))
    #expect(outcome.output.contains("lowest loss") && outcome.output.contains("smoothed"))
    let points = try #require(try object("range.json")["points"] as? [[String: Any]])
    #expect(folder.lines("o/summary.csv").count == points.count + 1)
    let figure = try #require(folder.text("o/figure.svg"))
    #expect(XMLParser(data: Data(figure.utf8)).parse() && figure.contains("suggestion"))
    #expect(try object("o/record.json")["status"] as? String == "complete")
    // Nothing was trained for keeps.
    #expect(folder.bytes("o/parameters.npz") == nil)
    // The same again, into the same folder.
    let csv = folder.bytes("o/summary.csv")
    let again = try train("--find-learning-rate", "--out", "o", "--optimizer", "sgd")
    #expect(again.status == 0 && folder.bytes("o/summary.csv") == csv)
    // A training does not go where a range test went.
    let other = try train("--out", "o", "--optimizer", "sgd", "--steps", "3")
    #expect(other.status == 2 && other.error.contains("holds another sweep"))
  }

  @Test("a network whose loss cannot fall gets no suggestion, which is exit status 1")
  func nothingToFind() throws {
    let words = ["--find-learning-rate", "--init", "zero", "--steps", "30"]
    try folder.write("1,2,0\n1,2,1\n", as: "d.csv")
    let outcome = try PlumbProcess.run(
      ["train", "--data", "d.csv", "--network", "2,8,1"] + words, in: folder)
    #expect(outcome.status == 1 && outcome.output.contains("No suggestion"))
  }

  @Test("the best rung of a ladder is what its training alone would be")
  func ladder() throws {
    let common = ["--steps", "60", "--optimizer", "sgd"]
    func run(_ words: [String]) throws -> CommandProcess.Outcome {
      try PlumbProcess.run(
        ["train", "--data", "d.csv", "--network", "2,8,1"] + common + words, in: folder)
    }
    let outcome = try run(["--learning-rate", "0.54", "--ladder", "5", "--out", "l"])
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    let lines = try folder.lines("l/runs.jsonl").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(
      lines.map { $0["learning_rate"] as? Double } == [0.54, 0.18, 0.06, 0.02, 0.0067])
    let losses = lines.compactMap { $0["train_loss"] as? Double }
    let best = try #require(
      lines.min { a, b in
        (a["train_loss"] as? Double ?? .infinity) < (b["train_loss"] as? Double ?? .infinity)
      })
    #expect(losses.count == 5 && Set(lines.compactMap { $0["key"] as? String }).count == 5)
    let rate = try #require(best["learning_rate"] as? Double)
    #expect(outcome.output.contains("Best by train loss: \(rate), which is kept."))

    let alone = try run(["--learning-rate", "\(rate)", "--out", "a"])
    #expect(alone.status == 0)
    for name in ["parameters.npz", "summary.csv"] {
      // The last column of the summary is a rate; there is no time in it.
      #expect(folder.bytes("a/\(name)") == folder.bytes("l/\(name)"), "\(name)")
    }
    let record = try object("l/record.json")
    let configuration = try #require(record["configuration"] as? [String: Any])
    #expect(configuration["learning_rate"] as? Double == rate)
    // Another ladder is another sweep; the same one may be carried out again.
    #expect(try run(["--learning-rate", "0.54", "--ladder", "4", "--out", "l"]).status == 2)
    #expect(try run(["--learning-rate", "0.54", "--ladder", "5", "--out", "l"]).status == 0)
  }

  @Test("a ladder whose rungs all diverge says so, with exit status 1")
  func diverged() throws {
    let outcome = try train(
      "--targets", "values", "--optimizer", "sgd", "--learning-rate", "1e30", "--ladder", "2",
      "--steps", "40")
    #expect(outcome.status == 1 && outcome.output.contains("Every rate diverged"))
  }

  @Test(
    "what contradicts itself is refused before anything is written",
    arguments: [
      (["--ladder", "0"], "--ladder"), (["--ladder", "1"], "--ladder"),
      (["--ladder", "x"], "--ladder"), (["--ladder", "31"], "--ladder"),
      (["--find-learning-rate", "--ladder", "3"], "--ladder"),
      (["--find-learning-rate", "--learning-rate", "0.1"], "--learning-rate"),
      (["--find-learning-rate", "--epochs", "3"], "--epochs"),
      (["--find-learning-rate", "--schedule", "cosine"], "--schedule"),
      (["--find-learning-rate", "--warm-up", "3"], "--warm-up"),
      (["--find-learning-rate", "--early-stopping", "3"], "--early-stopping"),
      (["--find-learning-rate", "--steps", "19"], "--steps"),
      (["--find-learning-rate", "--batch", "41"], "batch"),
      (["--ladder", "3", "--batch", "41"], "batch"),
    ])
  func refused(words: [String], name: String) throws {
    let before = folder.content()
    let outcome = try PlumbProcess.run(
      ["train", "--data", "d.csv", "--network", "2,8,1", "--out", "o"] + words, in: folder)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error.contains(name), "\(outcome.error)")
    #expect(folder.content() == before)
  }
}
