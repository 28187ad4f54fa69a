import Console
import Findings
import Foundation

/// A notebook with what its blocks print now.
public struct NotebookRun: Sendable {
  /// The result of a block.
  public enum Outcome: Sendable, Hashable {
    /// It ended as it should, and printed this.
    case printed(String)
    /// It did not; why, and its message.
    case failed(String)
    /// It was not run, and why.
    case skipped(String)
  }

  /// A processed block.
  public struct Result: Sendable {
    /// The index of the block.
    public let index: Int
    public let outcome: Outcome
    public let seconds: Double
    /// The figures that it made, by their paths from the notebook's folder.
    public let figures: [String: Data]
  }

  public let notebook: Notebook
  /// The blocks in order, up to the first that failed.
  public let results: [Result]
  /// Whether short forms were run.
  public let isQuick: Bool
  /// The digest of the sources that it uses, from before it was run.
  public let sources: String

  /// Why the check is inconclusive; `nil` if no block has failed.
  public var failure: (line: Int, text: String)? {
    for result in results {
      if case .failed(let text) = result.outcome {
        return (notebook.blocks[result.index].line, text)
      }
    }
    return nil
  }

  /// The blocks that were not run because something is missing, with the reason.
  public var skipped: [(line: Int, reason: String)] {
    results.compactMap { result in
      guard case .skipped(let reason) = result.outcome,
        notebook.blocks[result.index].options.skip == nil
      else { return nil }
      return (notebook.blocks[result.index].line, reason)
    }
  }

  /// The total time that its blocks took.
  public var seconds: Double { results.map(\.seconds).reduce(0, +) }
}

/// Runs notebooks.
public struct NotebookRunner {
  private let package: PackageSources
  /// The folder of the built programs.
  private let programs: String
  private let isQuick: Bool
  private let swift: SwiftBlocks

  /// Builds what the notebooks need.
  ///
  /// - Parameters:
  ///   - programs: The folder of the built programs `plumb` and `research`.
  ///   - isQuick: Whether the short form of a block runs, if it has one.
  ///   - say: Called with messages about work that takes long.
  /// - Throws: ``Problem``.
  public init(
    _ notebooks: [Notebook], package: PackageSources, programs: String, isQuick: Bool,
    say: (String) -> Void
  ) throws(Problem) {
    for name in Set(notebooks.flatMap(\.programs)).sorted() {
      guard RegularFile.size(FilePaths.joined(programs, name)) != nil else {
        throw Problem(
          subject: FilePaths.joined(programs, name), problem: "the program is not built",
          remedy: "build it with: swift build -c release --product \(name)")
      }
    }
    self.package = package
    self.programs = programs
    self.isQuick = isQuick
    swift = try SwiftBlocks(notebooks, package: package, built: programs, say: say)
  }

