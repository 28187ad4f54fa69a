import Findings
import Networks
import Plumbline
import Testing

@testable import Verification

@Suite("The audit of a network that is described")
struct NetworkAuditTests {
  /// What a program leaves that computes a network and differentiates it, or another one.
  private struct Run {
    let network: Network
    var arrays: [String: Tensor<Double>]
    let cost: Double

    /// - Parameters:
    ///   - turns: Whether weights, and whether their gradients, lie as in PyTorch.
    ///   - computed: The network that the program computes, where that is not quite the described one, and the one that it differentiates.
    init(
      _ json: String, gradientOf other: String? = nil,
      turns: (weights: Bool, gradients: Bool) = (false, false),
      computing computed: Network? = nil, differentiating wrong: Network? = nil
    ) throws {
      let key = Key(seed: 5)
      network = try NetworkDescription(json: json).network()
      let parameters = Parameters<Double>(of: network, key: key["parameters"])
      let shape = Shape([5] + network.description.input.extents)
      let input = Tensor<Double>(shape, key["x"].normal(shape.elementCount))
      let targets = Tensor<Double>(classes: [0, 1, 1, 0, 1])
      func cost(_ network: Network) -> NetworkCost {
        NetworkCost(
          network, loss: .crossEntropy, inputs: input, targets: targets.oneHot(classes: 2))
      }
      let values = parameters.names.map { parameters[$0] }
      let tape = Tape<Double>()
      let variables = values.map { tape.variable($0) }
      let differentiated =
        try other.map { try NetworkDescription(json: $0).network() } ?? wrong ?? computed ?? network
      let gradients = tape.gradients(of: cost(differentiated)(variables))
      func laid(_ tensor: Tensor<Double>, _ turns: Bool) -> Tensor<Double> {
        let rank = tensor.shape.rank
        return turns && rank > 1
          ? tensor.transposed(permutation: [rank - 1] + Array(0..<rank - 1)) : tensor
      }
      self.cost = cost(computed ?? network)(values).scalar
      arrays = ["X": input, "Y": targets]
      for (index, name) in parameters.names.enumerated() {
        arrays[name] = laid(values[index], turns.weights)
        arrays[name + ".grad"] = laid(gradients[variables[index]], turns.gradients)
      }
    }

    func report(hasCost: Bool = true) throws -> AuditReport {
      let saved = SavedArrays(arrays, cost: hasCost ? cost : nil, keep: nil, tolerance: 1e-5)
      return try NetworkAudit(network, saved: saved).report()
    }
  }

  private func recurrent(_ layer: String, truncation: Int? = nil) -> String {
    """
    {"input": [6, 3], "output": "softmax", "layers": [
      {"layer": "\(layer)", "units": 4\(truncation.map { ", \"truncation\": \($0)" } ?? "")},
      {"layer": "dense", "outputs": 2}]}
    """
  }
  private let convolution = """
    {"input": [2, 4, 4], "output": "softmax", "layers": [
      {"layer": "convolution", "outputs": 3, "kernel": 3}, {"layer": "tanh"}, {"layer": "flatten"},
      {"layer": "dense", "outputs": 2}]}
    """

  @Test("names the steps after which the gradient is cut", arguments: ["recurrent", "lstm", "gru"])
  func truncated(layer: String) throws {
    #expect(try Run(recurrent(layer)).report().verdict == .pass)
    let report = try Run(recurrent(layer), gradientOf: recurrent(layer, truncation: 2)).report()
    #expect(report.verdict == .fail)
    #expect(report.firstDivergence?.cause?.id == .timeStepsMissing, "\(report.paragraph)")
    #expect(report.firstDivergence?.cause?.explanation.contains("every 2 steps") == true)
    // Truncation that the description asks for is not a mistake.
    #expect(try Run(recurrent(layer, truncation: 2)).report().verdict == .pass)
  }

