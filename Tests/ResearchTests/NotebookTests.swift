import Foundation
import TestSupport
import Testing

/// A notebook of the package.
private struct NotebookFile: Sendable, CustomTestStringConvertible {
  let url: URL
  var testDescription: String { url.lastPathComponent }

  private static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let all: [NotebookFile] = {
    let folder = package.appendingPathComponent("notebooks-md")
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return (files ?? []).filter { $0.pathExtension == "md" }
      .sorted { $0.path < $1.path }.map(NotebookFile.init)
  }()

  /// Those with a block that trains on the MNIST files, and the others, malformed ones among them.
  static let onDigits = all.filter { (try? $0.needsDigits()) ?? false }
  static let others = all.filter { !((try? $0.needsDigits()) ?? false) }

  func notebook() throws -> Notebook {
    try Notebook(String(contentsOf: url, encoding: .utf8))
  }

  private func needsDigits() throws -> Bool { try notebook().blocks.contains(where: \.needsDigits) }

  /// The folder of the MNIST test pair, where this machine has it: `$PLUMB_DATA` or `../shared/data`.
  static let digits: String? = {
    let beside = package.appendingPathComponent("../shared/data").standardizedFileURL.path
    return [ProcessInfo.processInfo.environment["PLUMB_DATA"], beside].compactMap { $0 }.first {
      FileManager.default.fileExists(atPath: "\($0)/t10k-images-idx3-ubyte.gz")
        && FileManager.default.fileExists(atPath: "\($0)/t10k-labels-idx1-ubyte.gz")
    }
  }()
}

