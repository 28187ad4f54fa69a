import Foundation
import TestSupport
import Testing

/// The same network, data, seed and settings give the same run, to the bit, in `plumb train` and in an experiment.
@Suite struct OneMeaningTests {
  /// An arm, and the same network at depth 2 and width 6.
  private static let arm = """
    {"name": "mine", "layers": [{"layer": "dense", "outputs": "=width"}, {"layer": "tanh"},
      {"repeat": "=depth", "layers": [{"layer": "residual", "scale": 0.5, "branch": [BRANCH]}]},
      {"layer": "dense", "outputs": "=classes", "initializer": "lecun"}]}
    """

  @Test(arguments: [
    (#"{"layer": "dense", "outputs": WIDTH}, {"layer": "relu"}"#, ["--optimizer", "adam"]),
    (
      #"{"layer": "dense", "outputs": WIDTH}, {"layer": "gelu"}"#,
      ["--optimizer", "sgd", "--schedule", "cosine:0.1", "--warm-up", "3", "--remainder", "keep"]
    ),
    (
      #"{"layer": "layer-norm"}, {"layer": "dense", "outputs": WIDTH}"#,
      ["--optimizer", "momentum", "--momentum", "0.8", "--l2", "0.1", "--normalize", "per-feature"]
    ),
    (
      #"{"layer": "dense", "outputs": WIDTH}, {"layer": "dropout", "rate": 0.2}"#,
      ["--optimizer", "muon", "--order", "sequential", "--schedule", "exponential:0.9"]
    ),
  ])
  func bothProgramsGiveTheSameBits(branch: String, words: [String]) throws {
    let folder = try TemporaryFolder()
    try folder.write(
      Self.arm.replacing("BRANCH", with: branch.replacing("WIDTH", with: #""=width""#)),
      as: "arm.json")
    let inside = branch.replacing("WIDTH", with: "6")
    let block = #"{"layer": "residual", "scale": 0.5, "branch": [\#(inside)]}"#
    try folder.write(
      """
      {"input": [2], "output": "softmax", "layers": [{"layer": "dense", "outputs": 6}, {"layer": "tanh"},
        \(block), \(block), {"layer": "dense", "outputs": 2, "initializer": "lecun"}]}
      """, as: "network.json")
    let data = ["--data", "moons:count=70", "--batch", "32", "--steps", "9"]
    // What differs where nothing is said: the scale of the features, and the examples left over.
    let scale = words.contains("--normalize") ? [] : ["--normalize", "none"]
    let remainder = words.contains("--remainder") ? [] : ["--remainder", "drop"]
    let experiment = try ResearchProcess.run(
      ["depth", "--arms", "arm.json", "--depths", "2", "--width", "6", "--learning-rates", "0.01"]
        + ["--report-seeds", "1", "--out", "experiment"] + data + scale + words, in: folder)
    #expect(experiment.status != 2, "\(experiment.error)")
    let train = try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"),
      ["train", "--network", "network.json", "--learning-rate", "0.01", "--seed", "1001"]
        + ["--out", "train"] + data + remainder + words, in: folder.path
    ).outcome()
    #expect(train.status == 0, "\(train.error)")
    func fields(_ out: String) throws -> [String: Any] {
      let line = try #require(folder.lines("\(out)/runs.jsonl").first)
      return try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let (one, other) = (try fields("experiment"), try fields("train"))
    for name in ["parameters_hash", "train_loss", "train_error", "seed", "learning_rate"] {
      let (own, others) = (one[name] as? NSObject, other[name] as? NSObject)
      #expect(own != nil && own == others, "\(name): \(String(describing: others))")
    }
    for file in ["record.json", "runs.jsonl", "summary.csv", "figure.svg", "report.html"] {
      #expect(folder.bytes("experiment/\(file)") != nil && folder.bytes("train/\(file)") != nil)
    }
  }
}
