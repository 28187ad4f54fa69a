import Console

/// The cases of one tool as a command that prints its scores.
protocol CaseSuite: Sendable {
  static var command: Command { get }

  /// Prints the scores; the answer is "no" where a verdict is wrong.
  static func run(_ options: ParsedOptions) throws -> ExitStatus
}
