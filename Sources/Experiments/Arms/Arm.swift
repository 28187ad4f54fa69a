import Datasets
import Findings
import Foundation
import Plumbline

/// One of the kinds of network that an experiment compares: a name, and a network for every point of the grid.
///
/// Depth is the number of hidden weight layers, width × width; the input layer (features × width) and the output layer
/// (width × classes, linear) are not counted. An arm is a value: those of the library are listed in
/// ``library``, and a custom one is used like them.
///
/// ```swift
/// let scaled = Arm("scaled", summary: "blocks with a learned scale", layersOfABlock: 2) { point in
///   Sequential([Dense(point.inputs, point.width), Activation.relu] + ...)
/// }
/// ```
public struct Arm: Sendable {
  /// The name used in records and options.
  public let rawValue: String
  /// The arm in one line, for tables.
  public let summary: String
  /// The weight layers of a block: depths are multiples of it.
  public let layersOfABlock: Int
  /// The products with a matrix in a hidden layer: 1, but for gated layers.
  let productsOfALayer: Int
  /// The text that defines it; `nil` if it is defined in code.
  public let definition: String?

  /// The values that its runs start from; `nil` for the draws of their seeds.
  var start: (@Sendable (RunStart) throws -> Parameters<Float>)?

  private let build: @Sendable (GridPoint) throws(Problem) -> any Layer

  /// A custom arm.
  ///
  /// - Parameters:
  ///   - name: A name that no other arm has.
  ///   - summary: A description of its networks, as a phrase for help and reports.
  ///   - layersOfABlock: The weight layers of a block: depths are multiples of it.
  ///   - definition: Text that changes whenever the networks do, such as a version: results of two definitions are never
  ///     mixed. `nil` for a digest of a small network's results.
  ///   - network: The network of a point, which takes `[examples, inputs]` and outputs the logits `[examples, classes]`.
  public init(
    _ name: String, summary: String, layersOfABlock: Int = 1, definition: String? = nil,
    network: @escaping @Sendable (GridPoint) throws(Problem) -> any Layer
  ) {
    require(layersOfABlock >= 1, "a block has at least one layer, not \(layersOfABlock)")
    require(
      !Self.library.contains { $0.rawValue == name },
      "the library has an arm \(name); give your own another name")
    self.init(
      rawValue: name, summary: summary, layersOfABlock: layersOfABlock, productsOfALayer: 1,
      definition: definition ?? Self.digest(layersOfABlock, network), build: network)
  }

  /// What defines an arm whose author wrote no text: the fingerprint of a small network.
  private static func digest(
    _ layersOfABlock: Int, _ build: (GridPoint) throws(Problem) -> any Layer
  ) -> String {
    let point = GridPoint(inputs: 8, width: 16, classes: 4, depth: 2 * layersOfABlock)
    guard let network = try? build(point) else { return "no network of width 16" }
    return Fingerprint(of: network, inputs: point.inputs).text
  }

  private init(
    rawValue: String, summary: String, layersOfABlock: Int, productsOfALayer: Int,
    definition: String?, build: @escaping @Sendable (GridPoint) throws(Problem) -> any Layer
  ) {
    self.rawValue = rawValue
    self.summary = summary
    self.layersOfABlock = layersOfABlock
    self.productsOfALayer = productsOfALayer
    self.definition = definition
    self.build = build
  }

  /// A library arm of dense layers.
  init(
    dense name: String, summary: String, layersOfABlock: Int = 1, productsOfALayer: Int = 1,
    network: @escaping @Sendable (GridPoint) throws(Problem) -> DepthNetwork
  ) {
    self.init(
      rawValue: name, summary: summary, layersOfABlock: layersOfABlock,
      productsOfALayer: productsOfALayer, definition: nil, build: network)
  }

  /// An arm of the library whose blocks are layers of the library.
  init(
    blocks name: String, summary: String, layersOfABlock: Int = 2,
    network: @escaping @Sendable (GridPoint) throws(Problem) -> BlockNetwork
  ) {
    self.init(
      rawValue: name, summary: summary, layersOfABlock: layersOfABlock, productsOfALayer: 1,
      definition: nil, build: network)
  }

  /// The library arm with this name; `nil` if there is none.
  public init?(rawValue: String) {
    guard let arm = Self.library.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = arm
  }

  /// The network of a point.
  ///
  /// - Precondition: The depth is a positive multiple of ``layersOfABlock``.
  /// - Throws: ``/Findings/Problem`` if the arm has none.
  public func network(_ point: GridPoint) throws(Problem) -> any Layer {
    precondition(point.depth > 0 && point.depth.isMultiple(of: layersOfABlock))
    do throws(Problem) {
      return try build(point)
    } catch {
      var problem = error
      problem.subject = problem.subject ?? "the arm \(rawValue) at depth \(point.depth)"
      throw problem
    }
  }

  /// The digest of ``definition``.
  var definitionHash: String? {
    definition.map { ContentHash(of: Data($0.utf8)).hexadecimal }
  }

  /// Whether the layers come in blocks of two, so that the depth must be even.
  public var hasTwoLayerBlocks: Bool { layersOfABlock == 2 }
}

extension Arm: Hashable {
  /// Whether both have the same name and definition.
  public static func == (one: Arm, other: Arm) -> Bool {
    one.rawValue == other.rawValue && one.definition == other.definition
  }

  /// Hashes name and definition.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rawValue)
    hasher.combine(definition)
  }
}

extension Arm: Codable {
  /// Reads a name. For an arm outside the library only the name is known: it has no networks.
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    self =
      Arm(rawValue: name)
      ?? Arm(
        rawValue: name, summary: name, layersOfABlock: 1, productsOfALayer: 1, definition: nil
      ) { _ throws(Problem) in
        throw Problem(
          subject: name, problem: "only the arm's name is known",
          remedy: "give its definition to \(Setting.arms)")
      }
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
