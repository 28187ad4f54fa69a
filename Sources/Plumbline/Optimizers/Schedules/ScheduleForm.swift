/// How a learning rate changes, as a rule that can be written in files and text: `step:100,0.1`.
public protocol ScheduleRule: Form {
  /// The rate of a step, counted from 0, starting at `base`, with `steps` steps in total for a schedule with an end.
  func rate(_ step: Int, from base: Double, over steps: Int) -> Double
}

/// How a learning rate changes: one of the list of rules.
public struct ScheduleForm: Sendable {
  /// The rule with its settings.
  public let rule: any ScheduleRule

  /// The rules available in files and options, each with its defaults.
  public static let rules: [any ScheduleRule] = [
    ConstantSchedule(),
    CosineSchedule(),
    StepSchedule(),
    ExponentialSchedule(),
  ]

  /// A form by its rule, which need not be in the list.
  public init(_ rule: some ScheduleRule) { self.rule = rule }

  private init(any rule: any ScheduleRule) { self.rule = rule }
}

extension ScheduleForm: LosslessStringConvertible {
  /// The title of the rule and its numbers, such as `step:100,0.1`.
  public var description: String { rule.text }

  /// The form for such text; trailing numbers that have a default may be omitted.
  public init?(_ text: String) {
    for rule in Self.rules {
      if let rule = rule.reading(text) {
        self.rule = rule
        return
      }
    }
    return nil
  }
}

extension ScheduleForm: Hashable {
  /// Whether they are the same rule with the same settings.
  public static func == (left: ScheduleForm, right: ScheduleForm) -> Bool {
    AnyHashable(left.rule) == AnyHashable(right.rule)
  }

  /// Hashes the rule.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(rule)) }
}

extension ScheduleForm: Codable {
  /// Reads an object with one field, `{"step": {"every": 100, "factor": 0.1}}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FieldKey.self)
    let key = container.allKeys.first
    guard let key, let rule = Self.rules.first(where: { $0.title == key.stringValue }) else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "there is no schedule \"\(key?.stringValue ?? "")\"; the schedules are "
            + Self.rules.map(\.title).joined(separator: ", ")))
    }
    self.init(any: try rule.reading(container.superDecoder(forKey: key)))
  }

  /// Writes such an object, with every setting.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(rule.title, of: encoder)
    try fields.writeAll(rule)
  }
}
