import Findings

/// A command: what it accepts, and what its help says.
public struct Command: Sendable {
  /// The words that invoke it, such as "depth" or "notebook run"; empty for a program without
  /// commands.
  public let name: String
  /// What it does, in one line.
  public let summary: String
  /// Further explanation, in paragraphs.
  public let discussion: String
  /// Its arguments, in order; an argument that takes several values comes last.
  public let arguments: [any OptionDeclaration]
  /// Its options, in the order of the help.
  public let options: [any OptionDeclaration]
  /// Working command lines, each with its effect.
  public let examples: [Example]

  /// A command line and what it does.
  public struct Example: Sendable, Hashable {
    /// The command line, as typed.
    public let line: String
    /// What it does.
    public let meaning: String

    /// Creates an example.
    public init(_ line: String, _ meaning: String) {
      self.line = line
      self.meaning = meaning
    }
  }

  /// Declares a command.
  ///
  /// - Precondition: names of options are unique, only the last argument takes several values, and whatever names a file or folder
  ///   says what is done with it.
  public init(
    _ name: String, summary: String, discussion: String = "",
    arguments: [any OptionDeclaration] = [], options: [any OptionDeclaration] = [],
    examples: [Example] = []
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.arguments = arguments
    self.options = options
    self.examples = examples
    let names = (options + arguments).map(\.description.name)
    guard Set(names).count == names.count else {
      fatalError("the command \"\(name)\" declares an option twice: \(names)")
    }
    guard !arguments.dropLast().contains(where: \.description.isRepeatable) else {
      fatalError("the command \"\(name)\" has arguments after one that takes all that are left")
    }
    let forgotten = (options + arguments).map(\.description).first { description in
      !description.namesFiles
        && ["FILE", "DIR", "PATH"].contains {
          (description.placeholder + description.name).contains($0)
        }
    }
    if let forgotten {
      fatalError(
        "\(forgotten.name) of \"\(name)\" does not say whether its file is read or written")
    }
  }

  /// Reads the words after the command's name.
  ///
  /// Accepts `--name value`, `--name=value`, flags, and arguments in any order among them; after `--` all words are arguments. A
  /// value may begin with one dash, as -3 does, but with two only as `--name=--value`. Every value is checked here, so nothing
  /// starts with a wrong one.
  /// - Throws: ``Problem`` for the first word that cannot be used.
  public func parse(_ words: [String]) throws(Problem) -> ParsedOptions {
    let (given, loose) = try read(words)
    return try ParsedOptions(self, given: given, loose: loose)
  }

  /// The options of an earlier command line with these words added to it: an option among them replaces the value that it had.
  ///
  /// - Throws: ``Problem`` for the first word that cannot be used.
  public func parse(_ words: [String], after earlier: ParsedOptions) throws(Problem)
    -> ParsedOptions
  {
    let (given, loose) = try read(words)
    let (options, arguments) = earlier.texts
    return try ParsedOptions(
      self, given: options.merging(given) { $1 }, loose: arguments + loose)
  }

