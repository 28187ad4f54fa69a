import Findings

/// One setting of a ``Form``: its name, its meaning, and how it is read, written and checked.
///
/// In JSON, names have underscores between words: `initial_scale`.
public struct Field<Owner: Sendable>: Sendable {
  /// The name in JSON.
  public let name: String
  /// The meaning of the setting, as a phrase.
  public let meaning: String
  /// Whether it has no default.
  public let isRequired: Bool

  let read: @Sendable (inout Owner, inout FieldReader) throws(Problem) -> Void
  /// Writes the setting, unless it is the same as in `standard`.
  let write: @Sendable (Owner, _ standard: Owner?, inout FieldWriter) throws -> Void
  let check: @Sendable (Owner, _ location: String) throws(Problem) -> Void
  /// The value in its usual notation; empty if there is none.
  var text: @Sendable (Owner) -> String
  /// Whether it is a boolean.
  public private(set) var isFlag = false
  /// The setting as a number, 1 and 0 for yes and no; `nil` if it is not one.
  var number: NumberAccess?

  /// How a setting is read and set as a number.
  struct NumberAccess: Sendable {
    let value: @Sendable (Owner) -> Double
    /// Returns whether the setting can be this number at all, whatever its range.
    let assign: @Sendable (inout Owner, Double) -> Bool
  }

  /// The key path of a property of the owner.
  public typealias Path<Value> = WritableKeyPath<Owner, Value> & Sendable

  /// A setting of any type with a coded form. A default value is not written, and may be omitted when reading.
  ///
  /// - Parameters:
  ///   - name: The name in JSON.
  ///   - path: The property that holds the setting.
  ///   - isRequired: Whether it must be present.
  ///   - meaning: The meaning of the setting, as a phrase for help and messages.
  ///   - isRight: Whether a value is allowed; if it is not, the message gives `meaning` as the remedy.
  public static func value<Value: Codable & Equatable & Sendable>(
    _ name: String, _ path: any Path<Value>, isRequired: Bool = false, _ meaning: String,
    isRight: @escaping @Sendable (Value) -> Bool = { _ in true }
  ) -> Field {
    Field(
      name: name, meaning: meaning, isRequired: isRequired,
      read: { owner, reader throws(Problem) in
        if isRequired {
          owner[keyPath: path] = try reader.required(name, Value.self, meaning)
        } else if let value = try reader.optional(name, Value.self, meaning) {
          owner[keyPath: path] = value
        }
      },
      write: { owner, standard, writer in
        let value = owner[keyPath: path]
        if isRequired || value != standard?[keyPath: path] { try writer.write(name, value) }
      },
      check: { owner, location throws(Problem) in
        let value = owner[keyPath: path]
        if isRight(value) { return }
        throw Problem(
          location: "\(location).\(name)", problem: "the value is \(plain(value))",
          remedy: "give \(meaning)")
      },
      text: { plain($0[keyPath: path]) })
  }

  /// A number in a range.
  public static func number(
    _ name: String, _ path: any Path<Double>, isRequired: Bool = false,
    in range: NumberRange = .any, _ meaning: String = ""
  ) -> Field {
    var field = Field.value(
      name, path, isRequired: isRequired, described(meaning, range.description),
      isRight: range.contains)
    field.number = NumberAccess(
      value: { $0[keyPath: path] },
      assign: { owner, number in
        owner[keyPath: path] = number
        return true
      })
    return field
  }

  /// A number that may be missing.
  public static func number(
    _ name: String, _ path: any Path<Double?>, in range: NumberRange = .any, _ meaning: String = ""
  ) -> Field {
    .value(name, path, described(meaning, range.description)) { $0.map(range.contains) ?? true }
  }

  /// A whole number of at least `least`.
  public static func whole(
    _ name: String, _ path: any Path<Int>, isRequired: Bool = false, atLeast least: Int,
    _ meaning: String = ""
  ) -> Field {
    var field = Field.value(
      name, path, isRequired: isRequired, described(meaning, "a whole number of \(least) or more"),
      isRight: { $0 >= least })
    field.number = NumberAccess(
      value: { Double($0[keyPath: path]) },
      assign: { owner, number in
        guard let whole = Int(exactly: number) else { return false }
        owner[keyPath: path] = whole
        return true
      })
    return field
  }