  @Test(
    "takes the gated unit as papers and courses have it, and names what is wrong in it",
    arguments: GatedConvention.others)
  func gated(convention: GatedConvention) throws {
    let described = try NetworkDescription(json: recurrent("gru"))
    let form = try #require(described.layers[0].form as? GRUForm)
    func network(_ change: (inout CellMistakes) -> Void = { _ in }) throws -> Network {
      var own = CellForm(convention.cell, of: form)
      change(&own.mistakes)
      var description = described
      description.layers[0].form = own
      return try description.network()
    }
    let right = try Run(recurrent("gru"), computing: network()).report()
    #expect(right.verdict == .pass, "\(right.paragraph)")
    #expect(right.remarks.contains(convention.remark))
    let wrong = try Run(
      recurrent("gru"), computing: network(), differentiating: network { $0.lacksFactor = true }
    ).report()
    #expect(wrong.firstDivergence?.cause?.id == .missingActivationDerivative)
    #expect(wrong.firstDivergence?.cause?.explanation.contains("reset gate") == true)
  }

  @Test(
    "takes pictures with their channels last, windows first, and gradients between the layers of either order"
  )
  func channelsLast() throws {
    var run = try Run(convolution)
    let x = run.arrays["X"]!
    let between = try DescribedCost(
      network: run.network, output: .softmax, loss: ProgramLoss(kind: .crossEntropy, scale: 0.2),
      inputs: x, targets: Tensor<Double>(classes: [0, 1, 1, 0, 1]).oneHot(classes: 2)
    ).between(ParameterLayout(of: run.network).entries.map { run.arrays[$0.name]! })
    let last = [0, 2, 3, 1]
    run.arrays["X"] = x.transposed(permutation: last)
    run.arrays["dZ1"] = between[0].gradient.transposed(permutation: last)
    for name in ["0.weight", "0.weight.grad"] {
      run.arrays[name] = run.arrays[name]!.transposed(permutation: [1, 2, 0, 3])
    }
    // The dense layer behind the flattening takes its inputs in the other order.
    for name in ["3.weight", "3.weight.grad"] {
      run.arrays[name] = run.arrays[name]!.reshaped(to: [3, 2, 2, 2])
        .transposed(permutation: [1, 2, 0, 3]).reshaped(to: [12, 2])
    }
    let report = try run.report()
    #expect(report.verdict == .pass, "\(report.paragraph)")
    #expect(report.remarks.contains { $0.contains("channels last, and weights") })
    run.arrays["0.bias.grad"] = run.arrays["0.bias.grad"]! * 2
    let wrong = try run.report()
    #expect(wrong.firstDivergence?.quantity.description == "d0.bias")
    #expect(wrong.items.contains { $0.quantity.description == "dZ1" && $0.verdict == .pass })
    #expect(wrong.remarks.contains { $0.contains("dZ1 was read with its channels last") })
  }

  /// Each with units that are exactly at a kink for the data of the test.
  private static let networksWithKinks = [
    """
    {"input": [3], "output": "softmax", "layers": [
      {"layer": "dense", "outputs": 4}, {"layer": "relu"},
      {"layer": "residual", "after": "relu", "branch": [{"layer": "dense", "outputs": 4}]},
      {"layer": "dense", "outputs": 2}]}
    """,
    """
    {"input": [3], "output": "softmax", "layers": [
      {"layer": "dense", "outputs": 4}, {"layer": "sequence", "layers": [{"layer": "relu"}]},
      {"layer": "tanh"}, {"layer": "dense", "outputs": 2}]}
    """,
    """
    {"input": [3], "output": "softmax", "layers": [
      {"layer": "dense", "outputs": 4}, {"layer": "shaped-relu", "above": 1.2, "below": 0.7},
      {"layer": "tanh"}, {"layer": "dense", "outputs": 2}]}
    """,
  ]

