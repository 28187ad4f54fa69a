import Findings
import Networks
import Plumbline
import TestSupport
import Testing

@Suite("A description that does not fit is refused with its place")
struct NetworkDescriptionErrorTests {
  /// A JSON text, and what the message has to say.
  struct Flaw: Sendable, CustomTestStringConvertible {
    let json: String
    let location: String
    let parts: [String]
    var testDescription: String { "\(location): \(parts)" }

    /// A flaw in a list of layers.
    init(_ layers: String, input: String = "[4]", at location: String, _ parts: String...) {
      self.init(json: #"{"input": \#(input), "layers": [\#(layers)]}"#, at: location, parts)
    }

    init(json: String, at location: String, _ parts: [String]) {
      self.json = json
      self.location = location
      self.parts = parts
    }
  }

  private static let dense = #"{"layer": "dense", "outputs": 3}"#

  static let flaws: [Flaw] = [
    Flaw(
      json: #"{"input": [4], "layers": ["#, at: "line 1, column 27",
      ["this is not JSON", "brackets", "the text ends"]),
    Flaw(json: "{\"input\": [4],\n \"layers\": [] x", at: "line 2, column 15", ["\"x\" is there"]),
    Flaw(json: #"{"input": [4], "layers": [],}"#, at: "line 1, column 29", ["a quote"]),
    Flaw(json: #"{"input": [4.], "layers": []}"#, at: "line 1, column 14", ["a digit"]),
    Flaw(json: #"{"input": [04], "layers": []}"#, at: "line 1, column 13", ["a comma or ]"]),
    Flaw(json: #"{"input": [NaN], "layers": []}"#, at: "line 1, column 12", ["a value"]),
    Flaw(json: #"{"input": [4], "layers"#, at: "line 1, column 23", ["a closing quote"]),
    Flaw(json: #"{"input": [4], "in\u0070ut": [5]}"#, at: "line 1, column 16", ["a backslash"]),
    Flaw(
      json: #"{"input": [4], "layers": [], "input": [5]}"#, at: "input",
      ["repeated at line 1, column 30", "keep one"]),
    Flaw(
      #"{"layer": "dense", "outputs": 3, "outputs": 4}"#, at: "layers[0].outputs", "repeated"),
    Flaw(
      json: String(repeating: "[", count: 100_000), at: "line 1, column 501", ["more than 500"]),
    Flaw(
      #"{"layer": "dense", "outputs": 3, "initializer": {"scheme": "scaled", "standard_deviation": -1}}"#,
      at: "layers[0].initializer.standard_deviation", "-1", "0 or more"),
    Flaw(
      #"{"layer": "relu"}, {"layer": "embedding", "classes": 3, "outputs": 2}"#, at: "layers[1]",
      "the layer before it", "put it first"),
    Flaw(json: "[]", at: "", ["this is not an object"]),
    Flaw(json: #"{"layers": []}"#, at: "", ["\"input\" is missing", "[784]"]),
    Flaw(json: #"{"input": [4]}"#, at: "", ["\"layers\" is missing"]),
    Flaw(json: #"{"input": "x", "layers": []}"#, at: "input", ["does not fit", "[784]"]),
    Flaw(json: #"{"input": [-4], "layers": []}"#, at: "input", ["does not fit"]),
    Flaw(json: #"{"input": [1, 2, 3, 4], "layers": []}"#, at: "input", ["[1, 2, 3, 4]"]),
    Flaw(json: #"{"input": [0], "layers": []}"#, at: "input", ["[0]"]),
    Flaw(
      json: #"{"input": [4], "output": "max", "layers": []}"#, at: "output",
      ["\"max\"", "linear, softmax, sigmoid"]),
    Flaw(
      json: #"{"input": [4], "layers": [], "colour": 3}"#, at: "colour",
      ["no field \"colour\"", "input, layers, output"]),
    Flaw(
      json: #"{"input": [3000000000, 3000000000], "layers": []}"#, at: "input",
      ["more than memory holds"]),
    Flaw(
      #"{"layer": "dense", "outputs": 9000000000000000000}, \#(dense)"#, at: "layers[0]",
      "the weight", "[4, 9000000000000000000]", "4294967296"),
    Flaw(
      #"{"layer": "dense", "outputs": 1000000000}, {"layer": "highway"}"#, at: "layers[1]",
      "the weight"),
    Flaw(
      #"{"layer": "dense", "outputs": 900000000}, {"layer": "dense", "outputs": 2}"#, at: "layers",
      "all parameters"),
    Flaw(
      #"{"layer": "convolution", "outputs": 1, "kernel": 1, "padding": 9000000000000000000}"#,
      input: "[1, 2, 2]", at: "layers[0]", "padding"),
    Flaw(#"7"#, at: "layers[0]", "not an object"),
    Flaw(#"\#(dense), {"outputs": 3}"#, at: "layers[1]", "\"layer\" is missing"),
    Flaw(#"{"layer": "dens"}"#, at: "layers[0].layer", "no layer \"dens\"", "dense, "),
    Flaw(#"{"layer": "dense"}"#, at: "layers[0]", "\"outputs\" is missing"),
    Flaw(#"{"layer": "dense", "outputs": 0}"#, at: "layers[0].outputs", "is 0", "1 or more"),
    Flaw(#"{"layer": "dense", "outputs": "3"}"#, at: "layers[0].outputs", "does not fit"),
    Flaw(
      #"{"layer": "dense", "outputs": 3, "unit": 2}"#, at: "layers[0].unit", "no field \"unit\"",
      "bias, initializer, layer, name, outputs"),
    Flaw(
      #"{"layer": "dense", "outputs": 3, "initializer": "hee"}"#, at: "layers[0].initializer",
      "no initializer \"hee\"", "he, lecun"),
    Flaw(
      #"{"layer": "dense", "outputs": 3, "initializer": {"scheme": "x"}}"#,
      at: "layers[0].initializer.scheme", "no scheme \"x\""),
    Flaw(
      #"{"layer": "residual", "branch": [{"layer": "relu"}, {"layer": "dense", "outputs": -1}]}"#,
      at: "layers[0].branch[1].outputs", "is -1"),
    Flaw(
      #"{"layer": "residual", "branch": [\#(dense)]}"#, at: "layers[0]",
      "the skip has [4] and the branch [3]", "projection"),
    Flaw(
      #"{"layer": "residual", "branch": [], "after": "sine"}"#, at: "layers[0].after",
      "no \"sine\"", "leaky-relu"),
    Flaw(#"{"layer": "dropout", "rate": 1}"#, at: "layers[0].rate", "is 1;", "not including 1"),
    Flaw(#"{"layer": "dropout"}"#, at: "layers[0]", "\"rate\" is missing"),
    Flaw(
      #"{"layer": "stochastic-depth", "survival": 0}"#, at: "layers[0].survival", "above 0"),
    Flaw(
      #"{"layer": "convolution", "outputs": 2, "kernel": 3}"#, at: "layers[0]",
      "takes images", "[4]"),
    Flaw(
      #"{"layer": "convolution", "outputs": 2, "kernel": [3]}"#, input: "[1, 4, 4]",
      at: "layers[0].kernel", "[3]"),
    Flaw(
      #"{"layer": "convolution", "outputs": 2, "kernel": 7}"#, input: "[1, 4, 4]",
      at: "layers[0]", "7x7", "larger than the images of shape [1, 4, 4]"),
    Flaw(
      #"{"layer": "max-pool", "kernel": 2, "padding": 2}"#, input: "[1, 4, 4]",
      at: "layers[0].padding", "half of the window"),
    Flaw(
      #"{"layer": "padded-shortcut", "channels": 1}"#, input: "[2, 4, 4]",
      at: "layers[0].channels", "1 channels, but its input has 2"),
    Flaw(dense, input: "[1, 4, 4]", at: "layers[0]", "images of shape [1, 4, 4]", "flatten"),
    Flaw(
      #"{"layer": "reversible", "branches": []}"#, input: "[3]", at: "layers[0]", "there are 3"),
    Flaw(
      #"{"layer": "reversible", "branches": [[\#(dense)]]}"#, at: "layers[0].branches[0]",
      "keeps the shape [2]", "[3]"),
    Flaw(
      #"{"layer": "concatenating", "branch": [{"layer": "max-pool", "kernel": 2}]}"#,
      input: "[1, 4, 4]", at: "layers[0]", "[1, 4, 4] and the branch [1, 2, 2]"),
    Flaw(#"{"layer": "again", "of": "a"}"#, at: "layers[0].of", "no earlier layer named \"a\""),
    Flaw(
      #"{"layer": "relu", "name": "a"}, {"layer": "relu", "name": "a"}"#, at: "layers[1]",
      "already a layer named \"a\"", "again"),
    Flaw(
      #"{"layer": "dense", "outputs": 3, "name": "a"}, {"layer": "again", "of": "a"}"#,
      at: "layers[1]", "takes examples of shape [4]", "[3]"),
    Flaw(
      #"{"layer": "relu", "name": "a"}, {"layer": "transposed-dense", "of": "a"}"#,
      at: "layers[1].of", "\"a\" is not a dense layer"),
    Flaw(
      #"{"layer": "dense", "outputs": 3, "name": "a"}, {"layer": "dense", "outputs": 5}, "#
        + #"{"layer": "transposed-dense", "of": "a"}"#, at: "layers[2]",
      "takes 3 features, but the layer before gives 5"),
  ]

  @Test("in JSON", arguments: flaws)
  func flaw(flaw: Flaw) {
    let error = #expect(throws: Problem.self) {
      try NetworkDescription(json: flaw.json)
    }
    guard let error else { return }
    #expect(error.location ?? "" == flaw.location, "\(error)")
    for part in flaw.parts { #expect(error.description.contains(part), "\(error)") }
    #expect(!error.remedy.isEmpty)
  }

  @Test("and a network stops the program where its batch is of another shape")
  func batch() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let network = try NetworkDescription(widths: "3,2").network()
      let parameters = Parameters<Double>(of: network, key: Key(seed: 0))
      _ = network(Tensor<Double>.ones([5, 4]), parameters.pass())
    }
    expectMessage(result, contains: ["for examples of shape [3]", "a batch of shape [5, 4]"])
  }

  @Test("examples that are not the class numbers of an embedding are named")
  func classNumbers() throws {
    let network = try NetworkDescription(
      json: #"{"input": [2], "layers": [{"layer": "embedding", "classes": 3, "outputs": 2}]}"#
    ).network()
    #expect(network.classesTaken == 3)
    try network.check(Tensor<Float>([2, 2], [0, 1, 2, 0]))
    for value: Float in [3, -1, 0.5, .nan] {
      let problem = #expect(throws: Problem.self) {
        try network.check(Tensor<Float>([2, 2], [0, 1, 2, value]))
      }
      #expect(problem?.location == "example 1, feature 1 (counted from 0)")
    }
  }
}
