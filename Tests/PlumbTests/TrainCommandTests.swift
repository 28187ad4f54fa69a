import Datasets
import Foundation
import Networks
import Plumbline
import TestSupport
import Testing

@Suite("plumb train")
struct TrainCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    // Twelve points of the plane, class 1 to the right of x = y.
    let points = Key(seed: 1).normal(24)
    var lines = ["x,y,label"]
    for index in 0..<12 {
      let (x, y) = (points[2 * index], points[2 * index + 1])
      lines.append("\(x),\(y),\(x > y ? 1 : 0)")
    }
    try folder.write(lines.joined(separator: "\n") + "\n", as: "points.csv")
  }

  private typealias Object = [String: Any]

  private func train(_ words: String..., status: Int32 = 0) throws -> CommandProcess.Outcome {
    let outcome = try PlumbProcess.run(["train"] + words, in: folder)
    #expect(outcome.status == status && !outcome.isKilled, "\(outcome.error)")
    return outcome
  }

  private func object(_ name: String) throws -> Object {
    let data = Data(try #require(folder.bytes(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? Object)
  }

  @Test("writes the folder that other studies write, and parameters and losses next to it")
  func folderOfResults() throws {
    let outcome = try train(
      "--data", "points.csv", "--network", "2,5,1", "--steps", "7", "--batch", "5", "--out", "run",
      "--json", "result.json")
    #expect(outcome.output.contains("12 examples") && outcome.output.contains("Finished after 7"))
    for name in [
      "record.json", "runs.jsonl", "summary.csv", "figure.svg", "report.html", "diagnosis.json",
    ] {
      #expect(folder.bytes("run/\(name)")?.isEmpty == false, "\(name)")
    }
    let line = try object("run/runs.jsonl")
    #expect(line["arm"] as? String == "plain" && line["depth"] as? Int == 2)
    #expect(line["width"] as? Int == 5 && line["phase"] as? String == "report")
    #expect(line["learning_rate"] as? Double == 0.001 && line["seed"] as? Int == 1)
    #expect(line["diverged"] as? Bool == false && line["parameters_hash"] is String)
    #expect(line["train_loss"] is Double && line["train_error"] is Double)
    #expect(line["seconds"] is Double)
    let result = try object("result.json")
    #expect((result["losses"] as? [Double])?.count == 7)
    #expect(result["train_loss"] as? Double == line["train_loss"] as? Double)
    #expect(folder.lines("run/summary.csv").count == 4)
    let parameters = try ParameterFile(contentsOfFile: folder.file("run/parameters.npz"))
    #expect(parameters.names == ["W1", "b1", "W2", "b2"])
    let forTorch = try ParameterFile(contentsOfFile: folder.file("run/parameters.safetensors"))
    #expect(forTorch.statedLayout == .torch && forTorch.names.contains("0.weight"))
    let layout = ParameterLayout(of: try NetworkDescription(widths: "2,5,1").network())
    let (own, torch): (Parameters<Float>, Parameters<Float>) =
      (try parameters.parameters(for: layout), try forTorch.parameters(for: layout))
    #expect(own == torch)
  }

  /// The promise that other tools can be compared with, against gradient descent written out for one sigmoid unit.
  @Test("full-batch descent in float64 follows the formulas number by number")
  func formulas() throws {
    let lines = folder.lines("points.csv").dropFirst().map { line in
      line.split(separator: ",").compactMap { Double($0) }
    }
    try folder.write("", as: "keep")
    let weights = [0.5, -0.25]
    let file = try NPZFile.data([
      (name: "W1", array: NumericArray([2, 1], weights)),
      (name: "b1", array: NumericArray([1], [0.1])),
    ])
    try folder.write(Array(file), as: "start.npz")
    _ = try train(
      "--data", "points.csv", "--network", "2,1", "--parameters", "start.npz", "--layout", "rows",
      "--optimizer", "sgd", "--learning-rate", "0.5", "--batch", "full", "--order", "sequential",
      "--steps", "20", "--l2", "0.3", "--l1", "0.1", "--precision", "float64", "--json", "r.json")
    let losses = try #require(try object("r.json")["losses"] as? [Double])
    #expect(losses.count == 20)
    var (w, b) = (weights, 0.1)
    let m = Double(lines.count)
    for loss in losses {
      var (cost, dw, db) = (0.0, [0.0, 0.0], 0.0)
      for line in lines {
        let z = w[0] * line[0] + w[1] * line[1] + b
        let a = 1 / (1 + exp(-z))
        cost -= (line[2] * log(a) + (1 - line[2]) * log(1 - a)) / m
        dw[0] += (a - line[2]) * line[0] / m
        dw[1] += (a - line[2]) * line[1] / m
        db += (a - line[2]) / m
      }
      for index in 0..<2 {
        cost += 0.3 / (2 * m) * w[index] * w[index] + 0.1 / m * abs(w[index])
        dw[index] += 0.3 / m * w[index] + 0.1 / m * (w[index] > 0 ? 1 : -1)
      }
      #expect(abs(loss - cost) < 1e-12 * cost)
      for index in 0..<2 { w[index] -= 0.5 * dw[index] }
      b -= 0.5 * db
    }
  }

  @Test("the mean squared error of a sigmoid compares probabilities")
  func squaredErrorOfSigmoid() throws {
    let file = try NPZFile.data([
      (name: "W1", array: NumericArray([2, 1], [0.5, -0.25])),
      (name: "b1", array: NumericArray([1], [0.1])),
    ])
    try folder.write(Array(file), as: "start.npz")
    _ = try train(
      "--data", "points.csv", "--network", "2,1", "--output", "sigmoid", "--loss", "mse",
      "--parameters", "start.npz", "--layout", "rows", "--batch", "full", "--steps", "1",
      "--precision", "float64", "--json", "r.json")
    let lines = folder.lines("points.csv").dropFirst().map { line in
      line.split(separator: ",").compactMap { Double($0) }
    }
    let errors = lines.map { line -> Double in
      let a = 1 / (1 + exp(-(0.5 * line[0] - 0.25 * line[1] + 0.1)))
      return (a - line[2]) * (a - line[2])
    }
    let expected = errors.reduce(0, +) / Double(lines.count)
    let losses = try #require(try object("r.json")["losses"] as? [Double])
    #expect(abs(losses[0] - expected) < 1e-14)
  }

  @Test("training that goes on from its own parameters is the same training")
  func goesOn() throws {
    let words = [
      "train", "--data", "points.csv", "--network", "2,4,4,4,2", "--residual", "--optimizer", "sgd",
      "--batch", "full", "--order", "sequential", "--output", "softmax",
    ]
    for (steps, more) in [
      ("6", ["--json", "whole.json"]), ("4", ["--out", "part"]),
      ("2", ["--parameters", "part/parameters.npz", "--json", "rest.json"]),
    ] {
      let outcome = try PlumbProcess.run(words + ["--steps", steps] + more, in: folder)
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    let whole = try #require(try object("whole.json")["losses"] as? [Double])
    let rest = try #require(try object("rest.json")["losses"] as? [Double])
    #expect(Array(whole.suffix(2)) == rest)
  }

  @Test("the same command in its folder gives the same bytes, another one is refused")
  func again() throws {
    let words = ["--data", "points.csv", "--network", "2,3,1", "--steps", "5", "--out", "run"]
    func once(_ extra: [String] = [], status: Int32 = 0) throws -> CommandProcess.Outcome {
      let outcome = try PlumbProcess.run(["train"] + words + extra, in: folder)
      #expect(outcome.status == status, "\(outcome.error)")
      return outcome
    }
    _ = try once()
    let first = (folder.bytes("run/parameters.npz"), folder.bytes("run/summary.csv"))
    _ = try once()
    #expect(first.0 == folder.bytes("run/parameters.npz"))
    #expect(first.1 == folder.bytes("run/summary.csv"))
    let refused = try once(["--seed", "2"], status: 2)
    #expect(refused.error.contains("run: the folder holds another sweep"))
    #expect(first.0 == folder.bytes("run/parameters.npz"))
  }

  @Test("a loss that is not finite ends with status 1 and the last good parameters")
  func nonFinite() throws {
    let outcome = try train(
      "--data", "points.csv", "--network", "2,8,8,1", "--output", "linear", "--optimizer", "sgd",
      "--learning-rate", "1e30", "--batch", "full", "--steps", "50", "--out", "run", status: 1)
    #expect(outcome.output.contains("not finite"))
    let line = try object("run/runs.jsonl")
    #expect(line["diverged"] as? Bool == true && line["train_loss"] is NSNull)
    #expect(line["diverged_at_step"] as? Int == 1)
    let network = try NetworkDescription(widths: "2,8,8,1").network()
    let kept: Parameters<Float> = try ParameterFile.read(
      folder.file("run/parameters.npz"), into: network, layout: .rows)
    #expect(kept.vector.isFinite)
  }

  @Test("early stopping by a split of generated data keeps the best epoch's parameters")
  func earlyStopping() throws {
    _ = try train(
      "--data", "moons:count=60,noise=0.6", "--network", "2,32,32,1", "--split", "50,50,0",
      "--learning-rate", "0.03", "--epochs", "400", "--early-stopping", "10", "--json", "r.json")
    let result = try object("r.json")
    #expect(result["ending"] as? String == "stopped-early")
    let best = try #require(result["best_epoch"] as? Int)
    let epochs = try #require(result["epochs"] as? [Object])
    #expect(epochs.count == best + 10)
    let losses = epochs.compactMap { ($0["dev"] as? Object)?["loss"] as? Double }
    #expect(losses.count == epochs.count && losses.min() == losses[best - 1])
    #expect(result["dev_loss"] as? Double == losses[best - 1])
  }

  @Test("an interruption keeps what there is and ends with 130")
  func interruption() throws {
    let process = try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"),
      [
        "train", "--data", "points.csv", "--network", "2,16,16,1", "--steps", "100000000", "--out",
        "run",
      ], in: folder.path, environment: [:])
    // The record is begun before the first step.
    for _ in 0..<2000 where folder.bytes("run/record.json") == nil {
      Thread.sleep(forTimeInterval: 0.02)
    }
    kill(process.identifier, SIGINT)
    let outcome = try process.outcome()
    #expect(outcome.status == 130, "\(outcome.error)")
    let line = try object("run/runs.jsonl")
    #expect(line["ending"] as? String == "stopped")
    #expect(folder.bytes("run/parameters.npz")?.isEmpty == false)
  }

  @Test("a network of a hundred layers is trained, its table shortened, its residual form too")
  func deep() throws {
    let widths = (["2"] + Array(repeating: "3", count: 100) + ["1"]).joined(separator: ",")
    for words in [[], ["--residual"]] {
      let outcome = try PlumbProcess.run(
        ["train", "--data", "points.csv", "--network", widths, "--steps", "2"] + words, in: folder)
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.output.contains("rows more") && outcome.output.contains("Finished after 2"))
    }
  }

  @Test(
    "what a remedy says is added to the command as it is, and takes the place of what said the same"
  )
  func replacedOptions() throws {
    let outcome = try PlumbProcess.run(
      [
        "train", "--data", "points.csv", "--network", "2,3,1", "--epochs", "20", "--hidden", "4,5",
        "--steps", "3",
      ], in: folder)
    #expect(outcome.status == 0, "\(outcome.error)")
    for line in [
      "note: --hidden takes the place of --network", "note: --steps takes the place of --epochs",
      "Finished after 3 steps",
    ] {
      #expect(outcome.output.contains(line), "\(outcome.output)")
    }
    // 2 · 4 + 4, 4 · 5 + 5 and 5 + 1.
    #expect(outcome.output.contains("43 parameters"), "\(outcome.output)")
  }

  struct Mistake: CustomTestStringConvertible, Sendable {
    let words: [String]
    let parts: [String]
    var testDescription: String { words.joined(separator: " ") }

    init(_ words: String, _ parts: String...) {
      self.words = words.split(separator: " ").map(String.init)
      self.parts = parts
    }
  }

  @Test(
    "mistakes are named with location and remedy, and nothing is written",
    arguments: [
      Mistake("--network 2,3,1", "--data"),
      Mistake("--data nowhere.csv --network 2,3,1", "nowhere.csv", "no such file"),
      Mistake("--data moon --network 2,3,1", "moon", "did you mean moons?"),
      Mistake("--data points.csv --network 3,3,1", "2 features", "takes 3"),
      Mistake("--data points.csv --network 2,3,1 --learning-rate 0", "--learning-rate"),
      Mistake("--data points.csv --network 2,3,1 --learning-rate -1", "--learning-rate"),
      Mistake("--data points.csv --network 2,3,1 --learning-rte 1", "--learning-rate"),
      Mistake("--data points.csv --network 2,3,1 --batch 13", "batch of 13", "12 examples"),
      Mistake("--data points.csv --network 2,3,4,1 --residual", "equal width"),
      Mistake("--data points.csv --network 2,3,0,1", "--network"),
      Mistake("--data points.csv --network bare.json --hidden 4", "--hidden", "bare.json"),
      Mistake("--data points.csv --network 2,3,1 --beta1 0.5 --optimizer sgd", "--beta1", "sgd"),
      Mistake("--data points.csv --network 2,3,1 --early-stopping 3", "dev set", "--split"),
      Mistake("--data points.csv --network 2,3,1 --split 100,0,0", "train and at least one other"),
      Mistake("--data points.csv --network 2,3,1 --loss mse --output softmax", "mse", "softmax"),
      Mistake("--data wide.csv --network 2,3,1", "wide.csv", "row 3"),
      Mistake("--data three.csv --network 2,3,2", "label 2 is outside 0 ... 1"),
      Mistake("--data points.csv --network 2,3,1 --parameters other.npz", "other.npz", "another"),
      Mistake("--data points.csv --network 2,3,1 --out points.csv", "points.csv", "--out"),
      Mistake("--data points.csv --network missing.json", "missing.json"),
      Mistake("--data points.csv --network 2,4,1 --normalization batch --batch 11", "one example"),
      Mistake("--data points.csv --network twice.json", "twice.json", "outputs", "repeated"),
      Mistake("--data points.csv --network bare.json", "no parameters", "dense"),
      Mistake("--data points.csv --network 2,3,1 --layout rows", "--layout", "--parameters"),
      Mistake("--data points.csv --network 2,3,1 --branch-scale 1", "--branch-scale", "--residual"),
      Mistake("--data points.csv --network 2,3,1 --depth-scaling complete-p", "--residual"),
      Mistake("--data points.csv --network 2,3,3,1 --residual --depth-scaling mup", "complete-p"),
      Mistake("--data points.csv --network 2,3,1 --sheet 1", "--sheet", "not a workbook"),
      Mistake("--data moons --network 2,3,1 --drop x", "--drop", "moons is generated"),
      Mistake("--data moons --network 2,3,1 --targets values", "--targets", "moons is generated"),
      Mistake("--data points.csv --network 2,3,1 --json points.csv", "points.csv", "the data"),
      Mistake("--data points.csv --network 2,3,1 --json run/figure.svg", "a file of the results"),
      Mistake("--data minus.csv --network 2,3,2", "example 1", "label is -1", "from 0"),
      Mistake("--data points.csv --network 2,3,1 --schedule exponential", "exponential:FACTOR"),
      Mistake("--data points.csv --network 2,3,1 --steps 9000000000000000000", "--steps"),
      Mistake("--data points.csv --network 2,3,1 --help=no", "--help takes no value"),
    ])
  func mistakes(_ mistake: Mistake) throws {
    try folder.write("1,2,0\n3,4,1\n5,6,7,1\n", as: "wide.csv")
    try folder.write("1,2,0\n3,4,1\n5,6,2\n", as: "three.csv")
    try folder.write("1,2,0\n3,4,-1\n5,6,1\n", as: "minus.csv")
    try folder.write(
      #"{"input": [2], "layers": [{"layer": "dense", "outputs": 2, "outputs": 1}]}"#,
      as: "twice.json")
    try folder.write(#"{"input": [2], "layers": [{"layer": "relu"}]}"#, as: "bare.json")
    let parameters = try NPZFile.data([
      (name: "W1", array: NumericArray([7, 2], Array(repeating: 0.5, count: 14))),
      (name: "b1", array: NumericArray([2], [0.5, 0.5])),
    ])
    try folder.write(Array(parameters), as: "other.npz")
    let before = folder.content().keys.sorted()
    let words = mistake.words + (mistake.words.contains("--out") ? [] : ["--out", "run"])
    let outcome = try PlumbProcess.run(["train"] + words, in: folder)
    #expect(outcome.status == 2 && !outcome.isKilled)
    for part in mistake.parts { #expect(outcome.error.contains(part), "\(outcome.error)") }
    #expect(folder.content().keys.sorted() == before)
  }
}
