import Console

// How well the tools themselves do, on cases of which the right answer is known.

/// A line for each suite.
let suites: [any CaseSuite.Type] = [
  AuditSuite.self,
  DiagnosisSuite.self,
]

let program = Program(
  "cases", summary: "scores of the tools on cases with known answers",
  commands: suites.map { $0.command })
let words = Array(CommandLine.arguments.dropFirst())
do {
  switch try program.request(words, helpWidth: Terminal.columns) {
  case .print(let text):
    print(text, terminator: "")
    ExitStatus.done.exit()
  case .run(let command, let options):
    guard let suite = suites.first(where: { $0.command.name == command.name }) else {
      fatalError("the command \(command.name) is in no list")
    }
    try suite.run(options).exit()
  }
} catch {
  ErrorReport.fail(error, program: program.name(for: words))
}
