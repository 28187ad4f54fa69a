import Datasets
import Findings
import Foundation
import Networks
import Plumbline
import TestSupport
import Testing

/// Networks for the tests of parameter files.
enum StoredNetworks {
  /// Dense layers alone, of different widths.
  static func plain() -> Sequential {
    Sequential(Dense(4, 5), Activation.relu, Dense(5, 3), Activation.relu, Dense(3, 2))
  }

  /// Dense layers alone, of one width.
  static func square() -> Sequential {
    Sequential(Dense(3, 3), Activation.tanh, Dense(3, 3))
  }

  static func residual() throws -> Network {
    var options = DenseNetworkOptions()
    options.isResidual = true
    return try NetworkDescription(widths: "4,3,3,3,2", options: options).network()
  }

  /// A layer of every sort that has parameters.
  static func mixed() -> Sequential {
    Sequential(
      Conv2D(2, 3, kernel: 3, padding: 1, bias: nil), BatchNorm(3), Activation.relu,
      Residual(
        Sequential(Conv2D(3, 3, kernel: 3, padding: 1), BatchNorm(3)), learnedScale: 0.5,
        projection: Conv2D(3, 3, kernel: 1)),
      GlobalAveragePool(), Dense(3, 4), LayerNorm(4), RMSNorm(4), Highway(4), ScalarBias(),
      Dense(4, 2, bias: nil))
  }
}

