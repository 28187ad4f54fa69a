import Console

// How well the tools themselves do, on cases of which the right answer is known.

/// A line for each suite.
let suites: [any CaseSuite.Type] = [
  AuditSuite.self,
  DiagnosisSuite.self,
  SplitSuite.self,
]

Program.main(
  "cases", summary: "scores of the tools on cases with known answers",
  tools: suites.map { suite in Tool(suite.command) { try suite.run($0) } })