  @Test(
    "another slope exactly at a kink is a kink, and a wrong gradient next to it is not",
    arguments: networksWithKinks)
  func kinks(json: String) throws {
    var run = try Run(json)
    // Whole rows of zeros, of one class: each unit of the first layer is exactly at its kink there.
    run.arrays["X"] = Tensor([5, 3], [0, 0, 0, 1, 2, -1, -2, 1, 1, 0, 0, 0, 0.5, 0, 2])
    run.arrays["0.bias"] = .zeros([4])
    let names = ParameterLayout(of: run.network).entries.map(\.name)
    func cost(_ network: Network) -> DescribedCost {
      DescribedCost(
        network: network, output: .softmax, loss: ProgramLoss(kind: .crossEntropy, scale: 0.2),
        inputs: run.arrays["X"]!,
        targets: Tensor<Double>(classes: [0, 1, 1, 0, 1]).oneHot(classes: 2))
    }
    let parameters = names.map { run.arrays[$0]! }
    var other = run.network.description
    #expect(SlopeAtKink.take(.right, in: &other.layers))
    for (name, gradient) in zip(names, cost(try other.network()).gradients(parameters)) {
      run.arrays[name + ".grad"] = gradient
    }
    func report() throws -> AuditReport {
      try NetworkAudit(
        run.network,
        saved: SavedArrays(
          run.arrays, cost: cost(run.network).value(parameters), keep: nil, tolerance: 1e-5)
      ).report()
    }
    let kink = try report()
    #expect(kink.verdict == .kink, "\(kink.paragraph)")
    #expect(kink.items.contains { $0.quantity.description == "d0.bias" && $0.verdict == .kink })
    run.arrays["3.weight.grad"] = run.arrays["3.weight.grad"]! * -1
    let wrong = try report()
    #expect(wrong.verdict == .fail)
    #expect(wrong.firstDivergence?.cause?.id == .signFlipped)
  }

  @Test(
    "names statistics of a normalization that were held constant",
    arguments: ["batch-norm", "layer-norm", "rms-norm"])
  func constantStatistics(layer: String) throws {
    let json = """
      {"input": [3], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 4}, {"layer": "\(layer)"}, {"layer": "tanh"},
        {"layer": "dense", "outputs": 2}]}
      """
    #expect(try Run(json).report().verdict == .pass)
    var description = try NetworkDescription(json: json)
    let form = description.layers[1].form
    let site = LayerSite(form: form, input: Tensor(1), output: Tensor(1))
    // With scales that are 1 a scale that is left out does not show.
    for wrong in WrongNormalizationRule.layers(site) where !wrong.words.contains("gamma") {
      description.layers.replaceSubrange(1...1, with: wrong.layers)
      let report = try Run(json, differentiating: description.network()).report()
      #expect(report.verdict == .fail)
      #expect(report.firstDivergence?.cause?.id == wrong.id, "\(report.paragraph)")
      let statistics = layer == "rms-norm" ? "mean square" : "variance"
      if wrong.id == StatisticsHeldConstant.id, !wrong.words.contains("the mean ") {
        #expect(report.firstDivergence?.cause?.explanation.contains(statistics) == true)
      }
    }
  }

  @Test("gradients of a part of the examples are named")
  func partOfBatch() throws {
    var run = try Run(convolution)
    let cost = DescribedCost(
      network: run.network, output: .softmax, loss: ProgramLoss(kind: .crossEntropy, scale: 1),
      inputs: run.arrays["X"]!.sliced(axis: 0, 2..<3),
      targets: Tensor<Double>(classes: [1]).oneHot(classes: 2))
    let names = ParameterLayout(of: run.network).entries.map(\.name)
    for (name, gradient) in zip(names, cost.gradients(names.map { run.arrays[$0]! })) {
      run.arrays[name + ".grad"] = gradient
    }
    let report = try run.report()
    #expect(report.firstDivergence?.cause?.id == .examplesMissing)
    #expect(report.paragraph.contains("example 2 (counted from 0) only"))
  }

  @Test("takes weights as PyTorch has them, with a cost and without")
  func turned() throws {
    for hasCost in [true, false] {
      let report = try Run(convolution, turns: (true, true)).report(hasCost: hasCost)
      #expect(report.verdict == .pass && report.reading.layout == "torch", "\(report.paragraph)")
    }
  }

  @Test("a gradient that lies otherwise than its weight is transposed")
  func transposed() throws {
    let json = """
      {"input": [4], "output": "softmax", "layers": [{"layer": "dense", "outputs": 2}]}
      """
    for turns in [(true, false), (false, true)] {
      let report = try Run(json, turns: turns).report()
      #expect(report.verdict == .fail)
      #expect(report.firstDivergence?.cause?.id == .transposed)
    }
  }

