import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Parameter files that cannot be used")
struct ParameterFileErrorTests {
  private let folder: TemporaryFolder
  private let network = StoredNetworks.plain()

  init() throws { folder = try TemporaryFolder() }

  private typealias Arrays = [(name: String, array: NumericArray)]

  private func array(_ shape: Int...) -> NumericArray {
    let count = shape.reduce(1, *)
    return NumericArray(shape, (0..<count).map { Double($0) / 8 })
  }

  /// W1, b1, ..., W3, b3 of the network 4,5,3,2.
  private var arrays: Arrays {
    [
      ("W1", array(4, 5)), ("b1", array(5)), ("W2", array(5, 3)), ("b2", array(3)),
      ("W3", array(3, 2)), ("b3", array(2)),
    ]
  }

  private func expect(
    _ kind: Problem.Kind, naming words: [String], of network: some Layer, _ arrays: Arrays,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = try folder.write([UInt8](NPZFile.data(arrays)), as: "p.npz")
    expectError(kind, naming: ["p.npz"] + words, sourceLocation: sourceLocation) {
      let _: Parameters<Double> = try ParameterFile.read(path, into: network)
    }
  }

  @Test("arrays that are missing")
  func missing() throws {
    let rest = arrays.filter { $0.name != "W3" }
    try expect(
      .inconsistent, naming: ["2 dense layers", "4,5,3,2", "3"], of: network,
      rest.filter { $0.name != "b3" })
    try expect(.notFound, naming: ["array W3", "only W1, b1"], of: network, rest)
    try expect(
      .notFound, naming: ["bias of layer 2", "W2", "zeros"], of: network,
      arrays.filter { $0.name != "b2" })
    try expect(.notFound, naming: ["array W2"], of: network, arrays.filter { $0.name != "W2" })
  }

  @Test("arrays that no parameter takes")
  func surplus() throws {
    try expect(
      .inconsistent, naming: ["array gamma1", "dense layers"], of: network,
      arrays + [("gamma1", array(5))])
    try expect(
      .inconsistent, naming: ["4 dense layers", "3", "another network"], of: network,
      arrays + [("W4", array(2, 2)), ("b4", array(2))])
    try expect(
      .inconsistent, naming: ["array W0", "from 1"], of: network, arrays + [("W0", array(4, 4))])
    let withoutBias = Sequential(Dense(4, 5, bias: nil), Activation.relu, Dense(5, 3))
    try expect(
      .inconsistent, naming: ["array b1", "no bias"], of: withoutBias, Array(arrays.prefix(4)))
  }

  @Test("the parameters of another network")
  func anotherNetwork() throws {
    try expect(
      .inconsistent, naming: ["a network 4,5,3,2", "this one is 4,5,7,2"],
      of: Sequential(Dense(4, 5), Dense(5, 7), Dense(7, 2)), arrays)
    try expect(
      .inconsistent, naming: ["W1, b1, ...", "dense layers", "1.scale", "0.weight"],
      of: Sequential(Dense(4, 5), LayerNorm(5), Dense(5, 3), Dense(3, 2)), arrays)
    try expect(
      .inconsistent, naming: ["0.weight, 1.scale", "encoder.kernel", "another network"],
      of: StoredNetworks.mixed(), [("encoder.kernel", array(3, 3))])
  }

  @Test("shapes that do not fit")
  func shapes() throws {
    var wrong = arrays
    wrong[2].array = array(5, 4)
    try expect(
      .inconsistent, naming: ["array W2", "(5, 4)", "2.weight", "(3, 5) or (5, 3)"], of: network,
      wrong)
    wrong = arrays
    wrong[3].array = array(2)
    try expect(.inconsistent, naming: ["array b2", "(2,)", "2.bias", "(3,)"], of: network, wrong)
    wrong = arrays
    wrong[2].array = array(3, 5)
    try expect(
      .inconsistent, naming: ["same layout", "W1 (4, 5)", "W2 (3, 5)", "columns"], of: network,
      wrong
    )
    wrong = arrays
    wrong[0].array = array(20)
    try expect(.inconsistent, naming: ["array W1", "(20,)"], of: network, wrong)
  }

  @Test("values that are not parameters")
  func values() throws {
    for value in [Double.nan, .infinity] {
      var wrong = arrays
      wrong[2].array = NumericArray([5, 3], (0..<15).map { $0 == 7 ? value : 0.5 })
      try expect(
        .outOfRange, naming: ["array W2, element (2, 1)", "\(value)", "finite"], of: network, wrong)
    }
    try expect(
      .outOfRange, naming: ["1.running_var, element (1,)", "variance", "-0.5"],
      of: Sequential(Dense(2, 2), BatchNorm(2)),
      [
        ("0.weight", array(2, 2)), ("0.bias", array(2)), ("1.weight", array(2)),
        ("1.bias", array(2)), ("1.running_mean", array(2)),
        ("1.running_var", NumericArray([2], [1.0, -0.5])),
      ])
  }

