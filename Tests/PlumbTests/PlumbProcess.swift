import Foundation
import TestSupport

/// The `plumb` command as its users see it.
enum PlumbProcess {
  /// Runs `plumb` with these words in `folder` to its end.
  static func run(
    _ words: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> CommandProcess.Outcome {
    try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"), words, in: folder.path,
      environment: environment
    ).outcome()
  }
}
