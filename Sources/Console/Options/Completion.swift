import Findings

/// Shell completion for the command lines of a program: commands, options, and the names allowed as values.
public struct Completion: Sendable {
  /// A supported shell.
  public enum Shell: String, Sendable, CaseIterable {
    case bash, zsh, fish
  }

  private let program: String
  private let commands: [Command]
  private let topics: [String]

  /// The completion of a program.
  ///
  /// - Parameter topics: The names of its additional topics of help.
  public init(program: String, commands: [Command], topics: [String] = []) {
    self.program = program
    self.commands = commands
    self.topics = topics
  }

  /// The command `completion`.
  ///
  /// - Parameters:
  ///   - tools: The other commands of the program.
  ///   - topics: The additional topics of its help.
  static func tool(of program: String, completing tools: [Tool], _ topics: [HelpTopic]) -> Tool {
    let shell = Argument<Shell>(
      "SHELL", ValueForm<Shell>.choice, help: "bash, zsh or fish")
    var all = tools.map(\.command)
    let own = Command(
      "completion", summary: "prints a shell script that completes this program's command lines",
      discussion:
        "Run the line for your shell to enable completion in this session, or add it to ~/.bashrc or ~/.zshrc. "
        + "In fish (~/.config/fish/config.fish) it is: \(program) completion fish | source.",
      arguments: [shell],
      examples: [
        Command.Example("source <(\(program) completion zsh)", "in zsh"),
        Command.Example("eval \"$(\(program) completion bash)\"", "in bash"),
        Command.Example("\(program) completion bash", "the script for bash"),
      ])
    all.append(own)
    let completion = Completion(program: program, commands: all, topics: topics.map(\.name))
    return Tool(own) { options in
      print(completion.script(for: options[shell]))
      return .done
    }
  }

  /// The script that the shell reads.
  public func script(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    // Zsh understands the functions of bash.
    case .zsh:
      "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" + bash
    case .fish: fish
    }
  }

  // MARK: bash

  private var bash: String {
    let cases = commands.sorted { $0.words.count > $1.words.count }.map { command in
      let values = valued(command).map { option in
        "        \(option.name)) \(action(option)) ;;\n"
      }.joined()
      let words = command.options.map(\.description.name) + ["--help"]
      return """
            "\(command.name)"|"\(command.name) "*)
              words="\(words.joined(separator: " "))"
              case "$previous" in
        \(values)      esac
              case "$current" in
                -*) ;;
                *) \(action(ofArguments: command)) ;;
              esac ;;

        """
    }.joined()
    let groupCases = secondWords.map { word, seconds in
      "    \"\(word)\") words=\"\(seconds.joined(separator: " "))\" ;;\n"
    }.joined()
    let first = firstWords.joined(separator: " ")
    return """
      _\(identifier)() {
        local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" line="" words="" index
        for ((index = 1; index < COMP_CWORD; index++)); do line="$line${line:+ }${COMP_WORDS[index]}"; done
        COMPREPLY=()
        case "$line" in
          "") words="\(first)" ;;
      \(cases)\(groupCases)  esac
        COMPREPLY=($(compgen -W "$words" -- "$current"))
      }
      complete -o default -F _\(identifier) \(program)
      """
  }

  /// What bash does when the value of an option is typed.
  private func action(_ option: OptionDescription) -> String {
    if choices(option).isEmpty { return "COMPREPLY=($(compgen -f -- \"$current\")); return" }
    return
      "COMPREPLY=($(compgen -W \"\(choices(option).joined(separator: " "))\" -- \"$current\")); return"
  }

  /// What it does when an argument is typed.
  private func action(ofArguments command: Command) -> String {
    let names = command.arguments.map(\.description).flatMap(choices)
    if !names.isEmpty { return "words=\"$words \(names.joined(separator: " "))\"" }
    return command.arguments.isEmpty ? ":" : "COMPREPLY=($(compgen -f -- \"$current\")); return"
  }

  // MARK: fish

  private var fish: String {
    var lines = ["complete -c \(program) -e"]
    lines.append(
      "complete -c \(program) -n __fish_use_subcommand -f -a '\(firstWords.joined(separator: " "))'"
    )
    for (word, seconds) in secondWords {
      let second = seconds.joined(separator: " ")
      lines.append(
        "complete -c \(program) -n '__fish_seen_subcommand_from \(word); and not __fish_seen_subcommand_from \(second)' -f -a '\(second)'"
      )
    }
    for command in commands {
      let seen = command.words.map { "__fish_seen_subcommand_from \($0)" }.joined(
        separator: "; and ")
      let start = "complete -c \(program) -n '\(seen)'"
      for option in command.options.map(\.description) {
        var line = "\(start) -l \(option.name.dropFirst(2)) -d \(quoted(Self.short(option.help)))"
        if !choices(option).isEmpty {
          line += " -x -a '\(choices(option).joined(separator: " "))'"
        } else if !option.placeholder.isEmpty {
          line += " -r"
        }
        lines.append(line)
      }
      let names = command.arguments.map(\.description).flatMap(choices)
      if !names.isEmpty { lines.append("\(start) -f -a '\(names.joined(separator: " "))'") }
    }
    return lines.joined(separator: "\n")
  }

  /// The beginning of a help, as much as a list can show.
  private static func short(_ text: String) -> String {
    let first = text.split(whereSeparator: { ".;(".contains($0) }).first.map(String.init) ?? text
    return first.trimmingPrefix(while: { $0 == " " }).count > 60
      ? String(first.prefix(57)) + "..." : first
  }

  private func quoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }

  // MARK: Words

  /// The words that may come first.
  private var firstWords: [String] {
    var words: [String] = []
    for word in commands.map({ $0.words.first ?? "" }) + ["help"] where !words.contains(word) {
      words.append(word)
    }
    return words.filter { !$0.isEmpty } + ["--help", "--version"]
  }

  /// The words that may follow a first word, in the order of the first words, and those that help explains.
  private var secondWords: [(first: String, seconds: [String])] {
    Dictionary(grouping: commands.filter { $0.words.count > 1 }, by: { $0.words[0] })
      .mapValues { $0.map { $0.words[1] } }.sorted { $0.key < $1.key }
      .map { (first: $0.key, seconds: $0.value) }
      + [
        (first: "help", seconds: topics + firstWords.filter { $0 != "help" && !$0.hasPrefix("-") })
      ]
  }

  /// The names that a value may be, only those of one word; none for a file, whose names are extensions.
  private func choices(_ option: OptionDescription) -> [String] {
    option.namesFiles ? [] : option.names.filter { !$0.contains(" ") }
  }

  private func valued(_ command: Command) -> [OptionDescription] {
    command.options.map(\.description).filter { !$0.names.isEmpty || $0.namesFiles }
  }

  /// The program's name as the name of a shell function.
  private var identifier: String {
    program.replacing(/[^A-Za-z0-9]/, with: "_") + "_completion"
  }
}
