import Foundation

/// A Markdown file whose shell blocks can be run: each is fenced as `sh`, and the block fenced as `text` that
/// comes next, with only blank lines between, is what it printed.
///
/// A comment in the last line before a shell block, such as `<!-- test: --steps 20 --depths 2,4 -->`, gives
/// options for the test: they replace or extend those of the block's `research` command.
struct Notebook {
  /// A shell block.
  struct Block {
    /// The line of its fence, from 1.
    let line: Int
    /// What stands in it, with the test's options.
    let script: String
    /// What it printed when the notebook was written, where the notebook says.
    var printed: String?

    /// Whether it trains on the MNIST files: it asks for them, or says that it found them.
    var needsDigits: Bool {
      script.contains("--data mnist") || printed?.contains("data: Digits: ") ?? false
    }
  }

  /// What is wrong with a notebook.
  struct Malformed: Error, Equatable, CustomStringConvertible {
    let line: Int
    let problem: String
    var description: String { "line \(line): \(problem)" }
  }

  /// How a notebook calls the program.
  static let command = "swift run -c release research"

  private(set) var blocks: [Block] = []

  /// Reads a notebook.
  init(_ text: String) throws(Malformed) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var options: (line: Int, words: [String])?
    // Whether nothing but blank lines came since the last shell block.
    var followsShell = false
    var place = 0
    while place < lines.count {
      let line = lines[place]
      place += 1
      if line.allSatisfy(\.isWhitespace) { continue }
      if line.hasPrefix("```") {
        let (start, kind) = (place, line.dropFirst(3))
        while place < lines.count, lines[place] != "```" { place += 1 }
        guard place < lines.count else { throw Malformed(line: start, problem: "a fence is open") }
        let content = lines[start..<place].joined(separator: "\n")
        place += 1
        if kind == "sh" {
          let script = Self.script(content, options: options?.words ?? [])
          blocks.append(Block(line: start, script: script))
          (options, followsShell) = (nil, true)
          continue
        }
        if kind == "text", followsShell { blocks[blocks.count - 1].printed = content }
      }
      if let options {
        throw Malformed(line: options.line, problem: "a test comment stands before no shell block")
      }
      followsShell = false
      if let match = line.wholeMatch(of: /<!-- test: (.*) -->/) {
        options = (place, match.1.split(separator: " ").map(String.init))
      }
    }
    if let options {
      throw Malformed(line: options.line, problem: "a test comment stands before no shell block")
    }
  }

  /// A block's lines, long ones in one, and the options in the first that calls the program.
  private static func script(_ content: String, options: [String]) -> String {
    var lines = content.replacing("\\\n", with: " ").split(separator: "\n").map(String.init)
    if let place = lines.firstIndex(where: { $0.hasPrefix(command) }), !options.isEmpty {
      lines[place] = setting(options, in: lines[place])
    }
    return lines.joined(separator: "\n")
  }

  /// A command line with these options, each in place of the one of its name.
  private static func setting(_ options: [String], in line: String) -> String {
    var words = line.split(separator: " ").map(String.init)
    for name in options where name.hasPrefix("--") {
      while let place = words.firstIndex(where: { $0 == name || $0.hasPrefix("\(name)=") }) {
        let hasValue =
          words[place] == name && !(words.dropFirst(place + 1).first ?? "-").hasPrefix("-")
        words.removeSubrange(place...(hasValue ? place + 1 : place))
      }
    }
    return (words + options).joined(separator: " ")
  }
}
