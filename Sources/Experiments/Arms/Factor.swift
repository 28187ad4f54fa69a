import Console
import Findings

/// A variable of an experiment in addition to arms and depths: a name and its levels.
///
/// Settings of `plumb train` and of an experiment have the names of their options: `data`, `normalize`, `width`, `batch`, `steps`,
/// `optimizer` and its settings, `schedule` and so on; so are `initializer` and `activation`. Any other name is read by the
/// experiment's arms from their ``GridPoint``.
public struct Factor: Codable, Sendable, Hashable {
  /// The value of a factor: a number or text.
  public enum Level: Sendable, Hashable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral
  {
    /// A finite number.
    case number(Double)
    /// Any other text.
    case text(String)

    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(stringLiteral value: String) { self = .text(value) }

    /// The level written as text.
    public init(parsing text: String) {
      let number = Double(text).flatMap { $0.isFinite ? $0 : nil }
      self = number.map(Level.number) ?? .text(text)
    }

    /// The number; `nil` for text.
    public var number: Double? {
      if case .number(let value) = self { value } else { nil }
    }
  }

  /// The name.
  public let name: String
  /// The levels, all different; the first is the baseline if one factor is changed at a time.
  public let levels: [Level]

  /// A factor.
  public init(_ name: String, _ levels: [Level]) {
    self.name = name
    self.levels = levels
  }
}

extension Factor.Level: CustomStringConvertible {
  /// The level as typed.
  public var description: String {
    switch self {
    case .number(let value): NumberFormat.plain(value)
    case .text(let text): text
    }
  }
}

extension Factor.Level: Codable {
  /// Reads a number or text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// Writes a number or text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value)
    case .text(let text): try container.encode(text)
    }
  }
}

/// A level of each varied factor: `width=32, optimizer=sgd`. Empty if there is none.
public struct Condition: Sendable, Hashable, CustomStringConvertible {
  /// The factors' names and levels, in the order in which they were declared.
  public private(set) var settings: [Setting]

  /// A factor at a level.
  public struct Setting: Sendable, Hashable {
    /// The factor's name, and its level.
    public let name: String, level: Factor.Level
  }

  /// A condition.
  public init(_ settings: [(String, Factor.Level)] = []) {
    self.settings = settings.map { Setting(name: $0.0, level: $0.1) }
  }

  /// The level of a factor; `nil` if it is not varied.
  public subscript(name: String) -> Factor.Level? {
    settings.first { $0.name == name }?.level
  }

  /// The condition with one factor at a level.
  func setting(_ name: String, to level: Factor.Level) -> Condition {
    var changed = self
    changed.settings.removeAll { $0.name == name }
    changed.settings.append(Setting(name: name, level: level))
    return changed
  }

  /// The condition without some factors.
  func omitting(_ names: Set<String>) -> Condition {
    var changed = self
    changed.settings.removeAll { names.contains($0.name) }
    return changed
  }

  /// The condition with some factors only.
  func keeping(_ names: Set<String>) -> Condition {
    var changed = self
    changed.settings.removeAll { !names.contains($0.name) }
    return changed
  }

  /// As written in options; empty if nothing is varied.
  public var description: String {
    settings.map { "\($0.name)=\($0.level)" }.joined(separator: ", ")
  }
}
