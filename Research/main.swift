import Console
import Foundation

// The studies of this folder as commands. Each study's file holds its claim; this one only reads the
// command line.

let program = Program(
  "research", summary: "studies of depth: training error, signals and gradients of deep networks",
  commands: [ListCommand.command, DepthCommand.command, AllCommand.command]
    + StudyCommand.studies.map(StudyCommand.command))

let words = Array(CommandLine.arguments.dropFirst())
Interrupts.install()
do {
  switch try program.request(words, helpWidth: Terminal.columns) {
  case .print(let text):
    print(text, terminator: "")
    ExitStatus.done.exit()
  case .run(let command, let options):
    try InstructionSetRequest.check()
    let status =
      switch command.name {
      case ListCommand.command.name: ListCommand.run()
      case DepthCommand.command.name: try DepthCommand.run(options)
      case AllCommand.command.name: try AllCommand.run(options)
      default: try StudyCommand.run(command.name, options)
      }
    status.exit()
  }
} catch {
  ErrorReport.fail(error, program: program.name(for: words))
}
