import Findings

/// A program: its commands, its help, and the choice among them.
public struct Program: Sendable {
  /// The name by which it is invoked.
  public let name: String
  /// Its purpose, in one line.
  public let summary: String
  /// Its commands, in the order of the help.
  public let commands: [Command]
  /// The additional topics of its help.
  public let topics: [HelpTopic]
  /// What `--version` prints after the name; `nil` for none.
  let version: (@Sendable () -> String)?

  /// Declares a program.
  ///
  /// - Precondition: the names of the commands are unique.
  public init(
    _ name: String, summary: String, commands: [Command], topics: [HelpTopic] = [],
    version: (@Sendable () -> String)? = nil
  ) {
    guard Set(commands.map(\.name)).count == commands.count else {
      fatalError("the program \(name) declares a command twice: \(commands.map(\.name))")
    }
    self.name = name
    self.summary = summary
    self.commands = commands
    self.topics = topics
    self.version = version
  }

  /// The name for the messages about a command line: that of the program, and of the command if
  /// the line begins with one.
  public func name(for words: [String]) -> String {
    guard let command = command(words.prefix { !$0.hasPrefix("-") }) else { return name }
    return command.name.isEmpty ? name : "\(name) \(command.name)"
  }

  /// The command that the words begin with; the longest match.
  private func command(_ words: ArraySlice<String>) -> Command? {
    commands.filter { words.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
  }

  /// What a command line requests.
  public enum Request: Sendable {
    /// Print this on standard output and exit with 0.
    case print(String)
    /// Run the command with these values.
    case run(Command, ParsedOptions)
  }

  /// Reads a whole command line, without the program's own name.
  ///
  /// The command is the one whose words the line begins with; the longest match wins, so "data" and
  /// "data split" can both be commands. `--help` or `-h` anywhere before `--` requests help: for the command, of all commands that
  /// begin with the word given, or of the program.
  /// - Parameter helpWidth: columns of the help, clamped between 80 and 100.
  /// - Throws: ``Problem`` if the line cannot be used.
  public func request(_ words: [String], helpWidth: Int = 80) throws(Problem) -> Request {
    let wantsHelp = words.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
    if words == ["--version"], let version { return .print("\(name) \(version())\n") }
    let help = HelpText(program: self, width: helpWidth)
    let leading = words.prefix { !$0.hasPrefix("-") }
    guard let command = command(leading) else {
      let asksForHelp = leading.isEmpty || Array(leading) == ["help"]
      if wantsHelp && leading.isEmpty || asksForHelp && words.count <= 1 && !hasOption(words) {
        return .print(help.overview())
      }
      if leading.first == "help", leading.count > 1, leading.count == words.count {
        return .print(try explanation(of: Array(leading.dropFirst()), help))
      }
      if leading.isEmpty {
        throw .unknownOption(
          words[0],
          nearest: EditDistance.nearest(
            to: words[0], among: ["--help"] + (version == nil ? [] : ["--version"])))
      }
      if wantsHelp, leading.count == 1, let group = group(leading[0]) {
        return .print(help.overview(of: group))
      }
      throw unknownCommand(Array(leading))
    }
    if wantsHelp { return .print(help.text(for: command)) }
    return .run(command, try command.parse(Array(words.dropFirst(command.words.count))))
  }

  /// What `help` says about the words after it: a command, commands that begin with them, or a topic.
  private func explanation(of words: [String], _ help: HelpText) throws(Problem) -> String {
    if let command = command(words[...]), command.words.count == words.count {
      return help.text(for: command)
    }
    if words.count == 1, let topic = topics.first(where: { $0.name == words[0] }) {
      return help.text(for: topic)
    }
    if words.count == 1, let group = group(words[0]) {
      return help.overview(of: group)
    }
    let name = words.joined(separator: " ")
    let known = commands.map(\.name) + topics.map(\.name)
    throw Problem(
      problem: "there is no help topic \"\(name)\"",
      remedy: EditDistance.nearest(to: name, among: known).map { "did you mean help \($0)?" }
        ?? "give one of \(known.joined(separator: ", "))")
  }

  private func hasOption(_ words: [String]) -> Bool {
    words.contains { $0.hasPrefix("-") && $0 != "--help" && $0 != "-h" }
  }

  /// The commands of two words that begin with this one; nil if there are none.
  private func group(_ word: String) -> [Command]? {
    let group = commands.filter { $0.words.count > 1 && $0.words[0] == word }
    return group.isEmpty ? nil : group
  }

  /// The error for words that do not begin any command; the intended command may have one word or two.
  private func unknownCommand(_ words: [String]) -> Problem {
    let names = commands.map(\.name)
    // For "data" alone, when there are only "data split" and others, name the group.
    let group = group(words[0])?.map(\.name) ?? []
    let count = group.isEmpty ? 1 : 2
    let name = words.prefix(count).joined(separator: " ")
    let nearest =
      EditDistance.nearest(to: name, among: names)
      ?? (group.isEmpty ? nil : group.joined(separator: " or "))
    return .unknownCommand(name, nearest: nearest)
  }
}

extension Command {
  /// The words of its name.
  var words: [String] { name.split(separator: " ").map(String.init) }
}
