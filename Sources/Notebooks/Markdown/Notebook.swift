import Console
import Findings
import Foundation

/// A Markdown file whose blocks of code can be run.
///
/// Blocks fenced as `sh`, `python` or `swift` are run in order. The block fenced as `output` or `text` that comes next, with
/// only blank lines between, is what such a block printed. Everything else is prose. The words after a language are
/// ``BlockOptions``; if a page is shown by a program that interprets such words itself, as DocC does, they go in a comment on the
/// line before the block: `<!-- block: tolerance=1e-6 -->`.
public struct Notebook: Sendable {
  /// A language whose blocks are run.
  public enum Language: String, Sendable, Hashable, CaseIterable {
    case shell = "sh"
    case python, swift
  }

  /// A block that is run.
  public struct Block: Sendable, Hashable {
    public let language: Language
    public let options: BlockOptions
    /// The line of its fence, from 1.
    public let line: Int
    /// Its content, without a trailing newline.
    public let source: String
    /// The line of its closing fence, from 1.
    let lastLine: Int
    /// What it printed when the notebook was written; `nil` if the notebook says nothing.
    public fileprivate(set) var output: Output?
  }

  /// What a block printed.
  public struct Output: Sendable, Hashable {
    /// The word after its fence: `output` or `text`.
    let fence: String
    /// The line of its fence, from 1; what was printed begins on the next.
    public let line: Int
    public let text: String
    /// The line of its closing fence, from 1.
    let lastLine: Int
  }

  /// A link to a picture next to the notebook.
  public struct Link: Sendable, Hashable {
    public let line: Int
    /// The path of the picture from the folder of the notebook.
    public let target: String
  }

  /// The path of its file.
  public let path: String
  let lines: [String]
  public private(set) var blocks: [Block] = []
  public private(set) var links: [Link] = []
  /// What its outputs were made from, according to its last line; `nil` if that does not say.
  public let stamp: Stamp?

  /// The name of its file without the ending: the name of its figures' folder.
  public var name: String { String(path.split(separator: "/").last?.dropLast(3) ?? "") }
  /// The folder of its file.
  var folder: String { FilePaths.folder(of: path) }

  /// Reads the file.
  ///
  /// - Throws: ``Problem`` with file and line.
  public init(contentsOf path: String) throws(Problem) {
    guard path.hasSuffix(".md"), let data = RegularFile.contents(path) else {
      let isThere = FilePaths.isFolder(path)
      throw Problem(
        subject: path,
        problem: isThere == nil
          ? "there is no such file" : isThere == true ? "it is a folder" : "it does not end in .md",
        remedy: "give a Markdown file, such as notebooks-md/01-depth.md")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw Problem(subject: path, problem: "it is not UTF-8 text", remedy: "save it as UTF-8")
    }
    try self.init(text, path: path)
  }