  /// A whole number of at least `least` that may be missing.
  public static func whole(
    _ name: String, _ path: any Path<Int?>, atLeast least: Int, _ meaning: String = ""
  ) -> Field {
    .value(name, path, described(meaning, "a whole number of \(least) or more")) {
      $0.map { $0 >= least } ?? true
    }
  }

  /// Yes or no.
  public static func flag(
    _ name: String, _ path: any Path<Bool>, _ meaning: String = "true or false"
  ) -> Field {
    var field = Field.value(name, path, meaning)
    field.number = NumberAccess(
      value: { $0[keyPath: path] ? 1 : 0 },
      assign: { owner, number in
        owner[keyPath: path] = number != 0
        return true
      })
    field.isFlag = true
    return field
  }

  /// One of a list of names.
  public static func choice<
    Choice: CaseIterable & RawRepresentable<String> & Equatable & Sendable
  >(_ name: String, _ path: any Path<Choice>) -> Field {
    let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    return Field(
      name: name, meaning: "one of \(names)", isRequired: false,
      read: { owner, reader throws(Problem) in
        owner[keyPath: path] = try reader.choice(name, default: owner[keyPath: path])
      },
      write: { owner, standard, writer in
        let value = owner[keyPath: path]
        if value != standard?[keyPath: path] { try writer.write(name, value.rawValue) }
      },
      check: { _, _ in }, text: { $0[keyPath: path].rawValue })
  }

  private static func described(_ meaning: String, _ range: String) -> String {
    meaning.isEmpty ? range : "\(meaning): \(range)"
  }
}

/// A value as shown in messages, without the word `Optional`.
func plain<Value>(_ value: Value) -> String {
  if let number = value as? Double, let whole = Int(exactly: number) { return "\(whole)" }
  let mirror = Mirror(reflecting: value)
  guard mirror.displayStyle == .optional else { return "\(value)" }
  return mirror.children.first.map { "\($0.value)" } ?? "null"
}

/// The allowed numbers of a setting.
public struct NumberRange: Sendable, Hashable, CustomStringConvertible {
  private let lower: Double, upper: Double
  private let includesLower: Bool, includesUpper: Bool

  private init(
    _ lower: Double, _ upper: Double, includesLower: Bool = true, includesUpper: Bool = true
  ) {
    self.lower = lower
    self.upper = upper
    self.includesLower = includesLower
    self.includesUpper = includesUpper
  }

  /// Every number except infinities and NaN, which files cannot hold.
  public static let any = NumberRange(
    -.infinity, .infinity, includesLower: false, includesUpper: false)
  /// A number and all above it.
  public static func atLeast(_ lower: Double) -> NumberRange { NumberRange(lower, .infinity) }
  /// All above a number.
  public static func above(_ lower: Double) -> NumberRange {
    NumberRange(lower, .infinity, includesLower: false)
  }
  /// Both ends and everything between.
  public static func from(_ lower: Double, to upper: Double) -> NumberRange {
    NumberRange(lower, upper)
  }
  /// All from a number up to, but not including, another.
  public static func from(_ lower: Double, below upper: Double) -> NumberRange {
    NumberRange(lower, upper, includesUpper: false)
  }
  /// All above a number up to and including another.
  public static func above(_ lower: Double, to upper: Double) -> NumberRange {
    NumberRange(lower, upper, includesLower: false)
  }

  /// Whether a number lies in the range.
  public func contains(_ value: Double) -> Bool {
    (includesLower ? value >= lower : value > lower)
      && (includesUpper ? value <= upper : value < upper)
  }

  /// The range in words.
  public var description: String {
    func text(_ bound: Double) -> String {
      bound == bound.rounded() ? "\(Int(bound))" : "\(bound)"
    }
    switch (lower.isFinite, upper.isFinite) {
    case (false, false): return "a number"
    case (false, true): return "a number \(includesUpper ? "of at most" : "below") \(text(upper))"
    case (true, false):
      return includesLower ? "a number of \(text(lower)) or more" : "a number above \(text(lower))"
    case (true, true):
      let start = includesLower ? "from \(text(lower))" : "above \(text(lower))"
      if !includesUpper { return "a number \(start) up to but not including \(text(upper))" }
      return "a number \(start) \(includesLower ? "to" : "and at most") \(text(upper))"
    }
  }
}
