import Findings

/// What the help says about an option or an argument.
public struct OptionDescription: Sendable, Hashable {
  /// The name with its dashes, or the name of the argument in capitals.
  public let name: String
  /// The placeholder for the value; empty for a flag.
  public let placeholder: String
  /// What it does, in one or two sentences.
  public let help: String
  /// The default, in words; nil if there is nothing to say.
  public let defaultText: String?
  /// Whether it may be given several times.
  public let isRepeatable: Bool
  /// Whether it must be given.
  public let isRequired: Bool
  /// Whether its values are files.
  public let namesFiles: Bool
  /// Whether its value is a list.
  public let isList: Bool
  /// The names allowed as its value; empty if there are none.
  public let names: [String]
}

/// An option or an argument of a command, whatever the type of its value.
public protocol OptionDeclaration: Sendable {
  /// What the help says about it.
  var description: OptionDescription { get }

  /// Reads the given values in order; wrapped, so that it can be requested later.
  func parsed(_ texts: [String]) throws(Problem) -> any Sendable

  /// The files that the values refer to, or the default if none was given, and what is done with them.
  func files(_ texts: [String]) -> [FileUse]
}

/// The value of an option or an argument. The wrapping keeps an optional value distinguishable from one that is missing.
struct Parsed<Value: Sendable>: Sendable {
  let value: Value
}

extension ValueForm {
  /// The files of the last of some texts, or of a default.
  fileprivate func filesOfLast(
    default value: Value? = nil
  ) -> (@Sendable ([String]) -> [FileUse])? {
    guard let files else { return nil }
    return { [read] (texts: [String]) -> [FileUse] in
      guard let last = texts.last.flatMap(read) ?? value else { return [] }
      return files(last)
    }
  }

  /// The files of all texts.
  fileprivate func filesOfAll() -> (@Sendable ([String]) -> [FileUse])? {
    guard let files else { return nil }
    return { [read] (texts: [String]) -> [FileUse] in texts.compactMap(read).flatMap(files) }
  }
}

/// An option of a command, with the type of its value.
///
/// ```swift
/// let width = Option("width", "N", .integer(in: 1...4096), default: 64, help: "units per layer")
/// let out = Option("out", "DIR", .path, help: "where results go")
/// let quick = Option(flag: "quick", help: "a smaller run of about a minute")
/// let command = Command("depth", summary: "...", options: [width, out, quick])
/// let parsed = try command.parse(arguments)
/// parsed[width]  // Int
/// parsed[out]  // String?
/// parsed[quick]  // Bool
/// ```
public struct Option<Value: Sendable>: OptionDeclaration {
  /// What the help says about it.
  public let description: OptionDescription

  private let read: @Sendable ([String], String) throws(Problem) -> Value
  private let use: (@Sendable ([String]) -> [FileUse])?

  private init(
    _ name: String, _ placeholder: String, help: String, defaultText: String?,
    isList: Bool, names: [String] = [], isRepeatable: Bool = false, isRequired: Bool = false,
    use: (@Sendable ([String]) -> [FileUse])? = nil,
    read: @escaping @Sendable ([String], String) throws(Problem) -> Value
  ) {
    guard !name.isEmpty, !name.hasPrefix("-"), !name.contains("="), name != "help" else {
      fatalError("\"\(name)\" cannot be the name of an option")
    }
    description = OptionDescription(
      name: "--" + name, placeholder: placeholder, help: help, defaultText: defaultText,
      isRepeatable: isRepeatable, isRequired: isRequired, namesFiles: use != nil, isList: isList,
      names: names)
    self.read = read
    self.use = use
  }

  /// Reads the given values in order.
  public func parsed(_ texts: [String]) throws(Problem) -> any Sendable {
    Parsed(value: try read(texts, description.name))
  }

  /// The files that the values refer to, or the default if none was given.
  public func files(_ texts: [String]) -> [FileUse] { use?(texts) ?? [] }

  /// An option that has this value if it is not given.
  ///
  /// - Parameter defaultText: how the help shows the default; nil for its own text.
  public init(
    _ name: String, _ placeholder: String, _ form: ValueForm<Value>, default value: Value,
    defaultText: String? = nil, help: String
  ) {
    self.init(
      name, placeholder, help: help, defaultText: defaultText ?? Self.text(value),
      isList: form.isList, names: form.names,
      use: form.filesOfLast(default: value)
    ) { texts, name throws(Problem) in
      guard let last = texts.last else { return value }
      return try form.value(last, of: name)
    }
  }

