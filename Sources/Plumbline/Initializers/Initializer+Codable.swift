import Findings

extension Initializer {
  /// The initializer of a short text: `he`, `lecun`, `glorot`, `orthogonal`, `zero`, `normal:0.01`, `constant:0.1`.
  ///
  /// - Parameter gain: That of the activation that follows the weight (see ``Activation/gain``), which `he` takes; by
  ///   default ReLU's. The others take none.
  public init(
    parsing text: String, gain: Double = 2.0.squareRoot()
  ) throws(Problem) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let number = parts.count == 2 ? Double(parts[1]) : nil
    switch (String(parts[0]), number) {
    case ("he", nil) where parts.count == 1: self = .varianceScaling(gain: gain)
    case ("lecun", nil) where parts.count == 1: self = .lecun()
    case ("glorot", nil) where parts.count == 1: self = .glorot()
    case ("orthogonal", nil) where parts.count == 1: self = .orthogonal()
    case ("zero", nil) where parts.count == 1: self = .zero
    case ("normal", let deviation?) where deviation.isFinite && deviation >= 0:
      self = .normal(standardDeviation: deviation)
    case ("constant", let value?) where value.isFinite: self = .constant(value)
    default:
      throw Problem(
        location: "", problem: "there is no initializer \"\(text)\"",
        remedy: "give one of he, lecun, glorot, orthogonal, zero, normal:0.01 (the standard "
          + "deviation) or constant:0.1")
    }
  }

  /// The text that ``init(parsing:gain:)`` reads as this initializer; `nil` where there is none.
  var text: String? {
    switch rule {
    case .constant(0): return "zero"
    case .constant(let value): return "constant:\(value)"
    case .scaled(.normal, let deviation): return "normal:\(deviation)"
    default:
      let named: [(String, Initializer)] = [
        ("he", .he()), ("lecun", .lecun()), ("glorot", .glorot()), ("orthogonal", .orthogonal()),
      ]
      return named.first { $0.1 == self }?.0
    }
  }
}

extension Initializer: Codable {
  /// Reads a short text (see ``init(parsing:gain:)``), or an object with the field `scheme`: `variance-scaling` with
  /// `gain`, `distribution` (`normal` or `uniform`) and `fan` (`input`, `output`, `average`); `scaled` with
  /// `distribution` and `standard_deviation`; `orthogonal` with `gain`; `fixup` with `branches` and
  /// `layers_per_branch`. Errors are of the type ``Problem``.
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
    let schemes = "variance-scaling, scaled, orthogonal or fixup"
    let scheme = try fields.required("scheme", String.self, schemes)
    switch scheme {
    case "variance-scaling":
      self = .varianceScaling(
        gain: try fields.number("gain", default: 1),
        try fields.choice("distribution", default: .normal),
        fan: try fields.choice("fan", default: .input))
    case "scaled":
      self = Initializer(
        rule: .scaled(
          try fields.choice("distribution", default: .normal),
          standardDeviation: try fields.required(
            "standard_deviation", Double.self, "the standard deviation")))
      if case .scaled(_, let deviation) = rule, deviation < 0 {
        throw Problem(
          location: fields.location("standard_deviation"), problem: "the value is \(deviation)",
          remedy: "give a number of 0 or more")
      }
    case "orthogonal": self = .orthogonal(gain: try fields.number("gain", default: 1))
    case "fixup":
      self = .fixup(
        branches: try fields.whole("branches", atLeast: 1),
        layersPerBranch: try fields.whole("layers_per_branch", atLeast: 2, default: 2))
    default:
      throw Problem(
        location: fields.location("scheme"), problem: "there is no scheme \"\(scheme)\"",
        remedy: "give \(schemes), or a text such as \"he\"")
    }
    try fields.finish()
  }

  /// Writes the short text where there is one, and else the object.
  public func encode(to encoder: any Encoder) throws {
    if let text {
      var container = encoder.singleValueContainer()
      return try container.encode(text)
    }
    var container = encoder.container(keyedBy: FieldKey.self)
    switch rule {
    case .constant: break  // It has a text.
    case .scaled(let distribution, let deviation):
      try container.encode("scaled", forKey: "scheme")
      try container.encode(distribution.rawValue, forKey: "distribution")
      try container.encode(deviation, forKey: "standard_deviation")
    case .varianceScaling(let gain, let distribution, let fan):
      try container.encode("variance-scaling", forKey: "scheme")
      try container.encode(gain, forKey: "gain")
      try container.encode(distribution.rawValue, forKey: "distribution")
      try container.encode(fan.rawValue, forKey: "fan")
    case .orthogonal(let gain):
      try container.encode("orthogonal", forKey: "scheme")
      try container.encode(gain, forKey: "gain")
    }
  }
}

extension Field {
  /// How a weight starts.
  public static func initializer(
    _ name: String = "initializer", _ path: any Path<Initializer>
  ) -> Field {
    .value(name, path, "an initializer such as \"he\"")
  }

  /// Whether there is a bias, and how it starts: `true`, `false`, or an initializer.
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
        if bias != standard[keyPath: path] { try writer.write("bias", BiasField(bias)) }
      },
      check: { _, _ in }, text: { $0[keyPath: path].flatMap(\.text) ?? "" })
  }
}

/// A bias in JSON: true or false, or how it starts.
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

extension Initializer: CustomStringConvertible {
  /// The short text, where there is one, and else the rule with its numbers.
  public var description: String {
    if let text { return text }
    switch rule {
    case .constant(let value): return "constant \(value)"
    case .scaled(let distribution, let deviation):
      return "\(distribution) of standard deviation \(deviation)"
    case .varianceScaling(let gain, let distribution, let fan):
      return "\(distribution) of variance \(gain)²/(\(fan) fan)"
    case .orthogonal(let gain): return "orthogonal times \(gain)"
    }
  }
}
