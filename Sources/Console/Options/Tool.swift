/// A command and the function that carries it out.
public struct Tool: Sendable {
  /// What it accepts, and what its help says.
  public let command: Command
  /// Carries out a request.
  public let run: @Sendable (ParsedOptions) throws -> ExitStatus

  /// A command that `run` carries out.
  public init(_ command: Command, run: @escaping @Sendable (ParsedOptions) throws -> ExitStatus) {
    self.command = command
    self.run = run
  }
}

extension Program {
  /// A whole program: reads the command line of this process, carries out the command, reports an error with a
  /// remedy, and ends with an ``ExitStatus``.
  ///
  /// - Parameters:
  ///   - tools: Its commands, in the order of the help.
  ///   - topics: The additional topics of its help.
  ///   - version: What `--version` prints after the name.
  ///   - check: Checks what every command depends on, such as the environment, before one begins.
  public static func main(
    _ name: String, summary: String, tools: [Tool], topics: [HelpTopic] = [],
    version: (@Sendable () -> String)? = nil, check: () throws -> Void = {}
  ) -> Never {
    StandardStreams.openClosed()
    Interrupts.install()
    let tools = tools + [Completion.tool(of: name, completing: tools, topics)]
    let program = Program(
      name, summary: summary, commands: tools.map(\.command), topics: topics,
      version: version)
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      switch try program.request(words, helpWidth: Terminal.columns) {
      case .print(let text):
        print(text, terminator: "")
        ExitStatus.done.exit()
      case .run(let command, let options):
        try check()
        guard let tool = tools.first(where: { $0.command.name == command.name }) else {
          fatalError("the command \(command.name) is in no list")
        }
        try options.checkFiles()
        try tool.run(options).exit()
      }
    } catch {
      ErrorReport.fail(error, program: program.name(for: words))
    }
  }
}