/// Runs a notebook's blocks one after the other in a folder that lies beside the data as the package does, and
/// compares what they print; gives what does not agree.
private func differences(of notebook: Notebook, digits: String?) throws -> [String] {
  let folder = try TemporaryFolder()
  try folder.write("", as: "package/.keep")
  if let digits {
    try FileManager.default.createDirectory(
      atPath: folder.file("shared"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("shared/data"), withDestinationPath: digits)
  }
  let program = try ResearchProcess.executable()
  var differences: [String] = []
  for block in notebook.blocks {
    let script = block.script.replacing(Notebook.command, with: "'\(program.path)'")
    let outcome = try CommandProcess.start(
      program: URL(fileURLWithPath: "/bin/sh"), ["-e", "-c", script], in: folder.file("package")
    ).outcome()
    if outcome.isKilled || !(0...1).contains(outcome.status) {
      differences.append("line \(block.line): status \(outcome.status), \(outcome.error)")
    } else if let printed = block.printed {
      differences += PrintedOutput.differences(printed: printed, now: outcome.output)
        .map { "line \(block.line): \($0)" }
    }
  }
  return differences
}

@Suite struct NotebookTests {
  #if DEBUG
    private static let isOptimized = false
  #else
    private static let isOptimized = true
  #endif

  /// Why a notebook's trainings are not made again in a build without optimization.
  private static let slowness: Comment =
    "its trainings take minutes without optimization: swift test -c release makes them"

  @Test(
    .enabled(if: isOptimized, slowness),
    .enabled(if: !NotebookFile.onDigits.isEmpty, "no notebook trains on MNIST"),
    .enabled(
      if: NotebookFile.digits != nil,
      "the MNIST test pair is neither in $PLUMB_DATA nor in ../shared/data"),
    arguments: NotebookFile.onDigits)
  fileprivate func printsWhatItShowsOfMNIST(file: NotebookFile) throws { try check(file) }

  @Test(
    .enabled(if: isOptimized, slowness),
    .enabled(if: !NotebookFile.others.isEmpty, "no notebook is without MNIST"),
    arguments: NotebookFile.others)
  fileprivate func printsWhatItShows(file: NotebookFile) throws { try check(file) }

  private func check(_ file: NotebookFile) throws {
    let notebook = try file.notebook()
    #expect(!notebook.blocks.isEmpty)
    for difference in try differences(of: notebook, digits: NotebookFile.digits) {
      Issue.record("\(file.testDescription), \(difference)")
    }
  }

  // MARK: The runner itself

  /// A notebook about a folder of small digits, which its first block makes from a copy.
  private func sample(_ folder: TemporaryFolder, printed: String) throws -> Notebook {
    try SmallDigits.write(to: folder)
    return try Notebook(
      """
      # A sample

      ```sh
      cp -r \(folder.file("digits")) digits
      ```

      <!-- test: --steps 3 --report-seeds 2 -->
      ```sh
      swift run -c release research depth --data digits --arms plain,residual --depths 2,6 \\
        --width 8 --batch 32 --steps 400 --learning-rates 1e-3 --out results/sample
      ```

      ```text
      \(printed)
      ```

      The end.
      """)
  }

  private let printed = """
    data: Digits: 60000 training images and no test images from digits.
    results: results/sample

    arm       depth  rate  training error  interval  training loss  interval  diverged  s/run
    ────────  ─────  ────  ──────────────  ────────  ─────────────  ────────  ────────  ─────
    plain         2   0.1              1%         1              1         1                1
    residual      2   0.1              1%         1              1         1                1
    Median over fresh seeds; the interval covers the true median with probability 93.8% or more.

    paired difference from plain, seed by seed
    arm       depth  error difference (points)  interval  loss difference  interval
    ────────  ─────  ─────────────────────────  ────────  ───────────────  ────────
    residual      2                          1         1                1         1
    Each interval is that of one comparison. For what holds of all 2 together (sign test, corrected by Holm) \
    6 seeds are needed: --report-seeds 6.

    plain: from depth 4 to 64 training loss rises (1 to 2, training error 1 % to 2 %; paired \
    difference in loss +1 ... +2, 93.8 % interval).
    residual: from depth 4 to 64 training loss falls (2 to 1, training error 1 % to 2 %; paired \
    difference in loss -2 ... -1, 93.8 % interval).
    At depth 64 residual is below plain in training error (paired difference -2 ... -1 percentage \
    points, 93.8 % interval).
    The claim holds: whatever it is.

    figure: results/sample/figure.svg
    time: 2 h 5 min
    """

  @Test func aNotebookThatAgreesHasNoDifferences() throws {
    let folder = try TemporaryFolder()
    let notebook = try sample(folder, printed: printed)
    #expect(try differences(of: notebook, digits: nil) == [])
  }

  @Test func aNotebookThatDoesNotAgreeIsFoundOut() throws {
    let folder = try TemporaryFolder()
    let old = printed.replacing("training error  interval", with: "error of train  interval")
      .replacing("residual      2   0.1", with: "zero          2   0.1")
    let found = try differences(of: sample(folder, printed: old), digits: nil)
    #expect(found.count == 2)
    #expect(found.allSatisfy { $0.hasPrefix("line 8: ") })
    #expect(found[0].contains("headers of table 1") && found[1].contains("rows of table 1"))
  }

  @Test func aBlockThatFailsIsFoundOut() throws {
    let notebook = try Notebook(
      """
      ```sh
      swift run -c release research depth --depths 0 --data glyphz
      ```
      ```sh
      false && true
      echo after
      ```
      ```sh
      exit 3
      ```
      """)
    let found = try differences(of: notebook, digits: nil)
    #expect(found.count == 2)
    #expect(found[0].hasPrefix("line 1: status 2, research depth: glyphz: "))
    #expect(found[1].hasPrefix("line 8: status 3"))
  }

  // MARK: Reading

  @Test func blocksAreReadWithTheirOutput() throws {
    let notebook = try Notebook(
      """
      Text with ``` in it.

      <!-- test: --steps 20 --depths 2,4 --quick -->

      ```sh
      # train
      swift run -c release research depth --quick --steps=400 --data mnist --depths 4,16 --out a
      ```

      ```text
      one

        two
      ```

      ```swift
      let x = 1
      ```
      ```text
      a diagram
      ```
      ```sh
      swift run -c release research \\
        list
      ls a
      ```
      and so on
      ```text
      not its output
      ```
      """)
    #expect(notebook.blocks.map(\.line) == [5, 22])
    #expect(
      notebook.blocks[0].script == "# train\n"
        + "swift run -c release research depth --data mnist --out a --steps 20 --depths 2,4 --quick"
    )
    #expect(notebook.blocks[0].printed == "one\n\n  two")
    #expect(notebook.blocks[0].needsDigits)
    #expect(notebook.blocks[1].script == "swift run -c release research    list\nls a")
    #expect(notebook.blocks[1].printed == nil && !notebook.blocks[1].needsDigits)
  }

  @Test func needsTheDigitsThatItPrints() throws {
    let head = "```sh\nswift run -c release research depth\n```\n```text\ndata: "
    #expect(try Notebook(head + "Digits: 10000 images\n```").blocks[0].needsDigits)
    #expect(try !Notebook(head + "glyphs, 10000\n```").blocks[0].needsDigits)
  }

  @Test func mistakesAreNamedByTheirLine() {
    func problem(_ text: String) -> Notebook.Malformed? {
      do {
        _ = try Notebook(text)
        return nil
      } catch {
        return error
      }
    }
    #expect(problem("a\n\n```sh\nls\n") == .init(line: 3, problem: "a fence is open"))
    let lost = "a test comment stands before no shell block"
    #expect(problem("<!-- test: --steps 2 -->\n\ntext\n") == .init(line: 1, problem: lost))
    #expect(problem("a\n<!-- test: --steps 2 -->\n```text\n```") == .init(line: 2, problem: lost))
    #expect(problem("<!-- test: --steps 2 -->") == .init(line: 1, problem: lost))
    #expect(problem("<!-- a comment -->\n\ntext") == nil)
  }
}
