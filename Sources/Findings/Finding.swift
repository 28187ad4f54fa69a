/// Something that is wrong with data, a training or a gradient, or that may be mistaken for a problem: the symptom, where and since
/// when, why, and what to do.
public struct Finding: Sendable, Hashable {
  /// The kind of problem. Extensible: a module that finds a new kind declares it.
  public struct Family: RawRepresentable, ExpressibleByStringLiteral, Sendable, Hashable, Codable {
    /// The id used in files and commands.
    public let rawValue: String

    /// The family with this id in files and messages.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// A family written as text.
    public init(stringLiteral value: String) { rawValue = value }
  }

  /// The cause of the problem. Extensible: each rule declares its causes in its own file.
  public struct Cause: RawRepresentable, ExpressibleByStringLiteral, Sendable, Hashable, Codable {
    /// The id used in files and commands.
    public let rawValue: String

    /// The cause with this id in files and messages.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// A cause written as text.
    public init(stringLiteral value: String) { rawValue = value }
  }

  /// How much it matters.
  public enum Severity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Worth knowing; no harm need follow.
    case note
    /// The result suffers, or is likely to.
    case warning
    /// This cannot work.
    case error

    /// Ordered by severity.
    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

    private var rank: Int {
      switch self {
      case .note: 0
      case .warning: 1
      case .error: 2
      }
    }
  }

  /// A number that supports a finding.
  public struct Number: Codable, Sendable, Hashable {
    /// What it is, in words.
    public let name: String
    /// The number.
    public let value: Double

    /// A number with a name.
    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// The kind of problem.
  public var family: Family
  /// Its cause.
  public var cause: Cause
  /// How much it matters.
  public var severity: Severity
  /// The symptom, in a sentence with its numbers and without a full stop.
  public var symptom: String
  /// Why, in a sentence or two.
  public var explanation: String
  /// Where it is, and since when.
  public var location: Location
  /// The numbers.
  public var evidence: [Number]
  /// What to do.
  public var remedy: String
  /// The probability that the cause is the right one, from runs whose cause is known; `nil` if none were made.
  public var confidence: Double?
  /// The run that shows the remedy working, if one was made.
  public var counterfactual: Counterfactual?

  /// A finding of these parts; the texts are phrases without a full stop.
  public init(
    family: Family, cause: Cause, severity: Severity = .warning, symptom: String,
    explanation: String, location: Location = Location(), evidence: [Number] = [], remedy: String
  ) {
    self.family = family
    self.cause = cause
    self.severity = severity
    self.symptom = symptom
    self.explanation = explanation
    self.location = location
    self.evidence = evidence
    self.remedy = remedy
  }

  /// The value of a number of the evidence.
  public subscript(name: String) -> Double? { evidence.first { $0.name == name }?.value }
}

extension Finding.Family {
  /// The data themselves: the only family with causes from several modules.
  public static let data: Self = "data"
}

extension Finding: CustomStringConvertible {
  /// Symptom, cause and remedy as a paragraph of indented lines.
  public var description: String {
    let location = location.description
    return "\(family.rawValue)\(location.isEmpty ? "" : " (\(location))"): \(symptom)"
      + (explanation.isEmpty ? "" : "\n  cause: \(explanation)")
      + (remedy.isEmpty ? "" : "\n  remedy: \(remedy)")
      + (counterfactual.map { "\n  shown: \($0)" } ?? "")
  }
}

extension Finding: Codable {
  private enum CodingKeys: String, CodingKey {
    case family, cause, severity, symptom, explanation, evidence, remedy, confidence, counterfactual
  }

  /// Reads the form that ``encode(to:)`` writes; severity and confidence may be missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    family = try container.decode(Family.self, forKey: .family)
    cause = try container.decode(Cause.self, forKey: .cause)
    severity = try container.decodeIfPresent(Severity.self, forKey: .severity) ?? .warning
    symptom = try container.decode(String.self, forKey: .symptom)
    explanation = try container.decode(String.self, forKey: .explanation)
    evidence = try container.decode([Number].self, forKey: .evidence)
    remedy = try container.decode(String.self, forKey: .remedy)
    confidence = try container.decodeIfPresent(Double.self, forKey: .confidence)
    counterfactual = try container.decodeIfPresent(Counterfactual.self, forKey: .counterfactual)
    location = try Location(from: decoder)
  }

  /// Writes the parts under their names, those of the location (`set`, `layer`, `quantity`, `units`, `step`, `detail`) next to
  /// them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(family, forKey: .family)
    try container.encode(cause, forKey: .cause)
    try container.encode(severity, forKey: .severity)
    try container.encode(symptom, forKey: .symptom)
    try container.encode(explanation, forKey: .explanation)
    try container.encode(evidence, forKey: .evidence)
    try container.encode(remedy, forKey: .remedy)
    try container.encodeIfPresent(confidence, forKey: .confidence)
    try container.encodeIfPresent(counterfactual, forKey: .counterfactual)
    try location.encode(to: encoder)
  }
}