  /// Reads a text.
  ///
  /// - Parameter path: The file's path, for messages, and for the folder of its figures.
  public init(_ text: String, path: String) throws(Problem) {
    self.path = path
    lines = text.replacing("\r\n", with: "\n").split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    stamp = lines.last { !$0.allSatisfy(\.isWhitespace) }.flatMap(Stamp.init)
    // Whether only blank lines came since the last block that is run.
    var followsBlock = false
    // The options in a comment for the next block, and the line of the comment.
    var announced: (options: Substring, line: Int)?
    func refuse(_ announced: (options: Substring, line: Int)?) throws(Problem) {
      guard let announced else { return }
      throw Problem(
        subject: path, location: "line \(announced.line)",
        problem: "these are block options, but no runnable block follows",
        remedy:
          "put the comment on a line before a block of \(Language.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    var index = 0
    while index < lines.count {
      let line = lines[index]
      index += 1
      if line.allSatisfy(\.isWhitespace) { continue }
      guard let fence = Fence(line) else {
        followsBlock = false
        try refuse(announced)
        announced = line.wholeMatch(of: /\s*<!-- block: (.*) -->\s*/).map { ($0.1, index) }
        links += Self.links(of: line, number: index)
        continue
      }
      let start = index
      while index < lines.count, !fence.isClosed(by: lines[index]) { index += 1 }
      guard index < lines.count else {
        throw Problem(
          subject: path, location: "line \(start)", problem: "this block is not closed",
          remedy: "close it with a line of \(fence.marks)")
      }
      let content = lines[start..<index].joined(separator: "\n")
      index += 1
      if let language = Language(rawValue: fence.language) {
        let options: BlockOptions
        do throws(Problem) {
          options = try BlockOptions(fence.rest + (announced.map { " \($0.options)" } ?? ""))
        } catch {
          var told = error.inFile(path)
          told.location = "line \(start)"
          throw told
        }
        announced = nil
        blocks.append(
          Block(
            language: language, options: options, line: start, source: content, lastLine: index))
        followsBlock = true
        continue
      }
      try refuse(announced)
      if followsBlock, Fence.isOfOutput(line) {
        blocks[blocks.count - 1].output = Output(
          fence: fence.language, line: start, text: content, lastLine: index)
      }
      followsBlock = false
    }
    try refuse(announced)
  }

  /// The links of a line of prose to SVG pictures that are not on the web.
  private static func links(of line: String, number: Int) -> [Link] {
    line.matches(of: /\]\(([^)\s]+\.svg)\)/).map { Link(line: number, target: String($0.1)) }
      .filter { !$0.target.contains("://") }
  }

  /// The whole file with new outputs, each given for the index of a block, and with a new stamp as its last line.
  ///
  /// - Parameter outputs: `nil` for a block that prints nothing, whose output is removed; the output of a block that is not among
  ///   the keys is kept.
  func text(outputs: [Int: String?], stamp: String) -> String {
    var result: [String] = []
    // The lines up to this one, counted from 1, have been written.
    var written = 0
    for (index, block) in blocks.enumerated() {
      result += lines[written..<block.lastLine]
      written = block.lastLine
      guard let new = outputs[index] else { continue }
      // The blank lines between a block and its output go with the output.
      if let old = block.output { written = old.lastLine }
      let marks = Fence.marks(around: new ?? "")
      let head = ["", marks + (block.output?.fence ?? "output")]
      if let new {
        result += head + [new, marks]
      } else if lines[written...].first(where: { !$0.allSatisfy(\.isWhitespace) }).map(
        Fence.isOfOutput) == true
      {
        // Otherwise what follows would be taken for its output.
        result += head + [marks]
      }
    }
    result += lines[written...]
    while result.last?.allSatisfy(\.isWhitespace) == true || result.last.map(Stamp.isStamp) == true
    {
      result.removeLast()
    }
    return (result + ["", stamp, ""]).joined(separator: "\n")
  }
}

/// The line that opens a block.
private struct Fence {
  /// The backticks or tildes.
  let marks: String
  let language: String
  /// The text after the language.
  let rest: String

  init?(_ line: String) {
    let text = line.drop { $0 == " " }
    guard line.count - text.count <= 3, let mark = text.first, mark == "`" || mark == "~" else {
      return nil
    }
    marks = String(text.prefix { $0 == mark })
    let info = text.dropFirst(marks.count).drop { $0 == " " }
    guard marks.count >= 3, mark == "~" || !info.contains("`") else { return nil }
    language = String(info.prefix { !$0.isWhitespace })
    rest = String(info.dropFirst(language.count))
  }

  func isClosed(by line: String) -> Bool {
    let text = line.drop { $0 == " " }
    let count = text.prefix { $0 == marks.first }.count
    return count >= marks.count && text.dropFirst(count).allSatisfy(\.isWhitespace)
  }

  /// Whether a line opens the output of the preceding block.
  static func isOfOutput(_ line: String) -> Bool {
    Fence(line).map { ["output", "text"].contains($0.language) } ?? false
  }

  /// Backticks that no line of a text closes.
  static func marks(around text: String) -> String {
    let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
    let longest = lines.map { $0.prefix { $0 == "`" }.count }.max() ?? 0
    return String(repeating: "`", count: max(3, longest + 1))
  }
}
