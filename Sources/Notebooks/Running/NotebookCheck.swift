import Console
import Foundation

/// The parts of a notebook that disagree with what its blocks print now.
public struct NotebookCheck: Sendable {
  /// A disagreement, at a line of the file.
  public struct Drift: Sendable, Hashable, CustomStringConvertible {
    public let path: String
    public let line: Int
    public let problem: String
    /// The details, line by line.
    public let details: [String]

    /// `path:line: problem`, and the details below it.
    public var description: String {
      (["\(path):\(line): \(problem)"] + details.map { "  \($0)" }).joined(separator: "\n")
    }
  }

  /// The disagreements, in the order of the file.
  public let drifts: [Drift]
  /// The number of outputs and figures that agree.
  public let outputs: Int, figures: Int

  /// What agrees, in words.
  public var summary: String {
    func count(_ number: Int, _ what: String) -> String {
      "\(number) \(what)\(number == 1 ? "" : "s")"
    }
    return figures == 0
      ? "\(count(outputs, "output")) \(outputs == 1 ? "agrees" : "agree")"
      : "\(count(outputs, "output")) and \(count(figures, "figure")) agree"
  }

  /// The lines of a comparison that are shown.
  private static let shown = 20

  /// Compares a run with its notebook.
  public init(_ run: NotebookRun) {
    let notebook = run.notebook
    var drifts: [Drift] = []
    var (outputs, figures) = (0, 0)
    func note(_ line: Int, _ problem: String, _ details: [String] = []) {
      drifts.append(Drift(path: notebook.path, line: line, problem: problem, details: details))
    }
    for result in run.results {
      let block = notebook.blocks[result.index]
      guard case .printed(let new) = result.outcome else { continue }
      let isShort = run.isQuick && block.options.quick != nil
      let details =
        isShort
        ? PrintedWording.differences(printed: block.output?.text ?? "", now: new)
        : Self.details(old: block.output, new: new, block)
      if details.isEmpty {
        if block.output != nil { outputs += 1 }
      } else {
        note(block.line, "this block now prints something different", details)
      }
      guard !isShort else { continue }
      for (path, data) in result.figures.sorted(by: { $0.key < $1.key }) {
        let file = FilePaths.joined(notebook.folder, path)
        guard let old = RegularFile.contents(file) else {
          note(block.line, "the figure \(path) made by this block does not exist")
          continue
        }
        let comparison = OutputComparison(
          old: String(decoding: old, as: UTF8.self), new: String(decoding: data, as: UTF8.self),
          options: block.options)
        if comparison.differences.isEmpty {
          figures += 1
        } else {
          note(
            block.line, "the figure \(path) has changed",
            Self.lines(comparison, first: 1).map { String($0.prefix(160)) })
        }
      }
    }
    drifts += Self.links(of: notebook)
    self.drifts = drifts.sorted { $0.line < $1.line }
    (self.outputs, self.figures) = (outputs, figures)
  }

  /// What is wrong with a notebook's figures without running it.
  public static func links(of notebook: Notebook) -> [Drift] {
    var drifts: [Drift] = []
    let made = notebook.figures
    for (path, index) in made where !notebook.links.contains(where: { $0.target == path }) {
      drifts.append(
        Drift(
          path: notebook.path, line: notebook.blocks[index].line,
          problem: "the figure \(path) made by this block is not shown",
          details: ["add below it: ![what it shows](\(path))"]))
    }
    for link in notebook.links {
      if RegularFile.size(FilePaths.joined(notebook.folder, link.target)) == nil {
        drifts.append(
          Drift(
            path: notebook.path, line: link.line, problem: "there is no image \(link.target)",
            details: []))
      } else if link.target.hasPrefix(notebook.name + "/"),
        !made.contains(where: { $0.path == link.target })
      {
        drifts.append(
          Drift(
            path: notebook.path, line: link.line, problem: "no block makes \(link.target)",
            details: ["write figure=PATH after the language of the block that writes it"]))
      }
    }
    return drifts
  }

  private static func details(
    old: Notebook.Output?, new: String, _ block: Notebook.Block
  ) -> [String] {
    lines(
      OutputComparison(old: old?.text ?? "", new: new, options: block.options),
      first: old.map { $0.line + 1 } ?? block.lastLine + 1)
  }

  /// The differences with the numbers of the lines of the old text.
  private static func lines(_ comparison: OutputComparison, first: Int) -> [String] {
    let lines = comparison.differences.flatMap { difference -> [String] in
      let number = String(first + difference.index)
      let blank = String(repeating: " ", count: number.count)
      return [
        difference.old.map { "\(number) - \($0)" },
        difference.new.map { "\(difference.old == nil ? number : blank) + \($0)" },
        difference.reason.isEmpty ? nil : "\(blank)   (\(difference.reason))",
      ].compactMap(\.self)
    }
    guard lines.count > shown else { return lines }
    return lines.prefix(shown) + ["… and \(lines.count - shown) more lines"]
  }
}