  /// Runs the blocks of a notebook in order, until one does not end as it should.
  ///
  /// - Parameter tell: Called for each block when it is done.
  /// - Throws: ``Problem`` if nothing can be run.
  public func run(
    _ notebook: Notebook, tell: (NotebookRun.Result) -> Void = { _ in }
  ) throws(Problem) -> NotebookRun {
    let folder = try WorkingFolder(package: package.folder)
    let sources = notebook.sources(in: package)
    var results: [NotebookRun.Result] = []
    if let errors = swift.errors[notebook.path] {
      let text = errors.map { "\($0.path):\($0.line):\($0.column): \($0.message)" }
      let index =
        notebook.blocks.lastIndex { $0.isSwiftToRun && $0.line < errors[0].line } ?? 0
      results.append(
        NotebookRun.Result(
          index: index, outcome: .failed((["it does not compile"] + text).joined(separator: "\n")),
          seconds: 0, figures: [:]))
      return NotebookRun(notebook: notebook, results: results, isQuick: isQuick, sources: sources)
    }
    var sessions: [Notebook.Language: BlockSession] = [:]
    // Why nothing more is run, if a block was skipped that others may depend on.
    var want: String?
    for index in notebook.blocks.indices {
      let block = notebook.blocks[index]
      func finish(
        _ outcome: NotebookRun.Outcome, _ seconds: Double = 0, figures: [String: Data] = [:]
      ) {
        let result = NotebookRun.Result(
          index: index, outcome: outcome, seconds: seconds, figures: figures)
        results.append(result)
        tell(result)
      }
      if let reason = block.options.skip {
        finish(.skipped(reason.isEmpty ? "it says so" : reason))
        continue
      }
      let lacking = block.options.needs.first {
        FilePaths.isFolder(FilePaths.joined(folder.path, $0)) == nil
      }
      if let reason = want ?? lacking.map({ "\($0) does not exist" }) {
        // A block of the shell is a program of its own: one that builds on its files says that it needs them.
        if block.language != .shell { want = reason }
        finish(.skipped(reason))
        continue
      }
      let begin = ContinuousClock.now
      let request = try request(of: block, at: index, in: notebook)
      let session: BlockSession
      if block.language != .shell, let known = sessions[block.language] {
        session = known
      } else {
        session = try self.start(block, of: notebook, in: folder)
      }
      sessions[block.language] = session
      let run = session.run(request, within: block.options.budget)
      let seconds = begin.duration(to: .now).seconds
      if block.language == .python, let lacking = Self.missing(run) {
        let reason = "\(lacking); set $PLUMB_PYTHON to use another interpreter"
        want = reason
        finish(.skipped(reason))
        continue
      }
      let (outcome, figures) = judge(run, of: block, in: folder, of: notebook)
      finish(outcome, seconds, figures: figures)
      if case .failed = outcome { break }
    }
    return NotebookRun(notebook: notebook, results: results, isQuick: isQuick, sources: sources)
  }

  // MARK: Starting

  /// The line that asks a session to run a block.
  private func request(
    of block: Notebook.Block, at index: Int, in notebook: Notebook
  ) throws(Problem) -> String? {
    switch block.language {
    case .shell: nil
    case .swift: "go"
    case .python: String(notebook.blocks[..<index].count { $0.language == .python })
    }
  }

  private func start(
    _ block: Notebook.Block, of notebook: Notebook, in folder: WorkingFolder
  ) throws(Problem) -> BlockSession {
    var environment = ProcessInfo.processInfo.environment
    // Variables that would change what is printed.
    for name in ["PLUMB_DATA", "PLUMB_ISA", "COLUMNS", "PYTHONSTARTUP"] { environment[name] = nil }
    let whole = URL(fileURLWithPath: programs).standardizedFileURL.path
    environment["PATH"] = whole + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["PLUMB"] = FilePaths.joined(whole, "plumb")
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment["PYTHONIOENCODING"] = "utf-8"
    environment["SWIFT_BACKTRACE"] = "enable=no"
    // A package that a block creates and builds reuses the libraries that an earlier run built.
    environment["SWIFTPM_BUILD_DIR"] = FilePaths.joined(
      URL(fileURLWithPath: package.folder).standardizedFileURL.path, SwiftBlocks.packagesFolder)
    let words: [String]
    switch block.language {
    case .shell:
      let script = isQuick ? block.quickScript : block.source
      words = ["/bin/sh", "-e", "-c", script]
    case .swift: words = [swift.programs[notebook.path] ?? ""]
    case .python:
      let request = PythonBlocks.Request(
        path: notebook.path, lines: notebook.lines,
        blocks: notebook.blocks.filter { $0.language == .python }.map {
          PythonBlocks.Request.Block(
            line: $0.line, source: $0.source,
            isExpectedToFail: $0.options.expectation == .failure)
        })
      let (program, blocks) = (folder.file("blocks.py"), folder.file("blocks.json"))
      try AtomicFile.write(PythonBlocks.program, to: program)
      guard let data = try? JSONEncoder().encode(request) else {
        fatalError("texts and numbers can be encoded")
      }
      try AtomicFile.write(data, to: blocks)
      words = [PythonBlocks.interpreter, "-u", program, blocks]
    }
    guard
      let session = BlockSession(
        words, in: folder.path, environment: environment,
        errors: folder.file("errors-\(block.line)"))
    else {
      throw Problem(
        subject: notebook.path, location: "line \(block.line)",
        problem: "\(words[0]) cannot be started",
        remedy: block.language == .python
          ? "set an interpreter with PLUMB_PYTHON=python3" : "check whether the program exists")
    }
    return session
  }

  // MARK: Judging

