import Findings

extension Initializer {
  /// The gain that `he` takes if none is given: ReLU's.
  static let customaryGain = 2.0.squareRoot()

  /// The short texts of all schemes.
  public static var names: [InitializerName] { schemes.flatMap { $0.names } }

  /// The initializer for a short text: `he`, `lecun`, `glorot`, `orthogonal`, `zero`, `normal:0.01`, `constant:0.1`.
  ///
  /// - Parameters:
  ///   - text: The name of a scheme, with its settings in their order after a colon.
  ///   - gain: The gain of the activation that follows the weight (see ``Activation/gain``), which `he` takes; by default ReLU's.
  ///     The others take none.
  /// - Throws: ``/Findings/Problem`` if the text is not among the ``names`` of any scheme.
  public init(parsing text: String, gain: Double? = nil) throws(Problem) {
    for name in Self.names {
      if let initializer = name.initializer(text, gain ?? Self.customaryGain) {
        self = initializer
        return
      }
    }
    throw Problem(
      location: "", problem: "there is no initializer \"\(text)\"",
      remedy: "give one of \(Self.names.map(\.usage).joined(separator: ", "))")
  }

  /// The text that ``init(parsing:gain:)`` reads as this initializer; `nil` if there is none.
  var text: String? { Self.names.lazy.compactMap { $0.text(self) }.first }
}

extension Initializer: Codable {
  /// Reads a short text (see ``init(parsing:gain:)``), or an object with the field `scheme` and the settings of that scheme, such
  /// as `{"scheme": "variance-scaling", "gain": 2, "fan": "average"}`. Errors are of the type ``/Findings/Problem``.
  public init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      do throws(Problem) {
        self = try Initializer(parsing: text)
      } catch {
        throw Problem(
          location: decoder.codingPath.location, problem: error.problem, remedy: error.remedy)
      }
      return
    }
    var fields = try FieldReader(decoder)
    let standards: [any InitializerScheme] = Self.schemes.map { $0.init() }
    let titles = standards.map(\.title).joined(separator: ", ")
    let title = try fields.required("scheme", String.self, "one of \(titles)")
    guard let standard = standards.first(where: { $0.title == title }) else {
      throw Problem(
        location: fields.location("scheme"), problem: "there is no scheme \"\(title)\"",
        remedy: "give one of \(titles), or a text such as \"he\"")
    }
    let scheme: any InitializerScheme = try fields.form(like: standard)
    self = scheme.initializer
    try fields.finish()
  }

  /// Writes the short text if there is one, otherwise the object.
  public func encode(to encoder: any Encoder) throws {
    if let text {
      var container = encoder.singleValueContainer()
      return try container.encode(text)
    }
    var fields = FieldWriter(encoder)
    try fields.write("scheme", rule.title)
    try fields.writeAll(rule)
  }
}

extension Initializer: CustomStringConvertible {
  /// The short text if there is one, otherwise the rule with its numbers.
  public var description: String { text ?? rule.summary }
}

extension Field {
  /// How a weight is initialized.
  public static func initializer(
    _ name: String = "initializer", _ path: any Path<Initializer>
  ) -> Field {
    .value(name, path, "an initializer such as \"he\"")
  }

  /// Whether there is a bias, and how it is initialized: `true`, `false`, or an initializer.
  public static func bias(_ path: any Path<Initializer?>) -> Field {
    let meaning = "true, false, or an initializer"
    return Field(
      name: "bias", meaning: meaning, isRequired: false,
      read: { owner, reader throws(Problem) in
        if let field = try reader.optional("bias", BiasField.self, meaning) {
          owner[keyPath: path] = field.initializer
        }
      },
      write: { owner, standard, writer in
        let bias = owner[keyPath: path]
        if standard.map({ bias != $0[keyPath: path] }) ?? true {
          try writer.write("bias", BiasField(bias))
        }
      },
      check: { _, _ in }, text: { $0[keyPath: path].flatMap(\.text) ?? "" })
  }
}

/// A bias in JSON: true or false, or how it is initialized.
private struct BiasField: Codable {
  let initializer: Initializer?

  init(_ initializer: Initializer?) { self.initializer = initializer }

  init(from decoder: any Decoder) throws {
    if let isThere = try? decoder.singleValueContainer().decode(Bool.self) {
      initializer = isThere ? .zero : nil
    } else {
      initializer = try Initializer(from: decoder)
    }
  }

  func encode(to encoder: any Encoder) throws {
    if let initializer, initializer != .zero {
      try initializer.encode(to: encoder)
    } else {
      var container = encoder.singleValueContainer()
      try container.encode(initializer != nil)
    }
  }
}
