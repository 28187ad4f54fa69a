import Foundation
import TestSupport
import Testing

@Suite("Settings that texts of the libraries name")
struct SettingTests {
  /// The names of the members of `Setting`, which Swift does not list.
  private func members() throws -> [String] {
    let source = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Findings/Setting.swift")
    return try String(contentsOf: source, encoding: .utf8)
      .matches(of: /public static let \w+: Setting = "([^"]+)"/).map { String($0.1) }
  }

  /// The options that a command's help lists.
  private func options(_ program: String, _ command: String) throws -> Set<String> {
    let folder = try TemporaryFolder()
    let words = command.split(separator: " ").map(String.init) + ["--help"]
    let outcome = try CommandProcess.start(
      program: CommandProcess.executable(named: program), words, in: folder.path
    ).outcome()
    #expect(outcome.status == 0)
    return Set(
      outcome.output.split(separator: "\n")
        .compactMap { $0.wholeMatch(of: #/ +(--[a-z0-9-]+).*/#).map { String($0.1) } })
  }

  @Test("are options of a command")
  func areOptions() throws {
    let members = try members()
    #expect(members.count > 40)
    var taken: Set<String> = []
    for command in ["train", "audit", "data inspect", "data fetch"] {
      taken.formUnion(try options("plumb", command))
    }
    for command in ["depth", "resume", "verify", "fluctuations"] {
      taken.formUnion(try options("research", command))
    }
    #expect(members.filter { !taken.contains("--\($0)") } == [])
  }
}
