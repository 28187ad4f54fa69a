import Findings
import Foundation
import Plumbline

/// A network as data: the shape of an example, the layers in order, and how the output is interpreted.
///
/// It covers every setting of the library's layers, in a JSON form that can be written and read, and
/// becomes a network by ``network()``:
///
/// ```json
/// {"input": [784], "output": "softmax", "layers": [
///   {"layer": "dense", "outputs": 64},
///   {"layer": "relu"},
///   {"layer": "residual", "scale": 0.7, "branch": [
///     {"layer": "dense", "outputs": 64}, {"layer": "relu"}, {"layer": "dense", "outputs": 64}]},
///   {"layer": "dense", "outputs": 10, "initializer": "lecun"}]}
/// ```
public struct NetworkDescription: Sendable, Hashable {
  /// The shape of one example: `[features]`, or `[channels, height, width]` for images.
  public var input: Shape
  /// How the output is interpreted. The network itself outputs logits, which losses take.
  public var output: OutputFunction
  /// The layers in order.
  public var layers: [LayerDescription]

  /// A network of these layers.
  public init(input: Shape, output: OutputFunction = .linear, layers: [LayerDescription]) {
    self.input = input
    self.output = output
    self.layers = layers
  }

  /// The network of a JSON text. The layers' shapes are checked too.
  ///
  /// - Parameters:
  ///   - json: The text, such as `[{"layer": "dense", "inputs": 2, "outputs": 3}]`.
  ///   - forms: Layers that the text may contain in addition to the library's.
  /// - Throws: What is wrong, at which location of the JSON, and what to do about it.
  public init(json: String, forms: [any LayerForm] = []) throws(Problem) {
    try JSONSyntax.check(json)
    let decoder = JSONDecoder()
    decoder.userInfo[.layerForms] = forms
    do {
      self = try decoder.decode(NetworkDescription.self, from: Data(json.utf8))
    } catch let error as Problem {
      throw error
    } catch {
      throw Problem(
        location: "", problem: "this is not JSON (\(Self.summary(error)))",
        remedy: "check quotes, commas and brackets")
    }
    _ = try network()
  }

  private static func summary(_ error: any Error) -> String {
    guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
    let cause = context.underlyingError.map { ": " + String(describing: $0) } ?? ""
    return context.debugDescription + cause
  }

  /// The JSON form, with sorted fields, on several lines.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      fatalError("a description with a number that is not finite has no JSON form: \(error)")
    }
  }
}

extension NetworkDescription: Codable {
  /// Reads the object with the fields `input`, `output` and `layers`. Errors are of the type
  /// ``/Findings/Problem``.
  public init(from decoder: any Decoder) throws {
    var fields = try FieldReader(decoder)
    let meaning = "the shape of an example, such as [784] or [3, 32, 32]"
    input = try fields.required("input", Shape.self, meaning)
    output = try fields.choice("output", default: .linear)
    layers = try fields.required("layers", [LayerDescription].self, "a list of layers")
    try fields.finish()
  }

  /// Writes the object.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    try fields.write("input", input)
    if output != .linear { try fields.write("output", output) }
    try fields.write("layers", layers)
  }
}
