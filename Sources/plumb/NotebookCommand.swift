import Console
import Findings
import Foundation
import Notebooks

/// `plumb notebook run`, `check` and `promote`: Markdown files whose blocks run.
enum NotebookCommand {
  private static let inputs = Argument<[String]>(
    list: "FILES", .input("a notebook"),
    help: "Markdown files; by default those in the folder notebooks-md")
  private static let quick = Option(
    flag: "quick",
    help:
      "runs the short form of blocks that have one, compares only their wording, and ignores stamps"
  )
  private static let stamps = Option(
    flag: "stamps",
    help: "runs nothing: reports which notebooks are from other code, and checks links to figures")
  private static let noBuild = Option(
    flag: "no-build", help: "uses the programs plumb and research as already built")

  private static let format = """
    A block fenced as sh, python or swift is run; the block fenced as output or text that follows is what it printed. The Swift blocks of a \
    file form one program, and so do its Python blocks; plumb and research are this package's programs. Blocks run in a new folder \
    with the package's data and ../shared/data.

    Words after the language: tolerance=1e-6 and absolute=1e-12 (how far numbers may differ), varies="s/run,time:" (columns, and lines \
    by their beginnings, that are not compared), expect=failure, expect=kink, budget=20s (default 60s), skip="why", needs=FILE, \
    figure=chart.svg (a picture the block writes, kept where the notebook shows it, or in the folder of its name), quick="--steps 20" \
    (a short form). They may also be in a comment on a line before the block: <!-- block: tolerance=1e-6 -->.
    """

  static let run = Tool(
    Command(
      "notebook run", summary: "runs the blocks of Markdown notebooks and prints what they print",
      discussion: format, arguments: [inputs], options: [quick, noBuild],
      examples: [
        Command.Example("plumb notebook run notebooks-md/03-tape.md", "one notebook")
      ])
  ) { options in
    let (package, notebooks) = try prepared(options)
    let runner = try runner(notebooks, package, options, isQuick: options[quick])
    var isWell = true
    for notebook in notebooks {
      let run = try runner.run(notebook) { result in
        let block = notebook.blocks[result.index]
        let time = NumberFormat.duration(seconds: result.seconds)
        print("\(notebook.path):\(block.line): \(block.language.rawValue), \(time)")
        switch result.outcome {
        case .printed(let text): if !text.isEmpty { print(text) }
        case .failed: break
        case .skipped(let reason): print("skipped: \(reason)")
        }
        print()
        fflush(nil)
      }
      if let failure = run.failure {
        print("\(notebook.path):\(failure.line): \(failure.text)")
        isWell = false
      }
    }
    return isWell ? .done : .answerIsNo
  }

  static let check = Tool(
    Command(
      "notebook check", summary: "checks whether notebooks print what they show",
      discussion:
        "Runs the blocks of Markdown notebooks and compares what they print with what the files show: text exactly, numbers up to "
        + "the tolerance of their block, figures likewise. The last line of a notebook says what its outputs were made from; if the "
        + "package's sources, the blocks or the compiler have changed since, the check also fails.\n\n"
        + format,
      arguments: [inputs], options: [quick, stamps, noBuild],
      examples: [
        Command.Example("plumb notebook check notebooks-md/03-tape.md", "one notebook"),
        Command.Example("plumb notebook check --stamps", "which notebooks need to be promoted"),
      ])
  ) { options in
    let (package, notebooks) = try prepared(options)
    let isQuick = options[quick]
    let toolchain = isQuick ? nil : try toolchain()
    let runner =
      options[stamps] ? nil : try runner(notebooks, package, options, isQuick: isQuick)
    var wrong = 0
    for notebook in notebooks {
      var told: [String] = []
      var summary = "the outputs are from this code"
      let run = try runner?.run(notebook)
      if let run {
        let check = NotebookCheck(run)
        told = check.drifts.map(\.description)
        if let failure = run.failure {
          told.append("\(notebook.path):\(failure.line): \(failure.text)")
        }
        if let first = run.skipped.first {
          summary = "not run from line \(first.line) onwards: \(first.reason)"
        } else {
          let time = NumberFormat.duration(seconds: run.seconds)
          summary = "\(check.summary), \(time)"
        }
      } else {
        told = NotebookCheck.links(of: notebook).map(\.description)
      }
      if let toolchain {
        let sources = run?.sources ?? notebook.sources(in: package)
        told += stale(notebook, sources, toolchain).map { [$0] } ?? []
      }
      print(told.isEmpty ? "\(notebook.path): \(summary)" : told.joined(separator: "\n"))
      fflush(nil)
      if !told.isEmpty { wrong += 1 }
    }
    if wrong > 0 { print("\(wrong) of \(notebooks.count) notebooks fail the check") }
    return wrong == 0 ? .done : .answerIsNo
  }