  /// What a Python block needs and this machine lacks, in words; `nil` if nothing is missing.
  private static func missing(
    _ run: (output: String, error: String, end: BlockSession.End)
  ) -> String? {
    // The status by which a shell reports that there is no such program.
    if run.end == .ended(127) { return "there is no \(PythonBlocks.interpreter)" }
    guard run.end == .failed else { return nil }
    return run.error.split(separator: "\n").first { $0.hasPrefix(PythonBlocks.missingMark) }
      .map { "\(PythonBlocks.interpreter) has no \($0.dropFirst(PythonBlocks.missingMark.count))" }
  }

  /// Whether a block has ended as expected, and what it has produced.
  private func judge(
    _ run: (output: String, error: String, end: BlockSession.End), of block: Notebook.Block,
    in folder: WorkingFolder, of notebook: Notebook
  ) -> (NotebookRun.Outcome, [String: Data]) {
    func failed(_ reason: String) -> (NotebookRun.Outcome, [String: Data]) {
      let said = [run.output, run.error].map(Self.trimmed).filter { !$0.isEmpty }
      return (.failed(([reason] + said).joined(separator: "\n")), [:])
    }
    let isFailure = block.options.expectation == .failure
    switch run.end {
    case .interrupted: return failed("it was interrupted")
    case .overdue:
      return failed(
        "it took longer than its budget of \(NumberFormat.duration(seconds: block.options.budget)); "
          + "make it faster, or raise its budget, for example budget=5m")
    case .done:
      if isFailure { return failed("it was expected to fail, but did not") }
    case .failed:
      if !isFailure { return failed("it ended with an error") }
    case .ended(let status):
      let isWithout = isQuick && block.options.quick != nil && status == 1
      if !isFailure, !isWithout { return failed(Self.words(for: status)) }
    }
    if block.options.expectation == .kink {
      let words = Set(run.output.split(whereSeparator: { !$0.isLetter }).map(String.init))
      guard words.contains("KINK"), !words.contains("FAIL") else {
        return failed("it was expected to find a kink and nothing else")
      }
    }
    var figures: [String: Data] = [:]
    for path in block.options.figures {
      guard let data = RegularFile.contents(FilePaths.joined(folder.path, path)) else {
        return failed("it was expected to make the figure \(path), but did not")
      }
      figures[notebook.location(ofFigure: path)] = data
    }
    // Line numbers of sources change, so the notebook's outputs do not contain any.
    let error = run.error.replacing(/(?m)^\S*\.(?:md|swift):\d+:\s/, with: "")
    let said = isFailure ? [run.output, error] : [run.output]
    let text = said.map(Self.trimmed).filter { !$0.isEmpty }.joined(separator: "\n")
    return (.printed(text), figures)
  }

  private static func words(for status: Int32) -> String {
    status > 128 ? "it was ended by signal \(status - 128)" : "it ended with status \(status)"
  }

  /// A text without newlines at its end, and without blanks at the ends of its lines, which readers and most editors do not see.
  private static func trimmed(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var end = line
      while end.last == " " || end.last == "\t" || end.last == "\r" { end.removeLast() }
      return end
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }
}

extension Notebook.Block {
  /// Its lines with the options of the short form in the first that calls a program of this package.
  var quickScript: String {
    guard let quick = options.quick else { return source }
    var lines = source.replacing("\\\n", with: " ").split(separator: "\n").map(String.init)
    let words = quick.split(separator: " ").map(String.init)
    if let index = lines.firstIndex(where: { $0.hasPrefix("research ") || $0.hasPrefix("plumb ") })
    {
      lines[index] = Self.setting(words, in: lines[index])
    }
    return lines.joined(separator: "\n")
  }

  /// A command line with these options, each replacing the option of the same name.
  private static func setting(_ options: [String], in line: String) -> String {
    var words = line.split(separator: " ").map(String.init)
    for name in options where name.hasPrefix("--") {
      while let index = words.firstIndex(where: { $0 == name || $0.hasPrefix("\(name)=") }) {
        let hasValue =
          words[index] == name && !(words.dropFirst(index + 1).first ?? "-").hasPrefix("-")
        words.removeSubrange(index...(hasValue ? index + 1 : index))
      }
    }
    return (words + options).joined(separator: " ")
  }
}
