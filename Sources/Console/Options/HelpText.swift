/// The help of a program and of its commands: aligned, and wrapped between 80 and 100 columns.
public struct HelpText: Sendable {
  private let program: Program
  private let width: Int

  /// Creates the help of a program for a terminal of this many columns.
  public init(program: Program, width: Int = 80) {
    self.program = program
    self.width = min(max(width, 80), 100)
  }

  /// The help of the whole program: its commands and its exit statuses.
  public func overview() -> String {
    var text = wrapped("\(program.name): \(program.summary)")
    text += "\nUsage: \(program.name) COMMAND [options]\n\nCommands:\n"
    text += columns(program.commands.map { ($0.name, $0.summary) })
    if !program.topics.isEmpty {
      text += "\nTopics (\(program.name) help TOPIC):\n"
      text += columns(program.topics.map { ($0.name, $0.summary) })
    }
    text += "\nOptions:\n"
    text += columns(
      [("--help", "this help or, after a command, that command's help")]
        + (program.version == nil ? [] : [("--version", "the version")]))
    return text + "\n" + exitStatuses()
  }

  /// The help of some of the commands.
  func overview(of commands: [Command]) -> String {
    HelpText(
      program: Program(program.name, summary: program.summary, commands: commands), width: width
    ).overview()
  }

  /// The help of one command.
  public func text(for command: Command) -> String {
    let name = command.name.isEmpty ? program.name : "\(program.name) \(command.name)"
    var text = wrapped("\(name): \(command.summary)")
    text += "\n" + usage(command, name)
    for paragraph in command.discussion.split(separator: "\n\n") {
      text += "\n" + wrapped(String(paragraph).replacing("\n", with: " "))
    }
    if !command.arguments.isEmpty {
      text +=
        "\nArguments:\n" + columns(command.arguments.map { ($0.description.name, explain($0)) })
    }
    let options = command.options.map { option in
      let description = option.description
      return (joined(description.name, description.placeholder), explain(option))
    }
    text += "\nOptions:\n" + columns(options + [("--help", "this help")])
    text += "\n" + exitStatuses()
    if !command.examples.isEmpty {
      text += "\nExamples:\n"
      for example in command.examples {
        text += wrapped(example.meaning + ":", indent: 2)
        text += "    " + example.line + "\n"
      }
    }
    return text
  }

  /// The text of a topic.
  public func text(for topic: HelpTopic) -> String {
    let parts = topic.parts().map { part in
      switch part {
      case .paragraph(let text): wrapped(text)
      case .list(let title, let rows): wrapped("\(title):") + columns(rows)
      case .lines(let text):
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
      }
    }
    return ([wrapped("\(program.name) help \(topic.name): \(topic.summary)")] + parts)
      .joined(separator: "\n")
  }

  private func usage(_ command: Command, _ name: String) -> String {
    var parts: [String] = []
    for option in command.options.map(\.description) where option.isRequired {
      parts.append(joined(option.name, option.placeholder))
    }
    for option in command.options.map(\.description) where !option.isRequired {
      parts.append(
        "[\(joined(option.name, option.placeholder))]" + (option.isRepeatable ? "..." : ""))
    }
    for argument in command.arguments.map(\.description) {
      let dots = argument.isRepeatable ? "..." : ""
      parts.append((argument.isRequired ? argument.name : "[\(argument.name)]") + dots)
    }
    return fill(parts, first: "Usage: \(name) ", indent: 7)
  }

  private func exitStatuses() -> String {
    "Exit status:\n" + columns(ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning) })
  }

  private func explain(_ option: any OptionDeclaration) -> String {
    let description = option.description
    var text = description.help
    if description.isRequired && !description.placeholder.isEmpty { text += " (required)" }
    if description.isRepeatable && !description.placeholder.isEmpty {
      text += " (may be repeated)"
    }
    if let value = description.defaultText { text += " (default: \(value))" }
    return text
  }

  private func joined(_ name: String, _ placeholder: String) -> String {
    placeholder.isEmpty ? name : "\(name) \(placeholder)"
  }

  // MARK: Lines

  private func wrapped(_ text: String, indent: Int = 0) -> String {
    let blank = String(repeating: " ", count: indent)
    return fill(text.split(separator: " ").map(String.init), first: blank, indent: indent)
  }

  /// Names in a first column and explanations next to them, or below a name that is too long.
  private func columns(_ rows: [(name: String, text: String)]) -> String {
    let widest = rows.map { DisplayWidth.of($0.name) }.filter { $0 <= 26 }.max() ?? 26
    let indent = widest + 4
    return rows.map { row in
      let space = indent - 2 - DisplayWidth.of(row.name)
      let isLong = space < 2
      let lead = "  " + row.name
      let blank = String(repeating: " ", count: indent)
      let words = row.text.split(separator: " ").map(String.init)
      if words.isEmpty { return lead + "\n" }
      if isLong { return lead + "\n" + fill(words, first: blank, indent: indent) }
      return fill(words, first: lead + String(repeating: " ", count: space), indent: indent)
    }.joined()
  }

  /// Words in lines of at most `width` columns.
  private func fill(_ words: [String], first: String, indent: Int) -> String {
    var text = ""
    var line = first
    var isEmpty = true
    for word in words {
      if !isEmpty && DisplayWidth.of(line) + 1 + DisplayWidth.of(word) > width {
        text += line + "\n"
        line = String(repeating: " ", count: indent)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return text + line + "\n"
  }
}
