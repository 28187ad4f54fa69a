import Console
import Datasets
import Findings
import Foundation
import Networks
import Plumbline

extension Arm {
  /// The arm described by a file: the JSON form of a network, in which strings that begin with `=` are expressions in `depth`,
  /// `width`, `classes`, `inputs` and the varied factors, and layers may be repeated.
  ///
  /// ```json
  /// {"name": "scaled", "summary": "blocks with a learned scale", "layers_of_a_block": 2, "layers": [
  ///   {"layer": "dense", "outputs": "=width"},
  ///   {"layer": "relu"},
  ///   {"repeat": "=depth / 2", "layers": [
  ///     {"layer": "residual", "scale": "=1 / sqrt(depth / 2)", "branch": [
  ///       {"layer": "dense", "outputs": "=width"}, {"layer": "relu"}, {"layer": "dense", "outputs": "=width"}]}]},
  ///   {"layer": "dense", "outputs": "=classes", "initializer": "lecun"}]}
  /// ```
  ///
  /// - Parameters:
  ///   - path: The path of the file.
  ///   - factors: The varied factors, whose names the expressions may use.
  ///   - width: The width of the small point at which it is tested.
  /// - Throws: ``/Findings/Problem`` if the file is not such a description.
  public init(
    contentsOfFile path: String, factors: [Factor] = [], width: Int = 4
  ) throws(Problem) {
    let text = try ByteSource(contentsOfFile: path)
      .text(megabytes: 1, remedy: "give a description of an arm")
    do throws(Problem) {
      try self.init(json: text, factors: factors, width: width)
    } catch {
      throw error.inFile(path)
    }
  }

  /// The arm of a JSON text, see ``init(contentsOfFile:factors:width:)``.
  public init(json text: String, factors: [Factor] = [], width: Int = 4) throws(Problem) {
    let template = try ArmTemplate(text)
    self.init(
      template.name, summary: template.summary, layersOfABlock: template.layersOfABlock,
      definition: text
    ) { point throws(Problem) in try template.network(point) }
    let condition = Condition(
      factors.compactMap { factor in
        factor.levels.first.map { (factor.name, $0) }
      })
    _ = try template.network(
      GridPoint(
        inputs: 3, width: width, classes: 2, depth: 2 * template.layersOfABlock,
        condition: condition))
  }
}

/// A description of a network with variables.
private struct ArmTemplate: Sendable {
  let name: String
  let summary: String
  let layersOfABlock: Int
  /// The text of the list of layers.
  private let layers: Data

  init(_ text: String) throws(Problem) {
    guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    else {
      throw Problem(
        problem: "this is not a JSON object", remedy: "check quotes, commas and brackets")
    }
    let known: Set = ["name", "summary", "layers_of_a_block", "layers"]
    if let other = object.keys.filter({ !known.contains($0) }).min() {
      throw Problem(
        location: other, problem: "an arm has no such field",
        remedy: "its fields are \(known.sorted().joined(separator: ", "))")
    }
    guard let name = object["name"] as? String,
      name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil
    else {
      throw Problem(
        location: "name", problem: "the arm needs a name of letters, digits and dashes",
        remedy: "give it one: \"name\": \"mine\"")
    }
    guard Arm(rawValue: name) == nil else {
      throw Problem(
        location: "name", problem: "\(name) is an arm of the library", remedy: "give another name")
    }
    guard let layers = object["layers"] as? [Any],
      let data = try? JSONSerialization.data(withJSONObject: layers)
    else {
      throw Problem(
        location: "layers", problem: "the arm has no list of layers",
        remedy: "give one, such as \"layers\": [{\"layer\": \"dense\", \"outputs\": \"=width\"}]")
    }
    let block = object["layers_of_a_block"] as? Int ?? 1
    guard object["layers_of_a_block"] == nil || (1...1000).contains(block) else {
      throw Problem(
        location: "layers_of_a_block", problem: "this is not a whole number of at least 1",
        remedy: "give the number of weight layers in a block")
    }
    self.name = name
    summary = object["summary"] as? String ?? name
    layersOfABlock = block
    self.layers = data
  }

  /// The network of a point.
  func network(_ point: GridPoint) throws(Problem) -> any Layer {
    var variables = [
      "depth": Double(point.depth), "width": Double(point.width), "inputs": Double(point.inputs),
      "classes": Double(point.classes),
    ]
    for setting in point.condition.settings where variables[setting.name] == nil {
      variables[setting.name] = setting.level.number
    }
    let list = (try? JSONSerialization.jsonObject(with: layers)) as? [Any] ?? []
    let description: [String: Any] = [
      "input": [point.inputs], "output": "softmax",
      "layers": try expanded(list, variables, at: "layers"),
    ]
    guard let data = try? JSONSerialization.data(withJSONObject: description) else {
      throw Problem(
        location: "layers", problem: "a number is not finite", remedy: "check the expressions")
    }
    let network = try NetworkDescription(json: String(decoding: data, as: UTF8.self)).network()
    guard network.outputShape.extents == [point.classes] else {
      throw Problem(
        location: "layers",
        problem: "the network outputs \(network.outputShape) per example, but there are "
          + "\(point.classes) classes",
        remedy: "end it with {\"layer\": \"dense\", \"outputs\": \"=classes\"}")
    }
    return network
  }

  /// A list with its expressions computed and its repetitions written out.
  private func expanded(
    _ list: [Any], _ variables: [String: Double], at location: String
  ) throws(Problem) -> [Any] {
    var result: [Any] = []
    for (index, item) in list.enumerated() {
      let location = "\(location)[\(index)]"
      guard let object = item as? [String: Any], let count = object["repeat"],
        let body = object["layers"] as? [Any], object.count == 2
      else {
        result.append(try value(item, variables, at: location))
        continue
      }
      guard let number = try value(count, variables, at: "\(location).repeat") as? Int,
        (0...1_000_000).contains(number)
      else {
        throw Problem(
          location: "\(location).repeat", problem: "this is not a non-negative whole number",
          remedy: "give a number or an expression, such as \"=depth / 2\"")
      }
      let layers = try expanded(body, variables, at: "\(location).layers")
      for _ in 0..<number { result += layers }
    }
    return result
  }

  private func value(
    _ value: Any, _ variables: [String: Double], at location: String
  ) throws(Problem) -> Any {
    if let text = value as? String {
      guard text.hasPrefix("=") else { return text }
      let number = try Expression.value(String(text.dropFirst()), variables, at: location)
      return Int(exactly: number) ?? number
    }
    if let list = value as? [Any] { return try expanded(list, variables, at: location) }
    guard let object = value as? [String: Any] else { return value }
    var result: [String: Any] = [:]
    for (name, field) in object {
      result[name] = try self.value(field, variables, at: "\(location).\(name)")
    }
    return result
  }
}
