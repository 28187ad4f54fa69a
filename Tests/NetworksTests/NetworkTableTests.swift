import Foundation
import Networks
import Plumbline
import Testing

@Suite("The table of a network")
struct NetworkTableTests {
  @Test("has a row for each layer, with shapes, parameters and operations")
  func rows() throws {
    var options = DenseNetworkOptions()
    options.isResidual = true
    let table = try NetworkDescription(widths: "5,4,4,4,2", options: options).network().table
    #expect(
      table.rows.map(\.path) == [
        "0", "1", "2", "2.branch.0", "2.branch.1", "2.branch.2", "3",
      ])
    #expect(table.rows.map(\.level) == [0, 0, 0, 1, 1, 1, 0])
    #expect(
      table.rows.map(\.layer) == ["dense", "relu", "residual", "dense", "relu", "dense", "dense"])
    #expect(table.rows.map(\.output) == [[4], [4], [4], [4], [4], [4], [2]])
    #expect(table.rows.map(\.parameters) == [24, 0, 0, 20, 0, 20, 10])
    // A product counts two for each weight and one for each bias; the block itself adds (its scale is 1).
    #expect(table.rows.map(\.operations) == [44, 4, 4, 36, 4, 36, 18])
    #expect(table.parameters == 74)
    #expect(table.operations == 146)
  }

  @Test("counts a shared weight once, and projections by their path")
  func sharing() throws {
    let table = try everyKind.network().table
    let parameters = ParameterLayout(of: try everyKind.network())
    #expect(table.parameters == parameters.count)
    let again = try #require(table.rows.first { $0.layer == "again" })
    #expect(again.parameters == 0)
    #expect(table.rows.contains { $0.path == "3.projection" && $0.layer == "padded-shortcut" })
    #expect(table.rows.contains { $0.path == "13.branches.1.0" })
    #expect(table.rows.contains { $0.path == "8.0" && $0.parameters == 40 * 6 + 6 })
    let tape = Tape<Float>()
    let network = try everyKind.network()
    let pass = Parameters<Float>(of: network, key: Key(seed: 0)).pass(on: tape, mode: .inference)
    _ = network(tape.constant(.zeros([1, 2, 8, 8])), pass)
    #expect(table.operations == tape.floatingPointOperations)
  }

  /// The measured mean square of a network's output over that of its input, over random weights.
  private func measuredGrowth(
    _ description: NetworkDescription, networks: Int, mode: Mode
  ) throws -> Double {
    let network = try description.network()
    var ratio = 0.0
    for seed in 0..<networks {
      let key = Key(seed: 31)[seed]
      let parameters = Parameters<Float>(of: network, key: key)
      let shape = Shape([8] + description.input.extents)
      let input = Tensor<Float>(shape, nearestTo: key["input"].normal(shape.elementCount))
      let output = network(input, parameters.pass(mode: mode, key: key))
      ratio +=
        Double(output.squared().mean().scalar) / Double(input.squared().mean().scalar)
    }
    return ratio / Double(networks)
  }

  /// A network and the factor that theory gives, where it is known in closed form.
  struct Growth: Sendable, CustomTestStringConvertible {
    let name: String
    let description: NetworkDescription
    let expected: Double?
    var testDescription: String { name }
  }

  private static let width = 96

  private static func dense(_ initializer: Initializer) -> LayerDescription {
    LayerDescription(.dense(outputs: width, initializer: initializer))
  }

  private static func growth(
    _ name: String, _ layers: [LayerDescription], _ expected: Double? = nil
  ) -> Growth {
    Growth(
      name: name, description: NetworkDescription(input: [width], layers: layers),
      expected: expected)
  }

  private static func block(_ scale: Double) -> LayerDescription {
    LayerDescription(
      .residual(branch: [dense(.he()), LayerDescription(.relu), dense(.lecun())], scale: scale))
  }

  static let growths: [Growth] = [
    growth("He and ReLU", [dense(.he()), LayerDescription(.relu)], 1),
    growth("Glorot and ReLU", [dense(.glorot()), LayerDescription(.relu)], 0.5),
    growth(
      "PyTorch's default and ReLU",
      [
        dense(.varianceScaling(gain: (1.0 / 3).squareRoot(), .uniform)), LayerDescription(.relu),
      ], 1.0 / 6),
    growth("0.01", [dense(.normal(standardDeviation: 0.01))], Double(width) * 1e-4),
    growth("orthogonal", [dense(.orthogonal(gain: 2))], 4),
    growth(
      "orthogonal and wider",
      [LayerDescription(.dense(outputs: 2 * width, initializer: .orthogonal()))], 0.5),
    growth(
      "orthogonal and narrower",
      [LayerDescription(.dense(outputs: width / 2, initializer: .orthogonal()))], 1),
    growth("tanh", [dense(.lecun()), LayerDescription(.tanh)]),
    growth("GELU and a weight", [dense(.lecun()), LayerDescription(.gelu), dense(.he())]),
    growth("leaky", [dense(.lecun()), LayerDescription(.leakyRelu)], (1 + 1e-4) / 2),
    growth("a residual block", [block(1)], 2),
    growth("four scaled blocks", (0..<4).map { _ in block(0.5) }, Foundation.pow(1.25, 4)),
    growth(
      "a block at zero",
      [
        LayerDescription(
          .residual(branch: [dense(.he()), LayerDescription(.tanh)], learnedScale: 0))
      ], 1),
    growth(
      "normalizations", [dense(.he()), LayerDescription(.layerNorm()), LayerDescription(.relu)],
      0.5),
    growth("dropout", [dense(.he()), LayerDescription(.dropout(rate: 0.5))], 4),
    growth(
      "concatenation",
      [
        LayerDescription(
          .concatenating(branch: [LayerDescription(.dense(outputs: width, initializer: .he()))]))
      ], 1.5),
  ]

  @Test("predicts the growth of the signal at initialization", arguments: growths)
  func growth(growth: Growth) throws {
    let rows = try growth.description.network().table.rows.filter { $0.level == 0 }
    let predicted = try #require(rows.last?.meanSquare)
    let product = rows.reduce(1) { $0 * ($1.growth ?? .nan) }
    #expect(abs(product / predicted - 1) < 1e-12)
    if let expected = growth.expected { #expect(abs(predicted / expected - 1) < 1e-6) }
    // Each of the 40 networks of width 96 gives a mean over 8 examples with an error of a few percent.
    let measured = try measuredGrowth(growth.description, networks: 40, mode: .training)
    #expect(abs(measured / predicted - 1) < 0.06, "\(measured) and \(predicted)")
  }

  @Test("predicts convolutions without their rim, and says where it does not know")
  func limits() throws {
    let convolution = NetworkDescription(
      input: [8, 12, 12],
      layers: [
        LayerDescription(
          .convolution(outputs: 16, window: SlidingWindow(height: 3, width: 3))),
        LayerDescription(.relu), LayerDescription(.globalAveragePool),
        LayerDescription(.dense(outputs: 2)),
      ])
    let rows = try convolution.network().table.rows
    expectClose(rows.map(\.growth), [2, 0.5, nil, nil])
    expectClose(rows.map(\.meanSquare), [2, 1, nil, nil])
    let inner = NetworkDescription(
      input: [8, 12, 12], layers: Array(convolution.layers.prefix(2)))
    let measured = try measuredGrowth(inner, networks: 20, mode: .inference)
    #expect(abs(measured - 1) < 0.1, "\(measured)")
    // ReLU after the sum of a block whose skip is not a normal signal.
    let post = NetworkDescription(
      input: [4], layers: [LayerDescription(.residual(branch: [Self.square], after: .relu))])
    expectClose(try post.network().table.rows.map(\.growth), [nil, 2])
  }

  private func expectClose(
    _ found: [Double?], _ expected: [Double?], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isClose =
      found.count == expected.count
      && zip(found, expected).allSatisfy { found, expected in
        guard let found, let expected else { return found == nil && expected == nil }
        return abs(found / expected - 1) < 1e-14
      }
    #expect(isClose, "\(found), not \(expected)", sourceLocation: sourceLocation)
  }

  private static let square = LayerDescription(.dense(outputs: 4))
}
