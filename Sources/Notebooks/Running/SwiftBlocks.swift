import Console
import Findings
import Foundation

/// The Swift blocks of some notebooks as programs: one executable for each notebook, in one package that depends on Plumbline's by
/// path, so that one build in release compiles them all.
struct SwiftBlocks {
  /// A mistake that the compiler found, where the notebook has it.
  struct CompileError: Sendable, Hashable {
    let path: String, line: Int, column: Int
    let message: String
  }

  /// Where the built programs are, by the path of the notebook.
  private(set) var programs: [String: String] = [:]
  /// The mistakes, by the path of the notebook.
  private(set) var errors: [String: [CompileError]] = [:]

  /// Where the generated package is, and where it is built, from the folder of the package that the notebooks are about.
  private static let folder = ".build/notebooks"
  static let buildFolder = folder + "/.build"

  /// The longest that a build may take, in seconds.
  private static let patience = 3600.0

  /// Builds the programs of those notebooks that have Swift blocks.
  ///
  /// - Throws: ``Problem`` where the package cannot be written, or a build fails for another reason than a block.
  init(_ notebooks: [Notebook], package: PackageSources, say: (String) -> Void) throws(Problem) {
    let withSwift = notebooks.filter { $0.blocks.contains(where: \.isSwiftToRun) }
    guard !withSwift.isEmpty else { return }
    let root = FilePaths.joined(package.folder, Self.folder)
    var targets: [(name: String, libraries: [String], notebook: Notebook)] = []
    for notebook in withSwift {
      let base =
        "notebook-" + notebook.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
      let isTaken = targets.contains { $0.name == base }
      targets.append(
        (
          isTaken ? "\(base)-\(targets.count)" : base,
          package.libraries(among: notebook.imports), notebook
        ))
    }
    try Self.write(
      Self.manifest(targets.map { ($0.name, $0.libraries) }, package: package.folder),
      to: FilePaths.joined(root, "Package.swift"))
    for target in targets {
      let folder = FilePaths.joined(root, "Sources/\(target.name)")
      try Self.write(Self.gate, to: FilePaths.joined(folder, "Gate.swift"))
      try Self.write(Self.source(of: target.notebook), to: FilePaths.joined(folder, "main.swift"))
    }
    let isFirst = !FileManager.default.fileExists(
      atPath: FilePaths.joined(root, ".build/release.yaml"))
    say(
      "building the Swift blocks of \(targets.map(\.notebook.path).joined(separator: ", "))"
        + (isFirst ? "; the first build takes minutes" : ""))
    // One by one, so that a mistake in one leaves the others: what they share is built once.
    for target in targets {
      let words = [
        "swift", "build", "-c", "release", "--package-path", root, "--product", target.name,
      ]
      let log = FilePaths.joined(root, "build.log")
      unlink(log)
      guard let child = ChildProcess(words, errors: log) else {
        throw Problem(problem: "there is no swift on the path", remedy: "install Swift 6.3")
      }
      child.closeInput()
      let (bytes, pause) = child.read(within: Self.patience)
      if pause == .ended(0) {
        programs[target.notebook.path] = FilePaths.joined(root, ".build/release/\(target.name)")
        continue
      }
      let text =
        String(decoding: bytes, as: UTF8.self)
        + String(decoding: RegularFile.contents(log) ?? Data(), as: UTF8.self)
      let found = Self.errors(in: text, of: target.notebook.path)
      guard !found.isEmpty else {
        throw Problem(
          subject: target.notebook.path, problem: "its Swift blocks cannot be built",
          remedy: "see what this prints: \(words.map(FilePaths.quoted).joined(separator: " "))")
      }
      errors[target.notebook.path] = found
    }
  }

  /// Writes a file unless it is that already, so that it is not compiled again.
  private static func write(_ text: String, to path: String) throws(Problem) {
    if RegularFile.contents(path) == Data(text.utf8) { return }
    try? FileManager.default.createDirectory(
      atPath: FilePaths.folder(of: path), withIntermediateDirectories: true)
    try AtomicFile.write(text, to: path)
  }

  private static func literal(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static func manifest(
    _ targets: [(name: String, libraries: [String])], package: String
  ) -> String {
    let list = targets.map { target in
      let libraries = target.libraries.map {
        ".product(name: \(literal($0)), package: \"Plumbline\")"
      }
      return
        "    .executableTarget(name: \(literal(target.name)), dependencies: [\(libraries.joined(separator: ", "))]),\n"
    }
    return """
      // swift-tools-version: 6.3
      import PackageDescription

      let package = Package(
        name: "Notebooks",
        platforms: [.macOS(.v15)],
        dependencies: [.package(name: "Plumbline", path: \(literal(package)))],
        targets: [
      \(list.joined())  ],
        swiftLanguageModes: [.v6]
      )

      """
  }

  /// What stands before each block and behind the last: it tells that a block is done, and waits until the next may begin. In a file of its own,
  /// so that what it imports is not known to the blocks.
  private static let gate = """
    import Foundation

    func waitBeforeBlock() {
      if readLine() == nil { exit(0) }
    }

    func tellThatBlockIsDone() {
      print("\\u{1E}plumb: block done\\u{1E}")
      fflush(nil)
    }

    """

  private static func source(of notebook: Notebook) -> String {
    notebook.blocks.filter(\.isSwiftToRun).map { block in
      """
      waitBeforeBlock()
      #sourceLocation(file: \(literal(notebook.path)), line: \(block.line + 1))
      \(block.source)
      #sourceLocation()
      tellThatBlockIsDone()

      """
    }.joined()
  }

  /// The compiler's errors that name a line of the notebook, each once.
  private static func errors(in text: String, of path: String) -> [CompileError] {
    var errors: [CompileError] = []
    for line in text.split(separator: "\n") {
      // The paths that the compiler prints may be absolute.
      guard let match = line.wholeMatch(of: /(.+):(\d+):(\d+): error: (.*)/),
        match.1 == path || match.1.hasSuffix("/\(path)")
      else { continue }
      let error = CompileError(
        path: path, line: Int(match.2) ?? 0, column: Int(match.3) ?? 0, message: String(match.4))
      if !errors.contains(error) { errors.append(error) }
    }
    return errors
  }
}

extension Notebook.Block {
  /// Whether it is a Swift block that is run.
  var isSwiftToRun: Bool { language == .swift && options.skip == nil }
}
