import Console
import Foundation

// Tools for one's own networks and gradients, as commands. This file reads the command line.

let program = Program(
  "plumb", summary: "tools for your own networks and gradients",
  commands: [
    TrainCommand.command, AuditCommand.command, CheckCommand.command, DataInspectCommand.command,
    DataSplitCommand.command, DataFetchCommand.command, BenchCommand.command,
  ])

Interrupts.install()
do {
  switch try program.request(Array(CommandLine.arguments.dropFirst()), helpWidth: Terminal.columns)
  {
  case .print(let text):
    print(text, terminator: "")
  case .run(let command, let options):
    switch command.name {
    case TrainCommand.command.name: try TrainCommand.run(options).exit()
    case AuditCommand.command.name: try AuditCommand.run(options).exit()
    case CheckCommand.command.name: try CheckCommand.run(options).exit()
    case DataInspectCommand.command.name: try DataInspectCommand.run(options).exit()
    case DataSplitCommand.command.name: try DataSplitCommand.run(options).exit()
    case DataFetchCommand.command.name: try DataFetchCommand.run(options).exit()
    default: try BenchCommand.run(options).exit()
    }
  }
} catch {
  ErrorReport.fail(error, program: "plumb")
}
