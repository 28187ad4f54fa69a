import Foundation

/// The examples at the end of a command's help.
package enum HelpExamples {
  /// The commands that a program's help lists.
  package static func commands(of program: String) throws -> [String] {
    let lines = try output(program, ["--help"]).split(
      separator: "\n", omittingEmptySubsequences: false)
    return lines.drop { $0 != "Commands:" }.dropFirst().prefix { !$0.isEmpty }
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .map { line in
        // A name ends before two blanks, or at the end of its line.
        let name = line.dropFirst(2)
        return String(name.range(of: "  ").map { name[..<$0.lowerBound] } ?? name)
      }
  }

  /// The last example of a command, as it is typed; `nil` where its help does not end with one.
  package static func last(of program: String, _ command: String) throws -> String? {
    let words = command.split(separator: " ").map(String.init)
    let lines = try output(program, words + ["--help"]).split(separator: "\n")
    guard let start = lines.firstIndex(of: "Examples:"), let last = lines.last,
      start < lines.count - 2, last.hasPrefix("    ")
    else { return nil }
    return last.trimmingCharacters(in: .whitespaces)
  }

  /// Types a line in a folder, with the programs of this build on the path.
  package static func type(_ line: String, in folder: String) throws -> CommandProcess.Outcome {
    let programs = try CommandProcess.executable(named: "plumb").deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try CommandProcess.start(
      program: URL(fileURLWithPath: "/bin/sh"), ["-c", line], in: folder,
      environment: ["PATH": "\(programs):\(path)"]
    ).outcome()
  }

  private static func output(_ program: String, _ words: [String]) throws -> String {
    try CommandProcess.start(
      program: CommandProcess.executable(named: program), words, in: NSTemporaryDirectory()
    ).outcome().output
  }
}
