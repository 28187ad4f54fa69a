import Console
import Findings
import Testing

@Suite struct ProgramTests {
  private let quick = Option(flag: "quick", help: "a smaller run")

  private var program: Program {
    Program(
      "plumb", summary: "tools",
      commands: [
        Command("train", summary: "train a network", options: [quick]),
        Command("data", summary: "tell what a file holds"),
        Command("notebook run", summary: "run notebooks"),
        Command("notebook check", summary: "check notebooks"),
      ], topics: [HelpTopic("files", summary: "formats") { [.list("Formats", [("CSV", "text")])] }],
      version: { "1.2" })
  }

  private func name(_ words: String...) throws(Problem) -> String {
    switch try program.request(words) {
    case .print(let text): "print " + text.prefix { !$0.isNewline }
    case .run(let command, _): command.name
    }
  }

  @Test func choosesTheCommand() throws {
    #expect(try name("train", "--quick") == "train")
    #expect(try name("notebook", "run") == "notebook run")
    #expect(try name("data") == "data")
  }

  @Test func printsHelpAndVersion() throws {
    #expect(try name() == "print plumb: tools")
    #expect(try name("--help") == "print plumb: tools")
    #expect(try name("-h") == "print plumb: tools")
    #expect(try name("help") == "print plumb: tools")
    #expect(try name("--version") == "print plumb 1.2")
    #expect(try name("train", "--help") == "print plumb train: train a network")
    #expect(try name("train", "--nonsense", "--help") == "print plumb train: train a network")
  }

  @Test func printsHelpOfAGroup() throws {
    for words in [["notebook", "--help"], ["notebook", "-h"]] {
      guard case .print(let text) = try program.request(words) else {
        Issue.record("\(words) prints nothing")
        continue
      }
      #expect(text.contains("notebook run ") && text.contains("check notebooks"))
      #expect(!text.contains("train a network"))
    }
    #expect(throws: Problem.self) { try name("notebook", "rnu", "--help") }
  }

  @Test func explainsCommandsAndTopics() throws {
    #expect(try name("help", "train") == "print plumb train: train a network")
    #expect(try name("help", "notebook", "run") == "print plumb notebook run: run notebooks")
    #expect(try name("help", "files") == "print plumb help files: formats")
    guard case .print(let text) = try program.request(["help", "files"]) else {
      Issue.record("prints nothing")
      return
    }
    #expect(text.hasSuffix("Formats:\n  CSV  text\n"))
    #expect(throws: Problem.self) { try name("help", "fils") }
    #expect(throws: Problem.self) { try name("help", "files", "--quick") }
  }

  @Test func namesUnknownCommands() {
    #expect(throws: Problem.unknownCommand("trian", nearest: "train")) { try name("trian") }
    #expect(throws: Problem.unknownCommand("zebra", nearest: nil)) { try name("zebra") }
    #expect(throws: Problem.unknownCommand("zebra", nearest: nil)) {
      try name("zebra", "--help")
    }
    #expect(throws: Problem.unknownCommand("notebook rnu", nearest: "notebook run")) {
      try name("notebook", "rnu")
    }
    #expect(
      throws: Problem.unknownCommand("notebook", nearest: "notebook run or notebook check")
    ) { try name("notebook") }
    #expect(throws: Problem.unknownOption("--hlep", nearest: "--help")) { try name("--hlep") }
  }

  @Test func namesTheCommandInMessages() {
    #expect(program.name(for: ["train", "--widht"]) == "plumb train")
    #expect(program.name(for: ["notebook", "run", "x.md"]) == "plumb notebook run")
    #expect(program.name(for: ["trian"]) == "plumb")
    #expect(program.name(for: []) == "plumb")
  }

  @Test func leavesHelpAfterTwoDashesToTheCommand() {
    #expect(throws: Problem.unexpectedArgument("--help")) { try name("train", "--", "--help") }
  }
}