  @Test("parameters have names of one's own, in any order, and a bias that is not there is zero")
  func otherNames() throws {
    var run = try Run(convolution, turns: (true, true))
    for (path, name) in [
      ("0.weight", "W1"), ("0.bias", "b1"), ("3.weight", "W2"), ("3.bias", "b2"),
    ] {
      run.arrays[name] = run.arrays.removeValue(forKey: path)
      run.arrays["d" + name] = run.arrays.removeValue(forKey: path + ".grad")
    }
    #expect(try run.report().verdict == .pass)
    run.arrays["dW1"] = run.arrays["dW1"]! * 2
    let report = try run.report()
    #expect(report.firstDivergence?.quantity.description == "d0.weight")
    #expect(report.inOwnNames(report.paragraph).hasPrefix("Start with dW1: dW1 is 2 times"))
    #expect(report.firstDivergence?.cause?.id == .constantFactor)
    #expect(report.reading.names["dW1"] == "d0.weight")
  }

  @Test(
    "gates are one array in any order, or an array each, with the state's rows above the inputs'")
  func gates() throws {
    let whole = try Run(recurrent("lstm"))
    func gate(_ name: String, _ index: Int) -> Tensor<Double> {
      whole.arrays[name]!.sliced(axis: -1, index * 4..<(index + 1) * 4)
    }
    var (ordered, divided) = (whole, whole)
    for (suffix, mark) in [("", ""), (".grad", "d")] {
      for (path, name) in [
        ("input", "Wx"), ("state", "Wh"), ("inputBias", "b"), ("stateBias", "c"),
      ] {
        let path = "0.weights.\(path)\(suffix)"
        ordered.arrays[path] = nil
        ordered.arrays[mark + name] = .concatenate(
          [0, 1, 3, 2].map { gate(path, $0) }, alongAxis: -1)
      }
      for (index, letter) in ["i", "f", "c", "o"].enumerated() {
        divided.arrays["\(mark)W\(letter)"] = .concatenate(
          ["state", "input"].map { gate("0.weights.\($0)\(suffix)", index) })
        divided.arrays["\(mark)b\(letter)"] = gate("0.weights.inputBias\(suffix)", index)
        divided.arrays["\(mark)bh\(letter)"] = gate("0.weights.stateBias\(suffix)", index)
      }
      for path in ["input", "state", "inputBias", "stateBias"] {
        divided.arrays["0.weights.\(path)\(suffix)"] = nil
      }
      for (path, name) in [("1.weight", "Wy"), ("1.bias", "by")] {
        ordered.arrays[mark + name] = ordered.arrays.removeValue(forKey: path + suffix)
        divided.arrays[mark + name] = divided.arrays.removeValue(forKey: path + suffix)
      }
    }
    #expect(try ordered.report().verdict == .pass)
    #expect(try divided.report().verdict == .pass)
    divided.arrays["dWc"] = -divided.arrays["dWc"]!
    let report = try divided.report()
    #expect(report.firstDivergence?.quantity.description == "dWc")
    #expect(report.firstDivergence?.cause?.id == .signFlipped)
    #expect(report.items.count { $0.verdict == .fail } == 1)
  }

  @Test("a square weight lies as the others do, also where no cost tells")
  func squareWeights() throws {
    let json = """
      {"input": [3], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 5}, {"layer": "tanh"}, {"layer": "dense", "outputs": 5},
        {"layer": "tanh"}, {"layer": "dense", "outputs": 2}]}
      """
    for turns in [(false, false), (true, true)] {
      let report = try Run(json, turns: turns).report(hasCost: false)
      #expect(report.verdict == .pass, "\(turns): \(report.paragraph)")
    }
  }

  @Test("one example has no variance for a batch normalization, which is said")
  func oneExample() throws {
    var run = try Run(
      """
      {"input": [3], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 4}, {"layer": "batch-norm"}, {"layer": "dense", "outputs": 2}]}
      """)
    run.arrays["X"] = run.arrays["X"]?.sliced(axis: 0, 0..<1)
    run.arrays["Y"] = run.arrays["Y"]?.sliced(axis: 0, 0..<1)
    let problem = #expect(throws: Problem.self) { try run.report() }
    #expect(problem?.problem.contains("no variance") == true)
  }
}
