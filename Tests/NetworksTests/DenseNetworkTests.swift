import Findings
import Networks
import Plumbline
import TestSupport
import Testing

@Suite("Dense networks from widths")
struct DenseNetworkTests {
  private let key = Trial(number: 0).key

  private func options(
    _ change: (inout DenseNetworkOptions) -> Void
  ) -> DenseNetworkOptions {
    var options = DenseNetworkOptions()
    change(&options)
    return options
  }

  @Test("are dense layers with the activation after all but the last")
  func plain() throws {
    let network = try NetworkDescription(widths: "784,64,64,10").network()
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    #expect(
      parameters.names == [
        "0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias",
      ])
    #expect(parameters.count == 784 * 64 + 64 + 64 * 64 + 64 + 64 * 10 + 10)
    let input = key.tensor([3, 784])
    let first = relu(linear(input, parameters["0.weight"], parameters["0.bias"]))
    let second = relu(linear(first, parameters["2.weight"], parameters["2.bias"]))
    let expected = linear(second, parameters["4.weight"], parameters["4.bias"])
    #expect(network(input, parameters.pass()) == expected)
    #expect(network.description.output == .softmax)
    #expect(try NetworkDescription(widths: " 784, 64,64 ,10") == network.description)
    #expect(try NetworkDescription(widths: [784, 64, 64, 10]) == network.description)
    #expect(try NetworkDescription(widths: "2,1").layers.count == 1)
  }

  @Test("with residual blocks of two for hidden layers that keep their width, leftovers plain")
  func residual() throws {
    let description = try NetworkDescription(
      widths: "5,4,4,4,4,4,3,3,2", options: options { $0.isResidual = true })
    // Layers 1 to 4 are 4 x 4: two blocks. Layer 5 is 4 x 3, layer 6 is 3 x 3 and left over.
    #expect(description.residualBlockCount == 2)
    #expect(
      description.layers.map(\.title) == [
        "dense", "relu", "residual", "residual", "dense", "relu", "dense", "relu", "dense",
      ])
    let network = try description.network()
    let parameters = Parameters<Double>(of: network, key: Key(seed: 2))
    let input = key.tensor([3, 5])
    func layer(_ path: String, _ x: Tensor<Double>) -> Tensor<Double> {
      linear(x, parameters["\(path).weight"], parameters["\(path).bias"])
    }
    var h = relu(layer("0", input))
    for block in ["2", "3"] {
      h = h + layer("\(block).branch.2", relu(layer("\(block).branch.0", h))) * 0.5.squareRoot()
    }
    h = layer("8", relu(layer("6", relu(layer("4", h)))))
    #expect(network(input, parameters.pass()).isClose(to: h, relativeTolerance: 1e-14))
    let scaled = try NetworkDescription(
      widths: "4,4,4,4,2",
      options: options {
        $0.isResidual = true
        $0.branchScale = 0.1
      })
    let block = try #require(scaled.layers[2].form as? ResidualForm)
    #expect(block.scale == 0.1)
    // The branches of a deep net by the rule, with the factor of its base net where one is given.
    let widths = [4] + Array(repeating: 3, count: 17) + [2]
    for (own, expected) in [(nil, 0.25), (0.8, 0.4)] as [(Double?, Double)] {
      let deep = try NetworkDescription(
        widths: widths,
        options: options {
          $0.isResidual = true
          $0.depthScaling = .completeP
          $0.branchScale = own
        })
      #expect(deep.residualBlockCount == 8)
      let form = try #require(deep.layers[2].form as? ResidualForm)
      #expect(form.scale == expected && form.updates == UpdateScale(step: 1, gradient: 0.5))
      #expect(deep.withDepthScaling(nil).layers[2].form is ResidualForm)
      #expect((deep.withDepthScaling(nil).layers[2].form as? ResidualForm)?.updates == .one)
    }
    // Of the two hidden layers of 784,64,64,10 one keeps its width: it stays plain.
    let short = try NetworkDescription(
      widths: "784,64,64,10", options: options { $0.isResidual = true })
    #expect(short.residualBlockCount == 0)
    // The output layer is in no block, though it may keep the width.
    for hidden in 2...6 {
      let widths = [2] + Array(repeating: 3, count: hidden + 1)
      let network = try NetworkDescription(
        widths: widths, options: options { $0.isResidual = true })
      #expect(network.residualBlockCount == (hidden - 1) / 2)
      #expect(
        network.layers.last
          == LayerDescription(.dense(outputs: 3, initializer: .he(for: .linear))))
    }
  }

  @Test("with normalization before and dropout after every hidden activation")
  func tricks() throws {
    let description = try NetworkDescription(
      widths: "6,4,4,4,1",
      options: options {
        $0.isResidual = true
        $0.normalization = .batch
        $0.dropout = 0.5
        $0.activation = .tanh
        $0.output = .sigmoid
      })
    #expect(
      description.layers.map(\.title) == [
        "dense", "batch-norm", "tanh", "dropout", "residual", "dense",
      ])
    let block = try #require(description.layers[4].form as? ResidualForm)
    #expect(
      block.branch.map(\.title) == ["dense", "batch-norm", "tanh", "dropout", "dense"])
    #expect(description.output == .sigmoid)
    for (normalization, title) in [
      (DenseNetworkOptions.Normalization.layer, "layer-norm"), (.rms, "rms-norm"),
    ] {
      let description = try NetworkDescription(
        widths: "2,3,1", options: options { $0.normalization = normalization })
      #expect(description.layers.map(\.title) == ["dense", title, "relu", "dense"])
    }
  }

  @Test("with a function for each hidden layer")
  func functions() throws {
    let layers = try NetworkDescription(
      widths: [3, 4, 4, 4, 2],
      options: options {
        $0.isResidual = true
        $0.dropout = 0.1
        $0.activations = [.tanh, .elu, .relu]
      }
    ).layers
    #expect(layers.map(\.title) == ["dense", "tanh", "dropout", "residual", "dense"])
    let block = try #require(layers[3].form as? ResidualForm)
    #expect(block.scale == 1)
    #expect(block.branch.map(\.title) == ["dense", "elu", "dropout", "dense"])
    #expect(layers[0] == LayerDescription(.dense(outputs: 4, initializer: .he(for: .tanh))))
    let error = #expect(throws: Problem.self) {
      try NetworkDescription(
        widths: [3, 4, 4, 4, 2], options: options { $0.activations = [.tanh, .elu] })
    }
    #expect(error?.problem == "there are 2 for 3 hidden layers")
  }

  @Test(
    "with the functions of a list: one for each layer, for each hidden one, or for all of these")
  func lists() throws {
    func set(
      _ functions: [Activation], _ widths: [Int], output: Activation? = nil,
      loss: LossFunction? = nil
    ) throws -> DenseNetworkOptions {
      var options = DenseNetworkOptions()
      try options.setFunctions(functions, output: output, loss: loss, widths: widths)
      return options
    }
    let customary = try set([.relu], [3, 4, 1])
    #expect(customary.activations == [.relu] && customary.output == .sigmoid)
    #expect(try set([.tanh], [3, 4, 5]).output == .softmax)
    #expect(try set([.relu], [3, 1], loss: .meanSquaredError).output == .linear)
    let each = try set([.tanh, .elu, .sigmoid], [3, 4, 4, 1])
    #expect(each.activations == [.tanh, .elu] && each.output == .sigmoid)
    let bounded = try set([.relu], [3, 4, 4, 2], output: .tanh)
    #expect(bounded.output == .linear && bounded.lastActivation == .tanh)
    #expect(
      try NetworkDescription(widths: [3, 4, 4, 2], options: bounded).layers.map(\.title)
        == ["dense", "relu", "dense", "relu", "dense", "tanh"])
    func message(_ functions: [Activation]) -> String? {
      #expect(throws: Problem.self) { try set(functions, [3, 4, 4, 1]) }?.problem
    }
    #expect(message([.relu, .tanh, .relu, .relu]) == "there are 4 activations for 3 layers")
    #expect(message([.softmax, .tanh, .sigmoid])?.contains("softmax") == true)
  }

  @Test("start as their scheme says, He's with the gain of the activation that follows")
  func schemes() throws {
    func initializers(_ text: String, _ activation: Activation) throws -> [Initializer] {
      let scheme = try DenseNetworkOptions.Scheme(parsing: text)
      let description = try NetworkDescription(
        widths: "4,3,2",
        options: options {
          $0.scheme = scheme
          $0.activation = activation
        })
      return description.layers.compactMap { ($0.form as? DenseForm)?.initializer }
    }
    #expect(try initializers("he", .relu) == [.he(), .he(for: .linear)])
    #expect(try initializers("he", .tanh) == [.he(for: .tanh), .he(for: .linear)])
    #expect(
      try initializers("normal:0.01", .relu)
        == Array(repeating: .normal(standardDeviation: 0.01), count: 2))
    #expect(try initializers("zero", .relu) == [.zero, .zero])
    #expect(try initializers("glorot", .relu) == [.glorot(), .glorot()])
  }

  @Test(
    "are refused with the location where the text is wrong",
    arguments: [
      ("784,64,,10", false, "width 3 of \"784,64,,10\"", "missing"),
      ("784,x,10", false, "width 2", "\"x\" is not a width"), ("", false, "width 1", "missing"),
      ("784,0,10", false, "width 2", "\"0\" is not a width"),
      ("784,-3", false, "width 2", "\"-3\" is not a width"),
      ("784", false, "network 784", "at least two widths"),
      ("8,7,6,1", true, "network 8,7,6,1", "adjacent hidden layers of equal width"),
      ("8,8,1", true, "network 8,8,1", "adjacent hidden layers of equal width"),
    ])
  func errors(text: String, isResidual: Bool, location: String, problem: String) {
    let error = #expect(throws: Problem.self) {
      try NetworkDescription(widths: text, options: options { $0.isResidual = isResidual })
    }
    #expect(error?.location?.contains(location) == true, "\(error?.description ?? "none")")
    #expect(error?.problem.contains(problem) == true, "\(error?.description ?? "none")")
    #expect(error?.remedy.isEmpty == false)
  }

  @Test("are refused with options outside their range")
  func optionErrors() {
    for (dropout, scale) in [(1.0, 1.0), (-0.1, 1), (.nan, 1), (0, .infinity)] {
      #expect(throws: Problem.self) {
        try NetworkDescription(
          widths: "4,4,1",
          options: options {
            $0.dropout = dropout
            $0.branchScale = scale
          })
      }
    }
    for text in ["he:2", "normal", "normal:x", "normal:-1", "nonsense", "zero:1", ""] {
      #expect(throws: Problem.self, "\(text)") {
        try DenseNetworkOptions.Scheme(parsing: text)
      }
    }
  }
}