@Suite("Parameter files")
struct ParameterFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// Parameters and statistics of a network with nothing left at its usual start, and with awkward values.
  private func parameters<Scalar: TensorScalar>(of network: some Layer) -> Parameters<Scalar> {
    var parameters = Parameters<Scalar>(of: network, key: Key(seed: 1))
    let values = [-0.0, 0x1p-1030, 1 / 3, -0x1.fffffep-20] + Key(seed: 2).normal(parameters.count)
    parameters.vector = Tensor(
      parameters.vector.shape, nearestTo: Array(values.prefix(parameters.count)))
    parameters.statistics = Tensor(
      parameters.statistics.shape,
      nearestTo: Key(seed: 3).uniform(parameters.statistics.count, from: 0.5, to: 2))
    return parameters
  }

  private func bits<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) -> [UInt64] {
    tensor.scalars.map { $0.real.bitPattern }
  }

  private func expectRoundTrip<Scalar: TensorScalar>(
    _ network: some Layer, _ scalar: Scalar.Type, _ name: String, _ layout: ArrayLayout
  ) throws {
    let start: Parameters<Scalar> = parameters(of: network)
    try ParameterFile.write(start, to: path(name), layout: layout)
    let end: Parameters<Scalar> = try ParameterFile.read(path(name), into: network)
    #expect(end.layout == start.layout)
    #expect(bits(end.vector) == bits(start.vector), "\(name) \(layout) \(scalar)")
    #expect(bits(end.statistics) == bits(start.statistics), "\(name) \(layout) \(scalar)")
  }

  @Test(
    "what is written reads back to the bit, without being told the layout",
    arguments: ["a.npz", "a.safetensors"], ArrayLayout.allCases)
  func roundTrip(name: String, layout: ArrayLayout) throws {
    func expect<Scalar: TensorScalar>(_ scalar: Scalar.Type) throws {
      try expectRoundTrip(StoredNetworks.plain(), scalar, name, layout)
      try expectRoundTrip(StoredNetworks.square(), scalar, name, layout)
      try expectRoundTrip(try StoredNetworks.residual(), scalar, name, layout)
      if layout == .columns {
        expectError(.unsupported, naming: ["columns", "rows or torch"]) {
          try expectRoundTrip(StoredNetworks.mixed(), scalar, name, layout)
        }
      } else {
        try expectRoundTrip(StoredNetworks.mixed(), scalar, name, layout)
      }
    }
    try expect(Float.self)
    try expect(Double.self)
  }

  @Test("a file of dense layers is what users of NumPy expect: W1 in x out, b1, ..., layout")
  func numPyNames() throws {
    let network = StoredNetworks.plain()
    let start: Parameters<Float> = parameters(of: network)
    try ParameterFile.write(start, to: path("p.npz"))
    let file = try NPZFile(contentsOfFile: path("p.npz"))
    #expect(file.names == ["W1", "b1", "W2", "b2", "W3", "b3", "layout"])
    #expect(try file.array(named: "W2") == NumericArray(start["2.weight"]))
    #expect(try file.array(named: "W2").shape == [5, 3])
    #expect(try file.array(named: "layout") == NumericArray([4], Array("rows".utf8)))
    try ParameterFile.write(start, to: path("c.npz"), layout: .columns)
    let columns = try NPZFile(contentsOfFile: path("c.npz"))
    #expect(try columns.array(named: "W2").shape == [3, 5])
    #expect(try columns.array(named: "b2").shape == [3, 1])
  }

  @Test("in a residual network the layers of a block stand between those around it")
  func residualOrder() throws {
    let network = try StoredNetworks.residual()
    let start: Parameters<Double> = parameters(of: network)
    try ParameterFile.write(start, to: path("p.npz"))
    let file = try NPZFile(contentsOfFile: path("p.npz"))
    let paths = ["0.weight", "2.branch.0.weight", "2.branch.2.weight", "3.weight"]
    for (layer, name) in zip(1..., paths) {
      #expect(try file.array(named: "W\(layer)") == NumericArray(start[name]))
    }
    #expect(file.names.count == 9)
  }

  @Test("any other network goes by its paths, and for PyTorch by PyTorch's")
  func pathNames() throws {
    let start: Parameters<Float> = parameters(of: StoredNetworks.mixed())
    try ParameterFile.write(start, to: path("p.safetensors"))
    let ours = try SafetensorsFile(contentsOfFile: path("p.safetensors"))
    #expect(Set(ours.names) == Set(start.names + start.statisticNames))
    #expect(ours.metadata == ["format": "plumbline", "layout": "rows"])
    try ParameterFile.write(start, to: path("t.safetensors"), layout: .torch)
    let torch = try SafetensorsFile(contentsOfFile: path("t.safetensors"))
    #expect(torch.metadata == ["format": "pt", "layout": "torch"])
    for name in [
      "1.weight", "1.bias", "1.running_mean", "1.running_var", "3.branch.0.bias",
      "3.learned_scale", "6.weight", "7.weight", "8.gate_weight", "9.value",
    ] {
      #expect(torch.names.contains(name), "\(name)")
    }
    #expect(try torch.array(named: "0.weight").shape == [3, 2, 3, 3])
    #expect(try torch.array(named: "5.weight").shape == [4, 3])
  }

  @Test(
    "a layer that stands at two positions is listed at both for PyTorch, and read from either list")
  func repeatedLayers() throws {
    let network = try NetworkDescription(
      json: #"""
        {"input": [2], "layers": [
          {"layer": "dense", "outputs": 3}, {"layer": "tanh"},
          {"layer": "residual", "name": "block", "branch": [
            {"layer": "dense", "outputs": 3}, {"layer": "batch-norm"}]},
          {"layer": "again", "of": "block"},
          {"layer": "dense", "outputs": 2, "name": "out"},
          {"layer": "transposed-dense", "of": "out", "bias": false}]}
        """#
    ).network()
    let start: Parameters<Double> = parameters(of: network)
    try ParameterFile.write(start, to: path("t.safetensors"), layout: .torch)
    let file = try SafetensorsFile(contentsOfFile: path("t.safetensors"))
    let tail = ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"]
    #expect(
      Set(file.names)
        == Set(["0.weight", "0.bias", "4.weight", "4.bias"])
        .union(["2.branch.", "3.branch."].flatMap { head in tail.map { head + $0 } }))
    var arrays: [(name: String, array: NumericArray)] = []
    for name in file.names { arrays.append((name, try file.array(named: name))) }
    for kept in [arrays, arrays.filter { !$0.name.hasPrefix("3.") }] {
      try NPZFile.data(kept.map { (name: "net." + $0.name, array: $0.array) })
        .write(to: URL(fileURLWithPath: path("t.npz")))
      let end: Parameters<Double> = try ParameterFile.read(
        path("t.npz"), into: network, layout: .torch)
      #expect(bits(end.vector) == bits(start.vector))
      #expect(bits(end.statistics) == bits(start.statistics))
    }
    let position = try #require(arrays.firstIndex { $0.name == "3.branch.0.bias" })
    arrays[position].array = NumericArray([3], [1.0, 2, 3])
    try NPZFile.data(arrays).write(to: URL(fileURLWithPath: path("t.npz")))
    let error = try #require(throws: Problem.self) {
      let _: Parameters<Double> = try ParameterFile.read(
        path("t.npz"), into: network, layout: .torch)
    }
    #expect(error.location == "array 3.branch.0.bias" && error.problem.contains("2.branch.0.bias"))
  }

  struct StateDict: Decodable {
    struct Array: Decodable {
      let name: String?
      let shape: [Int]
      let values: [Double]
    }
    let network: String
    let arrays: [Array]
    let input, output: Array
  }

  private func stateDict() throws -> StateDict {
    let url = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/state_dict.json")
    return try JSONDecoder().decode(StateDict.self, from: Data(contentsOf: url))
  }

  @Test(
    "a state_dict of PyTorch gives PyTorch's output, with and without a prefix",
    arguments: ["", "module.", "model.layers."], ["t.npz", "t.safetensors"])
  func torch(prefix: String, name: String) throws {
    let golden = try stateDict()
    let arrays = golden.arrays.map {
      (name: prefix + ($0.name ?? ""), array: NumericArray($0.shape, $0.values))
    }
    try write(arrays, name)
    let network = try NetworkDescription(json: golden.network).network()
    let parameters: Parameters<Double> = try ParameterFile.read(path(name), into: network)
    let input = Tensor<Double>(Shape(golden.input.shape), golden.input.values)
    let output = network(input, parameters.pass())
    let expected = Tensor<Double>(Shape(golden.output.shape), golden.output.values)
    #expect(output.isClose(to: expected, absoluteTolerance: 1e-13, relativeTolerance: 1e-13))
    // What is written for PyTorch has its names and values again.
    try ParameterFile.write(parameters, to: path("again.npz"), layout: .torch)
    let again = try NPZFile(contentsOfFile: path("again.npz"))
    for array in golden.arrays where array.name?.hasSuffix("tracked") == false {
      #expect(
        try again.array(named: array.name ?? "") == NumericArray(array.shape, array.values))
    }
  }

  private func write(_ arrays: [(name: String, array: NumericArray)], _ name: String) throws {
    let data =
      try ParameterFile.Format(ofFileNamed: name) == .safetensors
      ? SafetensorsFile.data(arrays) : NPZFile.data(arrays)
    try folder.write([UInt8](data), as: name)
  }

  /// W1, b1, ... of the plain network, in a layout, without a note of it.
  private func numbered(
    _ network: Sequential, _ layout: ArrayLayout
  ) throws -> (start: Parameters<Double>, arrays: [(name: String, array: NumericArray)]) {
    let start: Parameters<Double> = parameters(of: network)
    let arrays = zip(start.names, 0...).map { name, position in
      let number = position / 2 + 1
      let value = start[name]
      if value.shape.rank == 1 {
        return (
          "b\(number)",
          NumericArray(layout == .columns ? value.reshaped(to: [value.count, 1]) : value)
        )
      }
      return ("W\(number)", NumericArray(layout == .rows ? value : value.transposed()))
    }
    return (start, arrays)
  }

  @Test("the shapes tell the layout of W1, b1, ...", arguments: ArrayLayout.allCases)
  func shapesTell(layout: ArrayLayout) throws {
    let network = StoredNetworks.plain()
    let (start, arrays) = try numbered(network, layout)
    // What an audit file holds besides, in any order.
    let others = ["X", "Y", "dW1", "db1", "Z1", "dA2", "cost"].map {
      (name: $0, array: NumericArray([1], [Double.nan]))
    }
    try write(others + arrays.reversed(), "p.npz")
    let file = try ParameterFile(contentsOfFile: path("p.npz"))
    #expect(file.statedLayout == nil)
    #expect(try file.denseWidths() == [4, 5, 3, 2])
    let found: Parameters<Double> = try file.parameters(for: start.layout)
    #expect(found == start)
    #expect(try file.parameters(for: start.layout, layout: layout) == start)
    let wrong: ArrayLayout = layout == .rows ? .torch : .rows
    expectError(.inconsistent, naming: ["layout \(wrong.rawValue)", "(5, 4)", "(4, 5)"]) {
      let _: Parameters<Double> = try file.parameters(for: start.layout, layout: wrong)
    }
  }

  @Test("square weights are asked about, but for what tells them apart")
  func squareWeights() throws {
    let network = StoredNetworks.square()
    for layout in [ArrayLayout.rows, .torch] {
      let (start, arrays) = try numbered(network, layout)
      try write(arrays, "p.npz")
      expectError(.inconsistent, naming: ["p.npz", "W1 (3, 3)", "--layout", "rows", "torch"]) {
        let _: Parameters<Double> = try ParameterFile.read(path("p.npz"), into: network)
      }
      let found: Parameters<Double> = try ParameterFile.read(
        path("p.npz"), into: network, layout: layout)
      #expect(found == start)
      let text = Array(layout.rawValue.utf8)
      try write(arrays + [("layout", NumericArray([text.count], text))], "stated.npz")
      #expect(try ParameterFile.read(path("stated.npz"), into: network) == start)
      let wrong: ArrayLayout = layout == .rows ? .torch : .rows
      expectError(.inconsistent, naming: ["layout", wrong.rawValue, layout.rawValue]) {
        let _: Parameters<Double> = try ParameterFile.read(
          path("stated.npz"), into: network, layout: wrong)
      }
    }
    // Biases that are columns go with weights that are out x in.
    let (start, arrays) = try numbered(network, .columns)
    try write(arrays, "p.npz")
    #expect(try ParameterFile.read(path("p.npz"), into: network) == start)
    // A file that says it is PyTorch's.
    let (_, torch) = try numbered(network, .torch)
    let named = zip(["0.weight", "0.bias", "2.weight", "2.bias"], torch).map { ($0, $1.array) }
    try folder.write(
      [UInt8](try SafetensorsFile.data(named, metadata: ["format": "pt"])), as: "t.safetensors")
    #expect(try ParameterFile.read(path("t.safetensors"), into: network) == start)
    try folder.write([UInt8](try SafetensorsFile.data(named)), as: "u.safetensors")
    expectError(.inconsistent, naming: ["0.weight (3, 3)", "--layout"]) {
      let _: Parameters<Double> = try ParameterFile.read(path("u.safetensors"), into: network)
    }
  }

  @Test("a convolution as wide as its kernel is asked about too")
  func squareConvolution() throws {
    let network = Sequential(Conv2D(2, 2, kernel: 2, bias: nil), Activation.relu)
    let start: Parameters<Double> = parameters(of: network)
    let torch = NumericArray(start["0.weight"].transposed(permutation: [3, 0, 1, 2]))
    try write([("0.weight", torch)], "c.npz")
    expectError(.inconsistent, naming: ["0.weight (2, 2, 2, 2)", "--layout"]) {
      let _: Parameters<Double> = try ParameterFile.read(path("c.npz"), into: network)
    }
    #expect(try ParameterFile.read(path("c.npz"), into: network, layout: .torch) == start)
  }

  @Test("modules that differ in one number are taken in its order")
  func numberedModules() throws {
    let network = StoredNetworks.plain()
    let (start, arrays) = try numbered(network, .torch)
    let names = ["fc2.weight", "fc2.bias", "fc10.weight", "fc10.bias", "fc11.weight", "fc11.bias"]
    // safetensors files are sorted by name, which is not the order of the layers.
    let named = zip(names, arrays).map { ($0, $1.array) }.sorted { $0.0 < $1.0 }
    try write(named, "p.safetensors")
    let file = try ParameterFile(contentsOfFile: path("p.safetensors"))
    #expect(try file.denseWidths() == [4, 5, 3, 2])
    #expect(try file.parameters(for: start.layout) == start)
  }

  @Test("one precision is read as the other, and what does not fit is told")
  func precision() throws {
    let network = StoredNetworks.plain()
    let start: Parameters<Double> = parameters(of: network)
    try ParameterFile.write(start, to: path("p.npz"))
    let single: Parameters<Float> = try ParameterFile.read(path("p.npz"), into: network)
    #expect(single == Parameters<Float>(converting: start))
    var large = start
    large["0.bias"] = Tensor([0, 0, 1e300, 0, 0])
    try ParameterFile.write(large, to: path("p.npz"))
    #expect(try ParameterFile.read(path("p.npz"), into: network) == large)
    expectError(.outOfRange, naming: ["array b1, element (2,)", "1e+300", "Float"]) {
      let _: Parameters<Float> = try ParameterFile.read(path("p.npz"), into: network)
    }
  }
}