  /// An option that is nil if it is not given.
  ///
  /// - Parameter defaultText: what then happens, in words; nil if not worth mentioning.
  public init<Wrapped: Sendable>(
    _ name: String, _ placeholder: String, _ form: ValueForm<Wrapped>, defaultText: String? = nil,
    help: String
  ) where Value == Wrapped? {
    self.init(
      name, placeholder, help: help, defaultText: defaultText, isList: form.isList,
      names: form.names,
      use: form.filesOfLast()
    ) { texts, name throws(Problem) in
      guard let last = texts.last else { return nil }
      return try form.value(last, of: name)
    }
  }

  /// An option that must be given.
  public init(
    required name: String, _ placeholder: String, _ form: ValueForm<Value>, help: String
  ) {
    self.init(
      name, placeholder, help: help, defaultText: nil, isList: form.isList, names: form.names,
      isRequired: true,
      use: form.filesOfLast()
    ) { texts, name throws(Problem) in
      guard let last = texts.last else { throw .missingOption(name, placeholder: placeholder) }
      return try form.value(last, of: name)
    }
  }

  /// An option that may be given several times; its value is the list of what was given.
  public init<Element: Sendable>(
    repeated name: String, _ placeholder: String, _ form: ValueForm<Element>, help: String
  ) where Value == [Element] {
    self.init(
      name, placeholder, help: help, defaultText: nil, isList: form.isList, names: form.names,
      isRepeatable: true,
      use: form.filesOfAll()
    ) { texts, name throws(Problem) in
      var values: [Element] = []
      for text in texts { values.append(try form.value(text, of: name)) }
      return values
    }
  }

  /// An option without a value: whether it was given.
  public init(flag name: String, help: String) where Value == Bool {
    self.init(name, "", help: help, defaultText: nil, isList: false) { texts, _ throws(Problem) in
      !texts.isEmpty
    }
  }

  /// A default as it would be typed.
  private static func text(_ value: Value) -> String {
    switch value {
    case let number as Double: NumberFormat.plain(number)
    case let numbers as [Double]: numbers.map(NumberFormat.plain).joined(separator: ",")
    case let list as [any Sendable]: list.map { "\($0)" }.joined(separator: ",")
    case let name as any RawRepresentable: "\(name.rawValue)"
    default: "\(value)"
    }
  }
}

/// A positional argument, such as a file, with the type of its value.
public struct Argument<Value: Sendable>: OptionDeclaration {
  /// What the help says about it.
  public let description: OptionDescription

  private let read: @Sendable ([String], String) throws(Problem) -> Value
  private let use: (@Sendable ([String]) -> [FileUse])?

  private init(
    _ name: String, help: String, names: [String], isRepeatable: Bool, isRequired: Bool,
    use: (@Sendable ([String]) -> [FileUse])?,
    read: @escaping @Sendable ([String], String) throws(Problem) -> Value
  ) {
    description = OptionDescription(
      name: name, placeholder: "", help: help, defaultText: nil, isRepeatable: isRepeatable,
      isRequired: isRequired, namesFiles: use != nil, isList: false, names: names)
    self.read = read
    self.use = use
  }

  /// Reads the given values in order.
  public func parsed(_ texts: [String]) throws(Problem) -> any Sendable {
    Parsed(value: try read(texts, description.name))
  }

  /// The files that the values refer to.
  public func files(_ texts: [String]) -> [FileUse] { use?(texts) ?? [] }

  /// An argument that must be given.
  public init(_ name: String, _ form: ValueForm<Value>, help: String) {
    self.init(
      name, help: help, names: form.names, isRepeatable: false, isRequired: true,
      use: form.filesOfLast()
    ) { texts, name throws(Problem) in
      guard let text = texts.first else { throw .missingArgument(name) }
      return try form.value(text, of: name)
    }
  }

  /// An argument that is nil if it is not given.
  public init<Wrapped: Sendable>(optional name: String, _ form: ValueForm<Wrapped>, help: String)
  where Value == Wrapped? {
    self.init(
      name, help: help, names: form.names, isRepeatable: false, isRequired: false,
      use: form.filesOfLast()
    ) { texts, name throws(Problem) in
      guard let text = texts.first else { return nil }
      return try form.value(text, of: name)
    }
  }

  /// All remaining arguments, at least `least` of them.
  public init<Element: Sendable>(
    list name: String, _ form: ValueForm<Element>, atLeast least: Int = 0, help: String
  ) where Value == [Element] {
    self.init(
      name, help: help, names: form.names, isRepeatable: true, isRequired: least > 0,
      use: form.filesOfAll()
    ) { texts, name throws(Problem) in
      guard texts.count >= least else { throw .missingArgument(name) }
      var values: [Element] = []
      for text in texts { values.append(try form.value(text, of: name)) }
      return values
    }
  }
}