  @Test("paths that are missing or surplus")
  func paths() throws {
    let network = Sequential(Dense(2, 3), LayerNorm(3), Dense(3, 1))
    let complete: Arrays = [
      ("0.weight", array(3, 2)), ("0.bias", array(3)), ("1.weight", array(3)), ("1.bias", array(3)),
      ("2.weight", array(1, 3)), ("2.bias", array(1)),
    ]
    try expect(
      .notFound, naming: ["array 1.bias", "only 0.weight"], of: network,
      complete.filter { $0.name != "1.bias" })
    try expect(
      .inconsistent, naming: ["array 4.weight", "no such parameter"], of: network,
      complete + [("4.weight", array(1, 1))])
    try expect(
      .inconsistent, naming: ["array 0.weight", "(7, 2)", "(2, 3) or (3, 2)"], of: network,
      [("0.weight", array(7, 2))] + complete.dropFirst())
  }

  @Test("layouts and files that do not exist, and names without a format")
  func files() throws {
    func layout(_ array: NumericArray) throws -> String {
      try folder.write([UInt8](NPZFile.data(arrays + [("layout", array)])), as: "l.npz")
    }
    for wrong in [NumericArray([2], Array("up".utf8)), array(3)] {
      let path = try layout(wrong)
      expectError(.wrongFormat, naming: ["entry layout", "rows, columns or torch"]) {
        try ParameterFile(contentsOfFile: path)
      }
    }
    expectError(.notFound, naming: ["none.safetensors"]) {
      try ParameterFile(contentsOfFile: "\(folder.path)/none.safetensors")
    }
    let parameters = Parameters<Double>(of: network, key: Key(seed: 0))
    expectError(.unsupported, naming: ["p.txt", ".npz or .safetensors"]) {
      try ParameterFile.write(parameters, to: "\(folder.path)/p.txt")
    }
    expectError(.unwritable, naming: ["none/p.npz", "folder"]) {
      try ParameterFile.write(parameters, to: "\(folder.path)/none/p.npz")
    }
  }

  @Test("widths that the shapes do not tell")
  func widths() throws {
    func file(_ arrays: Arrays) throws -> ParameterFile {
      try ParameterFile(
        contentsOfFile: folder.write([UInt8](NPZFile.data(arrays)), as: "w.npz"))
    }
    #expect(try file(arrays).denseWidths() == [4, 5, 3, 2])
    let open = try file([("W1", array(4, 3)), ("W2", array(3, 4))])
    expectError(.inconsistent, naming: ["4,3,4 and 3,4,3", "--layout"]) { try open.denseWidths() }
    #expect(try open.denseWidths(layout: .rows) == [4, 3, 4])
    #expect(try open.denseWidths(layout: .columns) == [3, 4, 3])
    let square = try file([("W1", array(3, 3)), ("b1", array(3))])
    #expect(try square.denseWidths() == [3, 3])
    expectError(.inconsistent, naming: ["do not chain", "W2 (7, 2)"]) {
      try file([("W1", array(4, 3)), ("W2", array(7, 2))]).denseWidths()
    }
    expectError(.notFound, naming: ["no W1, b1", "kernel"]) {
      try file([("kernel", array(4, 3))]).denseWidths()
    }
  }

  @Test("any arrays under any names give parameters or an error", arguments: 0..<400)
  func anything(seed: Int) throws {
    let key = Key(seed: seed)
    let names = [
      "W0", "W1", "W2", "W3", "W9", "b1", "b2", "b3", "W01", "X", "layout", "0.weight", "0.bias",
      "2.weight", "2.bias", "4.weight", "4.bias", "1.scale", "1.running_var", "m.0.weight",
      "weight",
      ".", "", "x.", "fc99999999999999999999.weight", "1.num_batches_tracked",
    ]
    let extents = [0, 1, 2, 3, 4, 5]
    var arrays: Arrays = []
    // Half of the files differ from a sound one in a few positions.
    if seed % 2 == 0 { arrays = self.arrays }
    for position in 0..<key.integer(at: 0, below: 5) {
      let name = names[key["name"].integer(at: position, below: names.count)]
      let shape = (0..<key["rank"].integer(at: position, below: 5)).map {
        extents[key["shape"][position].integer(at: $0, below: extents.count)]
      }
      arrays.removeAll { $0.name == name }
      let values = (0..<shape.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0) }
      arrays.append((name, NumericArray(shape, values)))
    }
    let path = try folder.write([UInt8](NPZFile.data(arrays)), as: "p.npz")
    for network in [network, StoredNetworks.square(), StoredNetworks.mixed()] {
      for layout in [nil, ArrayLayout.torch] {
        let error = Self.failure(path, ParameterLayout(of: network), layout)
        #expect(error.map { $0.subject == path && !$0.remedy.isEmpty } ?? true, "\(arrays)")
      }
    }
  }

  /// The error of reading a file, if there is one.
  private static func failure(
    _ path: String, _ network: ParameterLayout, _ layout: ArrayLayout?
  ) -> Problem? {
    do throws(Problem) {
      let file = try ParameterFile(contentsOfFile: path)
      let parameters: Parameters<Float> = try file.parameters(for: network, layout: layout)
      #expect(parameters.vector.isFinite)
      _ = try file.denseWidths(layout: layout)
      return nil
    } catch {
      return error
    }
  }
}
