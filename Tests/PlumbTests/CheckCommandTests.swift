import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("plumb check")
struct CheckCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private typealias Object = [String: Any]

  private func check(_ words: String..., status: Int32 = 0) throws -> (
    result: Object, output: String
  ) {
    let outcome = try PlumbProcess.run(["check", "--json", "check.json"] + words, in: folder)
    #expect(outcome.status == status && !outcome.isKilled, "\(outcome.error)")
    #expect(outcome.error.isEmpty)
    let data = Data(try #require(folder.bytes("check.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? Object)
    return (object, outcome.output)
  }

  private func tensors(_ result: Object) throws -> [Object] {
    try #require(result["tensors"] as? [Object])
  }

  private func names(_ result: Object) throws -> [String] {
    try tensors(result).compactMap { $0["name"] as? String }
  }

  @Test("a smooth network passes, with every field of the result")
  func smooth() throws {
    let (result, output) = try check("--network", "4,3,2", "--activations", "tanh", "--l2", "0.3")
    #expect(result["verdict"] as? String == "pass")
    #expect(try #require(result["distance"] as? Double) < 1e-7)
    #expect(result["checked_share"] as? Double == 1)
    let oracles = try #require(result["oracles"] as? [String: Double])
    #expect(try #require(oracles["difference"]) < 1e-7)
    #expect(try #require(oracles["dual"]) < 1e-12)
    #expect(abs(try #require(oracles["taylor_slope"]) - 2) < 0.05)
    #expect(try names(result) == ["W1", "b1", "W2", "b2"])
    for tensor in try tensors(result) {
      #expect(tensor["verdict"] as? String == "pass")
      #expect(try #require(tensor["relative_error"] as? Double) < 1e-7)
      #expect((tensor["kinks"] as? [Object])?.isEmpty == true)
    }
    #expect(output.contains("PASS: the gradient is right."))
  }

  /// The case of a public thread: small weights, zero biases, and a check that fails for b2 alone. With these seeds
  /// some of the examples switch off all five units of layer 1; with seed 4 none does, and all is smooth.
  @Test(
    "the check that fails for b2 alone is a kink of b2 and of nothing else",
    arguments: [1, 2, 3, 5, 6, 7])
  func kinkOfB2(seed: Int) throws {
    let (result, output) = try check(
      "--network", "6,5,3,1", "--init", "normal:0.01", "--examples", "400", "--seed", "\(seed)")
    #expect(result["verdict"] as? String == "kink")
    for tensor in try tensors(result) {
      let kinks = try #require(tensor["kinks"] as? [Object])
      guard tensor["name"] as? String == "b2" else {
        #expect(tensor["verdict"] as? String == "pass" && kinks.isEmpty)
        continue
      }
      #expect(tensor["verdict"] as? String == "kink")
      #expect(kinks.compactMap { $0["index"] as? Int } == [0, 1, 2])
      #expect(kinks.compactMap { $0["unit"] as? Int } == [0, 1, 2])
      for kink in kinks {
        #expect(kink["layer"] as? Int == 2 && kink["operation"] as? String == "relu")
        #expect((kink["samples"] as? [Int])?.isEmpty == false)
      }
    }
    #expect(output.contains("relu of layer 2, unit 0") && output.contains("the code is right"))
  }

  @Test(
    "dropout keeps its masks, normalization takes the batch, blocks and penalties are part of it")
  func layers() throws {
    for options in [
      ["--dropout", "0.3"], ["--normalization", "batch"], ["--normalization", "layer"],
      ["--residual", "--dropout", "0.2", "--l1", "0.1", "--l2", "0.2"],
      ["--residual", "--branch-scale", "0.5", "--activations", "tanh,gelu,silu,relu"],
      ["--loss", "mse", "--output", "tanh"], ["--order", "2", "--activations", "softplus"],
    ] {
      let outcome = try PlumbProcess.run(
        ["check", "--network", "3,3,3,3,2", "--examples", "4"] + options, in: folder)
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(options): \(outcome.error)")
      #expect(!outcome.output.contains("FAIL"), "\(options): \(outcome.output)")
    }
  }

  private static let images = """
    {"input": [1, 4, 4], "output": "softmax", "layers": [
      {"layer": "convolution", "outputs": 2, "kernel": 3}, {"layer": "batch-norm"},
      {"layer": "relu"}, {"layer": "residual", "branch": [
        {"layer": "convolution", "outputs": 2, "kernel": 1}, {"layer": "dropout", "rate": 0.2}]},
      {"layer": "flatten"}, {"layer": "dense", "outputs": 3}]}
    """

  @Test("a network of any layers from a file, at random and at given parameters")
  func file() throws {
    try folder.write(Self.images, as: "net.json")
    let (result, output) = try check("--network", "net.json", "--examples", "5", "--l2", "0.1")
    #expect(result["verdict"] as? String == "pass")
    let names = try names(result)
    #expect(
      names == [
        "0.weight", "0.bias", "1.scale", "1.shift", "3.branch.0.weight", "3.branch.0.bias",
        "5.weight", "5.bias",
      ])
    #expect(output.contains("rounding only"), "the bias before the normalization")
    let x = Tensor<Double>([4, 16], Key(seed: 1).normal(64))
    try folder.write(
      archive(["X": ArrayBytes(x), "Y": ArrayBytes([4], [0, 2, 1, 1])]), as: "data.npz")
    let given = try check("--network", "net.json", "--data", "data.npz").result
    #expect(given["verdict"] as? String == "pass")
  }

  @Test("a gradient that is meant to differ fails with its ratio, and passes where that is said")
  func surrogate() throws {
    try folder.write(
      """
      {"input": [4], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 5}, {"layer": "tanh"},
        {"layer": "gradient-preserving-scale", "initial": 0.5}, {"layer": "dense", "outputs": 3}]}
      """, as: "gpas.json")
    let words = ["check", "--network", "gpas.json", "--examples", "6"]
    let failed = try PlumbProcess.run(words, in: folder)
    #expect(failed.status == 1)
    // silu(0.5) is 0.311230.
    #expect(failed.output.contains("0.weight: the gradient is 1.45186 times the derivative"))
    #expect(failed.output.contains("FAIL"))
    let (result, output) = try check(
      "--network", "gpas.json", "--examples", "6", "--surrogate", "2")
    #expect(result["verdict"] as? String == "pass")
    #expect(output.contains("SURROGATE") && output.contains("1.45186 times the derivative"))
    let tensors = try tensors(result)
    #expect(tensors.map { $0["surrogate"] as? Bool } == [true, true, false, false, false])
    #expect(abs((tensors[0]["ratio"] as? Double ?? 0) - 1 / (1 - 0.5 / (1 + exp(-0.5)))) < 1e-8)
    // One of the two alone leaves the other to be judged.
    let half = try PlumbProcess.run(words + ["--surrogate", "0.weight"], in: folder)
    #expect(half.status == 1)
    for (list, part) in [
      ("7", "0.weight, 0.bias"), ("0", "leave it out"),
      ("0.weight,0.bias,2.gate,3.weight,3.bias", "name fewer"),
    ] {
      let refused = try PlumbProcess.run(words + ["--surrogate", list], in: folder)
      #expect(refused.status == 2 && refused.error.contains(part), "\(refused.error)")
    }
  }

  @Test("the parameters of a file tell the widths")
  func parameters() throws {
    let shapes = [("W1", [3, 4]), ("b1", [4]), ("W2", [4, 2]), ("b2", [2])]
    var arrays: [String: ArrayBytes] = [:]
    for (name, shape) in shapes {
      let count = shape.reduce(1, *)
      arrays[name] = ArrayBytes(shape, Key(seed: 2)[name].normal(count))
    }
    try folder.write(archive(arrays), as: "parameters.npz")
    let (result, _) = try check("--parameters", "parameters.npz", "--activations", "tanh")
    #expect(try tensors(result).map { $0["entries"] as? Int } == [12, 4, 8, 2])
  }

  @Test("the plot is written")
  func plot() throws {
    let outcome = try PlumbProcess.run(
      ["check", "--network", "3,4,1", "--activations", "tanh", "--plot", "steps.svg"], in: folder)
    #expect(outcome.status == 0)
    #expect(folder.text("steps.svg")?.hasPrefix("<svg") == true)
  }

  @Test("what cannot be used is refused by status 2, and nothing is written", arguments: badChecks)
  func refusal(input: BadInput) throws {
    try input.prepare(folder)
    let before = folder.content()
    let outcome = try PlumbProcess.run(["check"] + input.words, in: folder)
    #expect(outcome.status == 2 && !outcome.isKilled)
    #expect(outcome.output.isEmpty)
    for word in input.message { #expect(outcome.error.contains(word), "\(outcome.error)") }
    #expect(outcome.error.split(separator: "\n").count <= 3)
    #expect(folder.content() == before)
  }

  @Test("a function of another program is checked by files")
  func files() throws {
    func run(_ words: String...) throws -> CommandProcess.Outcome {
      try PlumbProcess.run(["check", "--function", "function.json"] + words, in: folder)
    }
    func costs(_ cost: (Double, Double) -> Double) throws {
      let data = Data(try #require(folder.bytes("points.json")))
      let points = try #require(try JSONSerialization.jsonObject(with: data) as? [Object])
      let values = try points.map { point -> Double in
        var w = [0.5, 2]
        w[try #require(point["entry"] as? Int)] += try #require(point["step"] as? Double)
        return cost(w[0], w[1])
      }
      try folder.write(Array(JSONSerialization.data(withJSONObject: values)), as: "costs.json")
    }
    let function = #"{"parameters": [{"name": "w", "values": [0.5, 2], "gradient": [2, 0.5]}]}"#
    try folder.write(Array(function.utf8), as: "function.json")
    let asked = try run()
    #expect(asked.status == 0 && asked.output.contains("26 points"), "\(asked.error)")
    try costs { $0 * $1 }
    let right = try run("--costs", "costs.json", "--json", "result.json")
    #expect(right.status == 0 && right.output.contains("PASS"), "\(right.error)")
    #expect(folder.text("result.json")?.contains("\"verdict\" : \"pass\"") == true)
    try costs { $0 * $1 * $1 }
    let wrong = try run("--costs", "costs.json")
    #expect(
      wrong.status == 1
        && wrong.output.contains("w, entry 1: the gradient is 0.500, and the slope is 2.00"))
    try folder.write(Array("[1, 2]".utf8), as: "costs.json")
    let short = try run("--costs", "costs.json")
    #expect(short.status == 2 && short.error.contains("26 costs"))
    try folder.write(Array("[]".utf8), as: "function.json")
    #expect(try run().error.contains("is not a function to check"))
  }
}

private let badChecks: [BadInput] = {
  func words(_ words: String..., message: String...) -> BadInput {
    BadInput(name: words.joined(separator: " "), words: words, message: message)
  }
  func network(_ name: String, _ text: String, _ options: [String] = [], message: String...)
    -> BadInput
  {
    BadInput(name: name, words: ["--network", "net.json"] + options, message: message) {
      try $0.write(text, as: "net.json")
    }
  }
  func data(
    _ name: String, _ arrays: [String: ArrayBytes], _ options: [String] = [], message: String...
  ) -> BadInput {
    BadInput(
      name: name, words: ["--network", "3,4,2", "--data", "data.npz"] + options, message: message
    ) { try $0.write(archive(arrays), as: "data.npz") }
  }
  let dense = #"{"input": [3], "layers": [{"layer": "dense", "outputs": 2}]}"#
  let x = ArrayBytes([2, 3], [1, 2, 3, 4, 5, 6])
  return [
    words("--network", "6", message: "--network", "\"6\"", "two or more"),
    words("--network", "6,0,1", message: "--network", ".json"),
    words("--network", "absent.json", message: "absent.json", "no such file"),
    words("--network", "9000,9000,1", message: "parameters", "50,000,000"),
    words("--network", "9000000,9000000,1", message: "more than memory holds"),
    words("--network", "3,4,2", "--residual", message: "equal width"),
    words("--network", "3,4,1", "--dropout", "1", message: "--dropout"),
    words("--init", "normal:x", message: "--init", "normal:x"),
    words("--loss", "cross-entropy", "--output", "tanh", message: "--output softmax"),
    words("--normalization", "batch", "--examples", "1", message: "two examples"),
    words("--eps", "0", message: "--eps"),
    words("--plot", "nowhere/x.svg", message: "nowhere", "mkdir -p"),
    words("--parameters", "absent.npz", message: "absent.npz", "no such file"),
    network("no JSON", "{", message: "net.json", "not JSON"),
    network("no layers", #"{"input": [3]}"#, message: "net.json", "layers"),
    network(
      "no such layer", #"{"input": [3], "layers": [{"layer": "dens"}]}"#,
      message: "layers[0]", "dens"),
    network(
      "shapes", #"{"input": [3], "layers": [{"layer": "max-pool", "kernel": 2}]}"#,
      message: "net.json", "layers[0]"),
    network(
      "no parameters", #"{"input": [3], "layers": [{"layer": "relu"}]}"#,
      message: "no parameters"),
    network("widths' options", dense, ["--dropout", "0.1"], message: "net.json", "--dropout"),
    network("activations", dense, ["--activations", "relu"], message: "--activations"),
    data("no X", ["Y": ArrayBytes([2], [0, 1])], message: "data.npz", "X"),
    data("no Y", ["X": x], message: "data.npz", "Y"),
    data(
      "features", ["X": ArrayBytes([2, 2], [1, 2, 3, 4]), "Y": ArrayBytes([2], [0, 1])],
      message: "array X", "[examples, 3]"),
    data("label", ["X": x, "Y": ArrayBytes([2], [0, 2])], message: "label 2", "0 to 1"),
    data("count", ["X": x, "Y": ArrayBytes([3], [0, 1, 1])], message: "array Y", "[3]"),
    data(
      "infinity", ["X": ArrayBytes([1, 3], [1, .infinity, 1]), "Y": ArrayBytes([1], [0])],
      message: "array X", "finite"),
    BadInput(
      name: "parameters of another network",
      words: ["--network", "3,4,2", "--parameters", "p.npz"], message: ["p.npz", "W1"]
    ) {
      try $0.write(
        archive(["W1": ArrayBytes([3, 5], [Double](repeating: 1, count: 15)), "b1": x]),
        as: "p.npz")
    },
  ]
}()
