/// What is wrong with a request or an input, where, and what to do about it: the error that all libraries throw for external
/// input.
///
/// ```swift
/// throw Problem(
///   subject: "digits.npz", location: "X[7, 3]", problem: "the value is nan", remedy: "fill it in")
/// throw Problem(setting: "batchSize", problem: "there are 100 examples", remedy: "give at most 100")
/// ```
///
/// A library knows files and settings but not options: it refers to a setting, and a command line translates it to an option
/// by ``naming(_:)``. ``description`` reads `subject: location: problem; remedy`.
public struct Problem: Error, Sendable, Hashable, Codable {
  /// The kind of error, for callers that branch on it and for tests.
  public struct Kind: RawRepresentable, ExpressibleByStringLiteral, Sendable, Hashable, Codable {
    /// The word.
    public let rawValue: String

    /// The kind with this name in files and messages.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// A kind written as text.
    public init(stringLiteral value: String) { rawValue = value }
  }

  /// The kind of error; `nil` if no caller branches on it.
  public var kind: Kind?
  /// The setting that is at fault; `nil` if an input is.
  public var setting: Setting?
  /// A file, or the name of what was read or requested; `nil` if the setting identifies it.
  public var subject: String?
  /// Where in it: an array, a line, a field, a path of keys; `nil` for all of it.
  public var location: String?
  /// What is wrong there, with the values found and expected.
  public var problem: String
  /// What to do.
  public var remedy: String

  /// A problem of these parts; each is a phrase without a full stop.
  public init(
    _ kind: Kind? = nil, setting: Setting? = nil, subject: String? = nil, location: String? = nil,
    problem: String, remedy: String
  ) {
    self.kind = kind
    self.setting = setting
    self.subject = subject
    self.location = location
    self.problem = problem
    self.remedy = remedy
  }

  /// The same problem with the setting's name replaced by the user's name for it, such as an option.
  ///
  /// - Parameter name: Gives the user's name of a setting; `nil` leaves the problem as it is.
  public func naming(_ name: (Setting) -> String?) -> Problem {
    guard let setting, let name = name(setting) else { return self }
    var named = self
    named.setting = Setting(rawValue: name)
    return named
  }

  /// The same problem as the reason why something larger cannot be done: `what: location: problem; remedy`.
  public func preventing(_ what: String) -> Problem {
    let parts = [what, setting?.rawValue, subject, location, problem].compactMap(\.self)
    return Problem(
      kind, problem: parts.filter { !$0.isEmpty }.joined(separator: ": "), remedy: remedy)
  }

  /// The same problem, attributed to a file: its subject becomes its location in the file.
  public func inFile(_ path: String) -> Problem {
    var told = self
    told.subject = path
    let inside = [subject, location].compactMap(\.self)
    told.location = inside.isEmpty ? nil : inside.joined(separator: ": ")
    return told
  }
}

extension Problem: CustomStringConvertible {
  /// The problem in one line: `subject: location: problem; remedy`. Parts that are missing are left out, and a setting comes first.
  public var description: String {
    let parts = [setting?.rawValue, subject, location, problem].compactMap(\.self)
    let head = parts.filter { !$0.isEmpty }.joined(separator: ": ")
    return remedy.isEmpty ? head : head + "; " + remedy
  }
}
