import Foundation
import TestSupport

/// The `research` command as its users see it.
enum ResearchProcess {
  static func executable() throws -> URL { try CommandProcess.executable(named: "research") }

  /// Starts `research` with these words in `folder`.
  static func start(
    _ words: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> CommandProcess {
    try CommandProcess.start(
      program: executable(), words, in: folder.path, environment: environment)
  }

  /// Runs `research` to its end.
  static func run(
    _ words: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> CommandProcess.Outcome {
    try start(words, in: folder, environment: environment).outcome()
  }
}
