import Datasets
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("plumb train with a network in a file")
struct DescribedTrainingTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let key = Key(seed: 3)
    // Class numbers of eight symbols, and sequences of three values at seven times.
    func rows(_ count: Int, _ row: (Int) -> String) -> String {
      (0..<count).map(row).joined(separator: "\n") + "\n"
    }
    try folder.write(
      "a,b,c,label\n"
        + rows(200) { index in
          let symbols = (0..<3).map { key["symbol"].integer(at: 3 * index + $0, below: 600) }
          return symbols.map(String.init).joined(separator: ",") + ",\(symbols[0] > 300 ? 1 : 0)"
        }, as: "symbols.csv")
    try folder.write(
      """
      {"input": [3], "output": "sigmoid", "layers": [
        {"layer": "embedding", "classes": 600, "outputs": 4}, {"layer": "flatten"},
        {"layer": "dense", "outputs": 8}, {"layer": "relu"}, {"layer": "dense", "outputs": 1}]}
      """, as: "symbols.json")
    let values = key["values"].normal(200 * 6)
    try folder.write(
      "a,b,c,d,e,f,label\n"
        + rows(200) { index in
          let row = values[6 * index..<6 * index + 6]
          return row.map { "\($0)" }.joined(separator: ",") + ",\(row.reduce(0, +) > 0 ? 1 : 0)"
        }, as: "values.csv")
  }

  private func train(_ words: [String], status: Int32 = 0) throws -> CommandProcess.Outcome {
    let outcome = try PlumbProcess.run(["train"] + words, in: folder)
    #expect(outcome.status == status && !outcome.isKilled, "\(outcome.error)")
    return outcome
  }

  private func network(_ layers: String) throws {
    try folder.write(
      #"{"input": [6], "output": "sigmoid", "layers": [\#(layers), {"layer": "dense", "outputs": 1}]}"#,
      as: "network.json")
  }

  @Test("an explanation changes network and weights together")
  func explanation() throws {
    let outcome = try train([
      "--data", "moons", "--network", "2,8,8,8,8,1", "--activation", "sigmoid", "--init",
      "normal:0.05", "--steps", "60", "--explain",
    ])
    #expect(outcome.output.contains("shown:"))
  }

  @Test("class numbers are neither too large nor changed by an explanation or an augmentation")
  func symbols() throws {
    let outcome = try train([
      "--data", "symbols.csv", "--network", "symbols.json", "--steps", "60", "--explain",
    ])
    #expect(!outcome.output.contains("--normalize"))
    let refused = try train(
      ["--data", "symbols.csv", "--network", "symbols.json", "--augment", "noise=0.3"], status: 2)
    #expect(refused.error.contains("embedding"))
  }

  @Test(
    "an option that finds nothing in the file to act on is refused",
    arguments: [["--dropout", "0.5"], ["--normalization", "layer"], ["--branch-scale", "0.5"]])
  func nothingToActOn(option: [String]) throws {
    try network(#"{"layer": "gated-mlp", "units": 5}"#)
    let outcome = try train(
      ["--data", "values.csv", "--network", "network.json"] + option, status: 2)
    #expect(outcome.error.contains(option[0]) && outcome.error.contains("to act on"))
  }

  @Test("the default of an option changes nothing")
  func defaults() throws {
    try network(#"{"layer": "dense", "outputs": 8}, {"layer": "relu"}"#)
    let words = ["--data", "values.csv", "--network", "network.json", "--steps", "20", "--json"]
    _ = try train(words + ["plain.json"])
    _ = try train(words + ["none.json", "--dropout", "0"])
    func losses(_ name: String) throws -> [Double] {
      let data = Data(try #require(folder.bytes(name)))
      let result = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      return try #require(result["losses"] as? [Double])
    }
    #expect(try losses("plain.json") == losses("none.json"))
  }

  @Test("what mixes the outputs of earlier layers is not said to collapse")
  func mixedOutputs() throws {
    let block = #"[{"layer": "dense", "outputs": 8}, {"layer": "relu"}]"#
    try network(
      #"{"layer": "dense", "outputs": 8}, {"layer": "depth-weighted-average", "blocks": [\#(block), \#(block)]}"#
    )
    let outcome = try train(["--data", "values.csv", "--network", "network.json", "--steps", "20"])
    #expect(!outcome.output.contains("look alike"), "\(outcome.output)")
  }

  @Test("a recurrent network is advised neither widths nor a scale against its gates")
  func recurrent() throws {
    try folder.write(
      """
      {"input": [3, 2], "output": "sigmoid", "layers": [
        {"layer": "lstm", "units": 5, "output": "sequence"}, {"layer": "lstm", "units": 5},
        {"layer": "dense", "outputs": 1}]}
      """, as: "recurrent.json")
    let outcome = try train([
      "--data", "values.csv", "--network", "recurrent.json", "--steps", "60",
    ])
    #expect(!outcome.output.contains("--hidden") && !outcome.output.contains("vanishes"))
  }
}
