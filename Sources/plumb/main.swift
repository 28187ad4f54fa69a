import Console
import Foundation

// Tools for one's own networks and gradients, as commands. This file reads the command line.

let tools: [(command: Command, run: (ParsedOptions) throws -> ExitStatus)] = [
  (TrainCommand.command, TrainCommand.run),
  (DiagnoseCommand.command, DiagnoseCommand.run),
  (AuditCommand.command, AuditCommand.run),
  (CheckCommand.command, CheckCommand.run),
  (DataInspectCommand.command, DataInspectCommand.run),
  (DataSplitCommand.command, DataSplitCommand.run),
  (DataFetchCommand.command, DataFetchCommand.run),
  (BenchCommand.command, BenchCommand.run),
]
let program = Program(
  "plumb", summary: "tools for your own networks and gradients", commands: tools.map(\.command))

let words = Array(CommandLine.arguments.dropFirst())
Interrupts.install()
do {
  switch try program.request(words, helpWidth: Terminal.columns) {
  case .print(let text):
    print(text, terminator: "")
    ExitStatus.done.exit()
  case .run(let command, let options):
    guard let tool = tools.first(where: { $0.command.name == command.name }) else {
      fatalError("the command \(command.name) is in no list")
    }
    try tool.run(options).exit()
  }
} catch {
  ErrorReport.fail(error, program: program.name(for: words))
}
