import Foundation
import TestSupport
import Testing

/// `plumb notebook` as its users see it, on notebooks whose blocks need no compiler.
@Suite("plumb notebook")
struct NotebookCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func plumb(_ words: String..., python: String = "python3") throws
    -> CommandProcess.Outcome
  {
    try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"), ["notebook"] + words, in: folder.path,
      environment: ["PLUMB_PYTHON": python]
    ).outcome()
  }

  private func check(_ words: String...) throws -> CommandProcess.Outcome {
    try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"),
      ["notebook", "check", "--no-build", "n.md"] + words, in: folder.path
    ).outcome()
  }

  private let sample = """
    # A notebook

    ```sh
    printf 'depth %s\\n' 1 2 3
    echo kept > file.txt
    ```

    ```sh figure=chart.svg
    cat file.txt
    echo '<svg>1.5</svg>' > chart.svg
    ```

    ![chart](n/chart.svg)

    ```sh expect=failure
    plumb check --network 2,x
    ```

    ```sh expect=kink
    plumb check --network 6,5,3,1 --init normal:0.01 --examples 400
    ```

    The end.

    """

  @Test("a package that a shell block builds is built where the Swift blocks are")
  func buildFolder() throws {
    try folder.write(
      """
      ```sh
      basename "$(dirname "$SWIFTPM_BUILD_DIR")"
      ```

      ```output
      notebooks
      ```

      """, as: "n.md")
    let outcome = try check("--quick")
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test("promotes what is printed, and finds what has drifted, by line")
  func promoteAndCheck() throws {
    try folder.write(sample, as: "n.md")
    let before = try check()
    #expect(before.status == 1, "\(before)")
    #expect(
      before.output.contains("n.md:3: this block now prints something different\n  7 + depth 1"))
    #expect(before.output.contains("the figure n/chart.svg made by this block does not exist"))
    #expect(before.output.contains("run: plumb notebook promote n.md"))
    #expect(folder.text("n.md") == sample)

    let promoted = try plumb("promote", "--no-build", "n.md")
    #expect(promoted.status == 0 && promoted.output.contains("n.md: rewritten"), "\(promoted)")
    let text = try #require(folder.text("n.md"))
    #expect(text.contains("```\n\n```output\ndepth 1\ndepth 2\ndepth 3\n```\n\n```sh figure"))
    #expect(text.contains("```output\nkept\n```"))
    #expect(text.contains("```output\nplumb check: --network: "))
    #expect(folder.text("n/chart.svg") == "<svg>1.5</svg>\n")

    let after = try check()
    #expect(after.status == 0 && after.error.isEmpty, "\(after)")
    #expect(after.output.hasPrefix("n.md: 4 outputs and 1 figure agree, "))
    #expect(try plumb("check", "--stamps", "n.md").status == 0)
    // Nothing agrees twice as well.
    #expect(try plumb("promote", "--no-build", "n.md").output.contains("the outputs agree"))
    #expect(folder.text("n.md") == text)

    // A changed digit, a missing line, a changed figure, and a figure that is gone.
    try folder.write(text.replacing("depth 2", with: "depth 5"), as: "n.md")
    let digit = try check()
    #expect(digit.status == 1, "\(digit)")
    #expect(digit.output.contains("n.md:3: "))
    #expect(digit.output.contains("  10 - depth 5\n     + depth 2\n"))
    #expect(digit.output.contains("n.md: stale: its blocks, outputs or figures have changed"))
    let stamps = try plumb("check", "--stamps", "n.md")
    #expect(stamps.status == 1 && stamps.output.contains("stale"))
    try folder.write(text.replacing("depth 3\n", with: ""), as: "n.md")
    #expect(try check().output.contains("  11 + depth 3\n"))
    try folder.write(text, as: "n.md")
    try folder.write("<svg>1.6</svg>\n", as: "n/chart.svg")
    #expect(try check().output.contains("n.md:14: the figure n/chart.svg has changed"))
    try FileManager.default.removeItem(atPath: folder.file("n/chart.svg"))
    let gone = try plumb("check", "--stamps", "n.md")
    #expect(gone.status == 1 && gone.output.contains("there is no image n/chart.svg"))

    // A stamp of other sources.
    try folder.write("<svg>1.5</svg>\n", as: "n/chart.svg")
    let other = text.replacing(/sources [0-9a-f]+/, with: "sources 0")
    try folder.write(other, as: "n.md")
    let stale = try check()
    #expect(stale.status == 1, "\(stale)")
    #expect(stale.output.contains("the sources of the package that it uses have changed; run: "))
    // The short form leaves stamps aside.
    #expect(try check("--quick").status == 0)
  }

  @Test("a block that does not end as it is to end is told, and the notebook stays as it is")
  func failures() throws {
    for (block, line, problem) in [
      ("```sh\necho said\nexit 3\n```", 1, "it ended with status 3\nsaid"),
      ("\n```sh expect=failure\ntrue\n```", 2, "it was expected to fail, but did not"),
      ("```sh expect=kink\necho PASS\n```", 1, "it was expected to find a kink and nothing else"),
      (
        "```sh budget=0.3s\nsleep 60 & sleep 60\n```", 1, "it took longer than its budget of 300 ms"
      ),
      ("```sh figure=a.svg\ntrue\n```", 1, "it was expected to make the figure a.svg, but did not"),
      ("```sh\nplumb help nothing\n```", 1, "it ended with status 2\nplumb: there is no help"),
    ] {
      try folder.write(block + "\n", as: "n.md")
      for word in ["check", "promote", "run"] {
        let outcome = try plumb(word, "--no-build", "n.md")
        #expect(outcome.status == 1, "\(word) of \(block): \(outcome)")
        let location = word == "promote" ? "n.md: line \(line): " : "n.md:\(line): "
        #expect(outcome.output.contains(location + problem), "\(word) of \(block): \(outcome)")
      }
      #expect(folder.text("n.md") == block + "\n")
    }
  }

  @Test("what is missing is a reason to skip, and none to write a stamp")
  func skipped() throws {
    try folder.write(
      "```sh skip=\"no time\"\nexit 1\n```\n```sh needs=../shared/data/nothing\nexit 1\n```\n",
      as: "n.md")
    let run = try plumb("run", "--no-build", "n.md")
    #expect(run.status == 0 && run.output.contains("skipped: no time"), "\(run)")
    #expect(run.output.contains("skipped: ../shared/data/nothing does not exist"))
    let promoted = try plumb("promote", "--no-build", "n.md")
    #expect(promoted.status == 1 && promoted.output.contains("n.md: line 4: ../shared"))
    // What does not need the missing file is checked all the same.
    for (printed, status) in [("after", 0), ("before", 1)] as [(String, Int32)] {
      try folder.write(
        "```sh needs=../shared/data/nothing\nexit 1\n```\n```sh\necho after\n```\n```output\n\(printed)\n```\n",
        as: "n.md")
      #expect(try check("--quick").status == status)
    }
  }

  private static let hasPython: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "pass"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test("Python blocks are one program, with errors at their lines", .enabled(if: hasPython))
  func python() throws {
    try folder.write(
      """
      ```python
      x = 2
      open("file.txt", "w").write("from Python")
      ```
      ```sh
      cat file.txt
      ```
      ```python
      print(x ** 10)
      ```
      ```python expect=failure

      x / 0
      ```

      """, as: "n.md")
    #expect(try plumb("promote", "--no-build", "n.md").status == 0)
    let text = try #require(folder.text("n.md"))
    #expect(text.contains("```output\nfrom Python\n```"))
    #expect(text.contains("```output\n1024\n```"))
    #expect(text.contains("```output\nZeroDivisionError: "))
    #expect(try check().status == 0)
    try folder.write(text.replacing("expect=failure", with: "tolerance=0.1"), as: "n.md")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex(of: "x / 0")) + 1
    #expect(try check("--quick").output.contains("File \"n.md\", line \(line), in"))

    try folder.write("```python\nimport nothing_of_the_kind.part\n```\n", as: "n.md")
    let missing = try check("--quick")
    #expect(missing.status == 0, "\(missing)")
    #expect(missing.output.contains("python3 has no nothing_of_the_kind; set $PLUMB_PYTHON"))
    let none = try plumb("run", "--no-build", "n.md", python: "no-such-python")
    #expect(
      none.output.contains("skipped: there is no no-such-python; set $PLUMB_PYTHON"), "\(none)")
  }

  @Test("requests that cannot be used are told")
  func mistakes() throws {
    for (words, problem) in [
      (["check"], "there is no notebook in this folder"),
      (["check", "gone.md"], "gone.md: there is no such file; give a Markdown file"),
      (["chekc"], "did you mean notebook check?"),
    ] {
      let outcome = try CommandProcess.start(
        program: CommandProcess.executable(named: "plumb"), ["notebook"] + words, in: folder.path
      ).outcome()
      #expect(outcome.status == 2 && outcome.error.contains(problem), "\(outcome)")
    }
  }

  @Test("Swift blocks are one program, and its errors name lines of the notebook")
  func swift() throws {
    try folder.write(
      """
      ```swift
      import Plumbline
      let x = Tensor<Double>([2], [1, 2])
      ```
      ```swift
      print((x + x).scalars)
      ```
      ```swift expect=failure
      print(x + Tensor<Double>([3], [1, 2, 3]))
      ```

      """, as: "swift-blocks.md")
    let promoted = try plumb("promote", "--no-build", "swift-blocks.md")
    #expect(promoted.status == 0, "\(promoted)")
    #expect(folder.text("swift-blocks.md")?.contains("```output\n[2.0, 4.0]\n```") == true)
    try folder.write("a\n\n```swift\nlet x: Int = \"one\"\n```\n", as: "swift-blocks.md")
    let wrong = try plumb("check", "--no-build", "swift-blocks.md")
    #expect(wrong.status == 1, "\(wrong)")
    #expect(wrong.output.contains("swift-blocks.md:4:14: cannot convert value"), "\(wrong)")
  }
}
