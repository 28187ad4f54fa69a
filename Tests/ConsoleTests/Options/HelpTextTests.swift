import Console
import Foundation
import Testing

@Suite struct HelpTextTests {
  private let command = Command(
    "depth", summary: "training error against depth, plain and residual",
    discussion: "Searches a learning rate per cell.\n\nThen reports fresh seeds.",
    arguments: [Argument(list: "FILE", ValueForm.input("a file"), help: "files to add")],
    options: [
      Option("depths", "LIST", .list(of: .integer()), default: [2, 4, 8], help: "depths to train"),
      Option(
        "learning-rates-of-the-search", "LIST", .list(of: .positive), default: [1e-4, 0.5],
        help: "an option whose name is longer than the column of names is wide"),
      Option("jobs", "N", .integer(), defaultText: "one per core", help: "runs at a time"),
      Option(required: "out", "DIR", .outputFolder([]), help: "folder for the results"),
      Option(repeated: "include", "NAME", .text, help: "one more arm"),
      Option(flag: "quick", help: "a smaller run of about a minute"),
    ],
    examples: [.init("research depth --quick --out results", "A first look")])

  private func lines(_ width: Int) -> [Substring] {
    let program = Program("research", summary: "studies", commands: [command])
    return HelpText(program: program, width: width).text(for: command).split(
      separator: "\n", omittingEmptySubsequences: false)
  }

  @Test(arguments: [20, 80, 100, 300]) func staysWithinTheWidth(_ width: Int) {
    let limit = min(max(width, 80), 100)
    for line in lines(width) { #expect(line.count <= limit, "\(line)") }
  }

  @Test func saysEverything() {
    let text = lines(80).joined(separator: "\n")
    for part in [
      "research depth: training error", "Usage: research depth --out DIR [--depths LIST]",
      "[--include NAME]...", "[FILE]...", "(default: 2,4,8)", "(default: 0.0001,0.5)",
      "(default: one per core)", "(required)", "(may be repeated)", "--quick", "--help",
      "A first look:", "    research depth --quick --out results", "Exit status:", "130",
      "Then reports fresh seeds.",
    ] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test func alignsExplanations() throws {
    let rows = lines(80)
    let quick = try #require(rows.first { $0.hasPrefix("  --quick") })
    let jobs = try #require(rows.first { $0.hasPrefix("  --jobs N") })
    let start = { (row: Substring, word: String) in
      row.range(of: word).map { row.distance(from: row.startIndex, to: $0.lowerBound) }
    }
    #expect(start(quick, "a smaller") != nil)
    #expect(start(quick, "a smaller") == start(jobs, "runs at"))
  }

  @Test func listsCommands() {
    let program = Program("research", summary: "studies", commands: [command], version: { "1" })
    let text = HelpText(program: program).overview()
    #expect(text.contains("depth"))
    #expect(text.contains("training error against depth"))
    #expect(text.contains("--version"))
  }
}
