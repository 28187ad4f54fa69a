import Datasets
import Findings
import Foundation
import Plumbline

/// One of the kinds of network that the depth study compares: a name, and a network for every depth.
///
/// Depth is the number of hidden weight layers, width × width; the input layer (features × width) and the output layer
/// (width × classes, linear) come in addition in every arm. An arm is a value: those of the library are listed in
/// ``allCases``, and one of one's own stands next to them.
///
/// ```swift
/// let scaled = DepthArm("layer-scale", summary: "blocks with a learned scale", layersOfABlock: 2) { shape in
///   Sequential(...)
/// }
/// ```
public struct DepthArm: Sendable {
  /// What decides the size of an arm's network.
  public struct Shape: Sendable, Hashable {
    /// The values of an example, the units of a hidden layer, and the classes.
    public let inputs: Int, width: Int, classes: Int
    /// Hidden weight layers.
    public let depth: Int

    /// A shape.
    public init(inputs: Int, width: Int, classes: Int, depth: Int) {
      self.inputs = inputs
      self.width = width
      self.classes = classes
      self.depth = depth
    }
  }

  /// The name, by which records and options know it.
  public let rawValue: String
  /// What the arm is, in a line for tables.
  public let summary: String
  /// The weight layers of a block: depths are multiples of it.
  public let layersOfABlock: Int
  /// The products with a matrix in a hidden layer: 1, but for gated layers.
  let productsOfALayer: Int
  /// The text that defines it; `nil` where the program does.
  public let definition: String?

  private let build: @Sendable (Shape) throws(Problem) -> any Layer

  /// An arm of one's own.
  ///
  /// - Parameters:
  ///   - name: A name that no other arm has.
  ///   - layersOfABlock: The weight layers of a block: depths are multiples of it.
  ///   - definition: A text that changes whenever the networks do, such as a version: results of two definitions are never
  ///     mixed.
  ///   - network: The network of a shape, which takes `[examples, inputs]` and puts out the logits `[examples, classes]`.
  public init(
    _ name: String, summary: String, layersOfABlock: Int = 1, definition: String,
    network: @escaping @Sendable (Shape) throws(Problem) -> any Layer
  ) {
    precondition(layersOfABlock >= 1, "a block has at least one layer")
    precondition(
      !Self.allCases.contains { $0.rawValue == name }, "\(name) is an arm of the library")
    self.init(
      rawValue: name, summary: summary, layersOfABlock: layersOfABlock, productsOfALayer: 1,
      definition: definition, build: network)
  }

  private init(
    rawValue: String, summary: String, layersOfABlock: Int, productsOfALayer: Int,
    definition: String?, build: @escaping @Sendable (Shape) throws(Problem) -> any Layer
  ) {
    self.rawValue = rawValue
    self.summary = summary
    self.layersOfABlock = layersOfABlock
    self.productsOfALayer = productsOfALayer
    self.definition = definition
    self.build = build
  }

  /// An arm of dense layers, of the library.
  init(
    dense name: String, summary: String, layersOfABlock: Int = 1, productsOfALayer: Int = 1,
    network: @escaping @Sendable (Shape) -> DepthNetwork
  ) {
    self.init(
      rawValue: name, summary: summary, layersOfABlock: layersOfABlock,
      productsOfALayer: productsOfALayer, definition: nil, build: network)
  }

  /// The arm of the library of this name; `nil` where there is none.
  public init?(rawValue: String) {
    guard let arm = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = arm
  }

  /// The network of a shape.
  ///
  /// - Precondition: The depth is a positive multiple of ``layersOfABlock``.
  /// - Throws: ``Problem`` where the arm has none.
  public func network(_ shape: Shape) throws(Problem) -> any Layer {
    precondition(shape.depth > 0 && shape.depth.isMultiple(of: layersOfABlock))
    return try build(shape)
  }

  /// The digest of ``definition``.
  var definitionHash: String? {
    definition.map { ContentHash(of: Data($0.utf8)).hexadecimal }
  }

  /// Whether the layers come in blocks of two, so that the depth has to be even.
  public var hasTwoLayerBlocks: Bool { layersOfABlock == 2 }
}

extension DepthArm: Hashable {
  /// Whether both have one name and one definition.
  public static func == (one: DepthArm, other: DepthArm) -> Bool {
    one.rawValue == other.rawValue && one.definition == other.definition
  }

  /// Takes in name and definition.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rawValue)
    hasher.combine(definition)
  }
}

extension DepthArm: Codable {
  /// Reads a name. An arm that is not of the library is known by its name only: it has no networks.
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    self =
      DepthArm(rawValue: name)
      ?? DepthArm(
        rawValue: name, summary: name, layersOfABlock: 1, productsOfALayer: 1, definition: nil
      ) { _ throws(Problem) in
        throw Problem(
          subject: name, problem: "the arm is known by its name only",
          remedy: "give its definition to --arms")
      }
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
