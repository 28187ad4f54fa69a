import Console
import Foundation
import TestSupport
import Testing

@Suite("Completion by a shell")
struct CompletionTests {
  private static let commands: [Command] = [
    Command(
      "train", summary: "trains",
      options: [
        Option<String?>(
          "loss", "NAME",
          ValueForm<String>(accepted: "a loss", names: ["mse", "cross-entropy", "mean error"]) {
            $0
          }, help: "what is minimized: it's a mean"),
        Option<String?>("out", "FILE", .output(endings: [".npz"]), help: "written"),
        Option<Bool>(flag: "quick", help: "a short form"),
      ]),
    Command(
      "data split", summary: "splits",
      arguments: [Argument<String>("FILE", .input("the data"), help: "read")],
      options: [Option<Int>("seed", "N", .integer(in: 0...9), default: 1, help: "the seed")]),
    Command("data inspect", summary: "looks"),
  ]

  /// What bash proposes for the last of some words.
  private func proposals(_ words: [String]) throws -> Set<Substring>? {
    let bash = URL(fileURLWithPath: "/bin/bash")
    guard FileManager.default.fileExists(atPath: bash.path) else { return nil }
    let folder = try TemporaryFolder()
    try folder.write("", as: "table.csv")
    let list = words.map { "'\($0)'" }.joined(separator: " ")
    let text = """
      \(Completion(program: "my-tool", commands: Self.commands).script(for: .bash))
      COMP_WORDS=(\(list))
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _my_tool_completion
      printf '%s\\n' "${COMPREPLY[@]}"

      """
    let outcome = try CommandProcess.start(program: bash, ["-c", text], in: folder.path).outcome()
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome)")
    return Set(outcome.output.split(separator: "\n"))
  }

  @Test(
    "proposes commands, options, names of values and files",
    arguments: [
      ([""], ["train", "data", "help", "--help", "--version"]),
      (["tr"], ["train"]),
      (["data", ""], ["split", "inspect"]),
      (["train", "--"], ["--loss", "--out", "--quick", "--help"]),
      (["train", "--loss", ""], ["mse", "cross-entropy"]),
      (["train", "--quick", "--loss", "c"], ["cross-entropy"]),
      (["train", "--out", "ta"], ["table.csv"]),
      (["data", "split", ""], ["table.csv"]),
      (["data", "split", "--s"], ["--seed"]),
      (["data", "inspect", "x"], []),
    ])
  func bash(words: [String], expected: [String]) throws {
    guard let found = try proposals(["my-tool"] + words) else { return }
    #expect(found == Set(expected.map { Substring($0) }), "\(words)")
  }

  @Test("tells fish of every command, option and name, in quotes that end")
  func fish() {
    let text = Completion(program: "my-tool", commands: Self.commands, topics: ["files"])
      .script(for: .fish)
    for part in [
      "-n '__fish_seen_subcommand_from help; and not __fish_seen_subcommand_from files train data' -f -a 'files train data'",
      "-f -a 'train data help --help --version'",
      "-l loss -d 'what is minimized: it\\'s a mean' -x -a 'mse cross-entropy'",
      "-l out -d 'written' -r", "-f -a 'split inspect'",
    ] { #expect(text.contains(part), "\(part)") }
    for line in text.split(separator: "\n") {
      #expect(line.replacing("\\'", with: "").count { $0 == "'" } % 2 == 0, "\(line)")
    }
  }

  @Test("is the same for zsh behind two lines that let it read bash's")
  func zsh() {
    let completion = Completion(program: "my-tool", commands: Self.commands)
    let zsh = completion.script(for: .zsh).split(separator: "\n", maxSplits: 2)
    #expect(zsh[1].contains("bashcompinit") && zsh[2] == completion.script(for: .bash))
  }
}