  /// The values of each option, and the words that belong to none.
  private func read(
    _ words: [String]
  ) throws(Problem) -> (given: [String: [String]], loose: [String]) {
    var given: [String: [String]] = [:]
    var loose: [String] = []
    var index = 0
    while index < words.count {
      let word = words[index]
      index += 1
      if word == "--" {
        loose += words[index...]
        break
      }
      guard Self.isOption(word) else {
        loose.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      var value = parts.count > 1 ? String(parts[1]) : nil
      if parts[0] == "--help", let value {
        throw .unexpectedValue(option: "--help", value: value)
      }
      let option = try description(String(parts[0]))
      if option.placeholder.isEmpty {
        if let value { throw .unexpectedValue(option: option.name, value: value) }
        value = ""
      } else if value == nil {
        guard index < words.count, !words[index].hasPrefix("--") else {
          throw .missingValue(option: option.name, placeholder: option.placeholder)
        }
        value = words[index]
        index += 1
      }
      if given[option.name] != nil && !option.isRepeatable {
        throw .duplicated(option: option.name)
      }
      given[option.name, default: []].append(value ?? "")
    }
    return (given, loose)
  }

  /// Whether a word names an option: it begins with a dash and is neither a number nor `-`, which
  /// stands for standard input.
  private static func isOption(_ word: String) -> Bool {
    word.hasPrefix("--") || (word.hasPrefix("-") && word.count > 1 && Double(word) == nil)
  }

  private func description(_ name: String) throws(Problem) -> OptionDescription {
    let descriptions = options.map(\.description)
    if let match = descriptions.first(where: { $0.name == name }) { return match }
    // A list with one value may be given in the singular: --activation relu.
    if let list = descriptions.first(where: { $0.name == name + "s" && $0.isList }) { return list }
    let names = descriptions.map(\.name) + ["--help"]
    // Many write initials for two words: --lr.
    let initials = names.first { option in
      let words = option.drop { $0 == "-" }.split(separator: "-")
      return words.count > 1 && name.drop { $0 == "-" } == String(words.compactMap(\.first))
    }
    // More or fewer words than in the actual name: --batch-size, --hidden-layers.
    let part = names.filter { $0.count > 3 && (name.hasPrefix($0) || $0.hasPrefix(name + "-")) }
      .max { $0.count < $1.count }
    throw .unknownOption(
      name, nearest: initials ?? EditDistance.nearest(to: name, among: names) ?? part)
  }
}

/// The values that a command line gives to a command.
public struct ParsedOptions: Sendable {
  private var values: [String: any Sendable] = [:]
  private var given: Set<String> = []
  /// What was declared, each with the texts given for it.
  private var sources: [(declaration: any OptionDeclaration, texts: [String])] = []
  /// What was read: the texts of each option, and those of the arguments.
  fileprivate let texts: (options: [String: [String]], arguments: [String])

  init(_ command: Command, given: [String: [String]], loose: [String]) throws(Problem) {
    texts = (given, loose)
    var rest = loose[...]
    for argument in command.arguments {
      let description = argument.description
      let count = description.isRepeatable ? rest.count : min(1, rest.count)
      if count > 0 { self.given.insert(description.name) }
      values[description.name] = try argument.parsed(Array(rest.prefix(count)))
      sources.append((argument, Array(rest.prefix(count))))
      rest = rest.dropFirst(count)
    }
    if let first = rest.first { throw .unexpectedArgument(first) }
    for option in command.options {
      let name = option.description.name
      values[name] = try option.parsed(given[name] ?? [])
      sources.append((option, given[name] ?? []))
    }
    self.given.formUnion(given.keys)
  }

  /// The value of an option: the given one, or else its default.
  ///
  /// - Precondition: the command declares the option.
  public subscript<Value: Sendable>(option: Option<Value>) -> Value {
    value(option.description.name)
  }

  /// The value of an argument.
  ///
  /// - Precondition: the command declares the argument.
  public subscript<Value: Sendable>(argument: Argument<Value>) -> Value {
    value(argument.description.name)
  }

  /// Whether an option was given on the command line.
  public func isGiven<Value: Sendable>(_ option: Option<Value>) -> Bool {
    given.contains(option.description.name)
  }

  /// The words that reproduce some of the options, as far as they were given.
  public func words(of options: [any OptionDeclaration]) -> [String] {
    let names = Set(options.map(\.description.name))
    return sources.filter { names.contains($0.declaration.description.name) }.flatMap { source in
      let description = source.declaration.description
      return source.texts.map {
        description.placeholder.isEmpty ? description.name : "\(description.name)=\($0)"
      }
    }
  }

  /// The files referred to by the values of all options and arguments.
  public var files: [FileUse] { sources.flatMap { $0.declaration.files($0.texts) } }

  /// Throws if an output of the command cannot be written, or is also an input or another output. ``Program`` checks this
  /// before a command begins; a command that decides on further files checks it again.
  ///
  /// - Parameter others: Files not given by any option, such as those of a default folder.
  /// - Throws: ``Problem``.
  public func checkFiles(adding others: [FileUse] = []) throws {
    let named = sources.flatMap { source in
      source.declaration.files(source.texts).map { use in
        (option: String?.some(source.declaration.description.name), use: use)
      }
    }
    try FileUses(named + others.map { (option: nil, use: $0) }).check()
  }

  private func value<Value: Sendable>(_ name: String) -> Value {
    guard let parsed = values[name] as? Parsed<Value> else {
      fatalError("the command does not declare \(name) with a value of type \(Value.self)")
    }
    return parsed.value
  }
}