  static let promote = Tool(
    Command(
      "notebook promote", summary: "runs notebooks and writes their output into them",
      discussion:
        "Replaces the outputs and figures that no longer agree, and the stamp in the last line. A notebook with a failing "
        + "block is left as it is.\n\n" + format,
      arguments: [inputs], options: [noBuild],
      examples: [
        Command.Example("plumb notebook promote notebooks-md/03-tape.md", "one notebook")
      ])
  ) { options in
    let (package, notebooks) = try prepared(options)
    let toolchain = try toolchain()
    let runner = try runner(notebooks, package, options, isQuick: false)
    var isWell = true
    for notebook in notebooks {
      let run = try runner.run(notebook)
      do throws(Problem) {
        let hasChanged = try run.promote(toolchain: toolchain)
        let time = NumberFormat.duration(seconds: run.seconds)
        print(
          "\(notebook.path): \(hasChanged ? "rewritten" : "the outputs agree; stamped"), \(time)")
      } catch {
        print(error)
        isWell = false
      }
      for link in NotebookCheck.links(of: notebook) {
        print(link)
        isWell = false
      }
      fflush(nil)
    }
    return isWell ? .done : .answerIsNo
  }

  // MARK: What all three need

  private static func prepared(_ options: ParsedOptions) throws -> (PackageSources, [Notebook]) {
    guard let folder = PackageFolder.ofProgram else {
      throw Problem(
        problem: "this program is not in a build folder of Plumbline's package",
        remedy: "run it with: swift run -c release plumb notebook check")
    }
    var paths = options[inputs]
    if paths.isEmpty {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "notebooks-md")) ?? []
      paths = names.filter { $0.hasSuffix(".md") }.sorted().map { "notebooks-md/\($0)" }
      guard !paths.isEmpty else {
        throw Problem(
          subject: "notebooks-md", problem: "there is no notebook in this folder",
          remedy: "give notebook files")
      }
    }
    let notebooks = try paths.map { try Notebook(contentsOf: $0) }
    return (try PackageSources(folder: folder), notebooks)
  }

  private static func toolchain() throws(Problem) -> String {
    guard let version = Toolchain.version else {
      throw Problem(
        problem: "there is no swift on the path, but its version is part of a stamp",
        remedy: "install Swift 6.3")
    }
    return version
  }

  private static func runner(
    _ notebooks: [Notebook], _ package: PackageSources, _ options: ParsedOptions,
    isQuick: Bool
  ) throws -> NotebookRunner {
    let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
      .path
    let programs = folder ?? "."
    func say(_ text: String) { StandardStreams.writeError(text + "\n") }
    if !options[noBuild] {
      // Swift blocks are linked with the libraries, all of which plumb is made of.
      let hasSwift = notebooks.contains { $0.blocks.contains { $0.language == .swift } }
      let names = Set(notebooks.flatMap(\.programs) + (hasSwift ? ["plumb"] : []))
      for name in names.sorted() {
        let mode = programs.hasSuffix("/debug") ? "debug" : "release"
        let words = [
          "swift", "build", "-c", mode, "--package-path", package.folder, "--product", name,
        ]
        say("building \(name)")
        guard CommandOutput.of(words, within: 3600) != nil else {
          throw Problem(
            problem: "\(name) cannot be built",
            remedy: "see the output of: \(words.map(FilePaths.quoted).joined(separator: " "))")
        }
      }
    }
    return try NotebookRunner(
      notebooks, package: package, programs: programs, isQuick: isQuick, say: say)
  }

  /// The message about a notebook whose outputs are not from this code.
  private static func stale(
    _ notebook: Notebook, _ sources: String, _ toolchain: String
  ) -> String? {
    let remedy = "run: plumb notebook promote \(FilePaths.quoted(notebook.path))"
    guard let old = notebook.stamp else {
      return "\(notebook.path): nothing says what its outputs were made from; \(remedy)"
    }
    let stamp = Stamp(blocks: notebook.digest, sources: sources, toolchain: toolchain)
    let changes = stamp.changes(since: old)
    guard !changes.isEmpty else { return nil }
    return "\(notebook.path): stale: \(changes.joined(separator: "; ")); \(remedy)"
  }
}
