import Datasets
import Foundation
import TestSupport
import Testing

@Suite("plumb data inspect and split")
struct DataCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ words: String...) throws -> CommandProcess.Outcome {
    try PlumbProcess.run(["data"] + words, in: folder)
  }

  private func json(_ name: String) throws -> [String: Any] {
    let data = Data(try #require(folder.bytes(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func write(_ arrays: [(name: String, array: NumericArray)], as name: String) throws {
    try folder.write([UInt8](NPZFile.data(arrays)), as: name)
  }

  // MARK: inspect

  @Test("inspect names arrays, what is taken of them, and findings")
  func inspect() throws {
    try write(
      [
        ("X", NumericArray([5, 2], [0.5, 7, -0.5, 7, 0.25, 7, 0.5, 7, 0.25, 7])),
        ("Y", NumericArray([5], [0, 1, 1, 1, 1])),
        ("W1", NumericArray([2, 3], [1.0, 2, 3, 4, 5, 6])),
      ], as: "d.npz")
    let outcome = try run("inspect", "d.npz", "--json", "i.json")
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    for words in [
      "X: float64 (5, 2), -0.5 to 7", "W1: float64 (2, 3), 1 to 6", "train: 5 examples",
      "2 classes: 0 (1 example), 1 (4)", "other arrays: W1",
      "train, feature 1: 1 of 2 features are constant",
      "1 of 5 examples (20.0%) is a copy of another",
      "different labels", "no network can have an error below 20.00%",
    ] { #expect(outcome.output.contains(words), "\(outcome.output)") }
    let result = try json("i.json")
    let findings = try #require(result["findings"] as? [[String: Any]])
    #expect(
      Set(findings.compactMap { $0["cause"] as? String }) == [
        "constant-features", "repeated-examples", "conflicting-labels",
      ])
    let inspection = try #require(result["inspection"] as? [String: Any])
    #expect((inspection["entries"] as? [[String: Any]])?.count == 3)
    let labelled = try #require(inspection["labelled"] as? [String: Any])
    let sets = try #require(labelled["sets"] as? [[String: Any]])
    #expect(sets[0]["class_counts"] as? [Int] == [1, 4])
  }

  @Test("labels beyond the outputs, and values that are not finite: the answer is no")
  func unusable() throws {
    let beyond = try run("inspect", "rings:classes=4,count=40,test=0", "--outputs", "3")
    #expect(beyond.status == 1 && beyond.output.contains("outside 0 ... 2"))
    #expect(try run("inspect", "rings:classes=4,count=40,test=0", "--outputs", "4").status == 0)
    try write(
      [("X", NumericArray([2, 1], [Double.nan, 1])), ("Y", NumericArray([2], [0, 1]))], as: "n.npz")
    let nan = try run("inspect", "n.npz")
    #expect(nan.status == 1 && nan.output.contains("X: 1 of 2 values are infinite"))
    #expect(nan.output.contains("cannot be used for training as it is: X[0, 0]"))
  }

  @Test("what acts on a terminal is shown and not sent, whatever file it comes from")
  func escapes() throws {
    let hidden = "\u{1B}[2Jname\u{9B}31m"
    try write(
      [
        ("X", NumericArray([2, 1], [0.5, 1])), ("Y", NumericArray([2], [0, 1])),
        (hidden, NumericArray([1], [1.0])),
      ], as: "e.npz")
    for words in [["inspect", "e.npz"], ["inspect", "\u{1B}[2J.npz"]] {
      let outcome = try PlumbProcess.run(["data"] + words, in: folder)
      let text = outcome.output + outcome.error
      #expect(text.contains("\\x1b"), "\(words) \(text)")
      #expect(
        !text.unicodeScalars.contains {
          ($0.value < 32 || 127..<160 ~= $0.value) && $0 != "\n" && $0 != "\t"
        })
    }
  }

  @Test("an array that cannot be read makes the answer no")
  func unreadableArray() throws {
    let objects = ArrayBytes(type: "|O", [1], data: [0x80, 0x04, 0x4E, 0x2E])
    try folder.write(
      archive(["X": ArrayBytes([2, 1], [0.5, 1]), "Y": ArrayBytes([2], [0, 1]), "Z": objects]),
      as: "o.npz")
    let outcome = try run("inspect", "o.npz")
    #expect(outcome.status == 1 && outcome.output.contains("Python objects"), "\(outcome)")
  }

  @Test("sets from different distributions are told")
  func distributions() throws {
    let x = (0..<400).map { Double($0 * 7919 % 400) / 400 }
    try write(
      [
        ("train_x", NumericArray([200, 2], x)),
        ("train_y", NumericArray([200], (0..<200).map { $0 % 2 })),
        ("dev_x", NumericArray([200, 2], x.map { $0 * 0.5 + 0.3 })),
        ("dev_y", NumericArray([200], (0..<200).map { $0 % 2 })),
      ], as: "shifted.npz")
    let outcome = try run("inspect", "shifted.npz")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("train and dev come from different distributions"))
    #expect(outcome.output.contains("warning: train and dev"))
  }

  @Test("a table with its options, and a generator by name")
  func sources() throws {
    try folder.write("a;b;kind\n1;2;x\n3;4;y\n5;7;x\n", as: "t.csv")
    let outcome = try run("inspect", "t.csv", "--label-column", "b", "--targets", "values")
    #expect(outcome.status == 0 && outcome.output.contains("1 for y, 0 for x"), "\(outcome.error)")
    let table = try run("inspect", "t.csv", "--separator", "semicolon", "--header", "yes")
    #expect(table.status == 0 && table.output.contains("x (2 examples), y (1)"))
    let spirals = try run("inspect", "two-spirals")
    #expect(spirals.status == 0 && spirals.output.contains("no problems were found"))
    #expect(spirals.output.contains("train: 1000 examples"))
  }

  // MARK: split

  @Test("split writes three sets that are read again, the same for the same seed")
  func split() throws {
    let first = try run(
      "split", "rings:count=100,test=0,classes=4", "--out", "a.npz", "--json", "a.json")
    #expect(first.status == 0 && first.error.isEmpty)
    #expect(first.output.contains("dev and test look like samples from the same distribution"))
    let sets = try LabelledSets(path: folder.file("a.npz"))
    #expect(sets.all.map(\.exampleCount) == [60, 20, 20])
    #expect(
      sets.summary.sets.map(\.classCounts) == [[15, 15, 15, 15], [5, 5, 5, 5], [5, 5, 5, 5]])
    _ = try run("split", "rings:count=100,test=0,classes=4", "--out", "b.npz", "--seed", "1")
    _ = try run("split", "rings:count=100,test=0,classes=4", "--out", "c.npz", "--seed", "2")
    #expect(folder.bytes("a.npz") == folder.bytes("b.npz"))
    #expect(folder.bytes("a.npz") != folder.bytes("c.npz"))
    let result = try json("a.json")
    let check = try #require(result["distribution"] as? [String: Any])
    #expect((check["comparisons"] as? [[String: Any]])?.count == 3)
    #expect(result["seed"] as? Int == 1)
  }

  @Test("two ratios leave the source's test set as it is; counts are counts")
  func parts() throws {
    let kept = try run("split", "moons:count=100,test=30", "--ratios", "80,20", "--out", "k.npz")
    #expect(kept.status == 0 && kept.output.contains("the test set is the source's own"))
    let sets = try LabelledSets(path: folder.file("k.npz"))
    #expect(sets.all.map(\.exampleCount) == [80, 20, 30])
    let source = try LabelledSets(source: "moons:count=100,test=30")
    #expect(sets.test?.features == source.test?.features)
    let pooled = try run("split", "moons:count=100,test=30", "--counts", "10,20", "--out", "p.npz")
    #expect(pooled.output.contains("train and test of the source were pooled first"))
    #expect(
      try LabelledSets(path: folder.file("p.npz")).all.map(\.exampleCount) == [100, 10, 20])
  }

  @Test(
    "what cannot be split is refused, and nothing is written",
    arguments: [
      (["nowhere.npz"], ["nowhere.npz", "no such file"]),
      (["mooons"], ["did you mean moons?"]),
      (["moons:count=5,test=0", "--ratios", "98,1,1"], ["splits 5 examples", "larger shares"]),
      (["moons", "--ratios", "60"], ["--ratios", "60,20,20"]),
      (["moons", "--ratios", "60,-20,20"], ["--ratios"]),
      (["moons", "--ratios", "0,1,1"], ["ratios", "train"]),
      (["moons", "--counts", "600,600"], ["of 1200 examples", "leave examples for training"]),
      (["moons", "--counts", "5"], ["--counts", "1000,1000"]),
      (["moons", "--counts", "5,5", "--ratios", "60,20,20"], ["exclude each other"]),
      (["moons", "--out", "moons.csv"], ["ends in .npz"]),
      (["moons", "--out", "nowhere/x.npz"], ["nowhere", "mkdir -p"]),
      (["moons", "--out", "x.npz", "--json", "nowhere/x.json"], ["nowhere", "mkdir -p"]),
      (["own.npz", "--out", "./own.npz"], ["would be overwritten"]),
      (["moons", "--sed", "1"], ["did you mean --seed?"]),
    ])
  func refusals(words: [String], message: [String]) throws {
    try write(
      [("X", NumericArray([3, 1], [1.0, 2, 3])), ("Y", NumericArray([3], [0, 1, 1]))], as: "own.npz"
    )
    let before = folder.content()
    let outcome = try PlumbProcess.run(["data", "split"] + words, in: folder)
    #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
    for part in message { #expect(outcome.error.contains(part), "\(outcome.error)") }
    #expect(folder.content() == before)
  }

  @Test("data alone, and a mistyped subcommand, name the commands")
  func group() throws {
    #expect(try run().error.contains("data inspect or data split"))
    #expect(try run("inspct").error.contains("did you mean data inspect?"))
  }
}
