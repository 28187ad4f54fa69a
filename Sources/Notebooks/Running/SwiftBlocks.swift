import Console
import Findings
import Foundation

/// The Swift blocks of some notebooks as programs: one for each notebook, linked with the libraries that this program itself was
/// built from, so that nothing in the package is compiled for them.
///
/// A package that depends on Plumbline's by path would compile the libraries again, which takes minutes.
struct SwiftBlocks {
  /// A compiler error, at its line in the notebook.
  struct CompileError: Sendable, Hashable {
    let path: String, line: Int, column: Int
    let message: String
  }

  /// Where the built programs are, by the path of the notebook.
  private(set) var programs: [String: String] = [:]
  /// The mistakes, by the path of the notebook.
  private(set) var errors: [String: [CompileError]] = [:]

  /// Where a package that a block creates is built, relative to the folder of the package that the notebooks are about; shared by
  /// all runs.
  static let packagesFolder = ".build/notebooks/packages"

  /// The longest that a program may be compiled, in seconds.
  private static let patience = 600.0

  /// Builds the programs of those notebooks that have Swift blocks.
  ///
  /// - Parameter built: The folder of the built libraries.
  /// - Throws: ``Problem`` if a file cannot be written, a library is not built, or a build fails for a reason other than a block.
  init(
    _ notebooks: [Notebook], package: PackageSources, built: String, say: (String) -> Void
  ) throws(Problem) {
    let withSwift = notebooks.filter { $0.blocks.contains(where: \.isSwiftToRun) }
    var names: Set<String> = []
    for notebook in withSwift {
      let plain = notebook.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
      var name = "Notebook_" + String(plain)
      if !names.insert(name).inserted { name += "_\(names.count)" }
      names.insert(name)
      let folder = FilePaths.joined(
        package.folder, ".build/notebooks/\(Self.mode(of: built))/\(name)")
      let sources = ["Gate.swift", "main.swift"].map { FilePaths.joined(folder, $0) }
      try Self.write(Self.gate, to: sources[0])
      try Self.write(Self.source(of: notebook), to: sources[1])
      let libraries = package.libraries(among: notebook.imports)
      let objects = try Self.objects(of: libraries, of: package, in: built)
      let program = FilePaths.joined(folder, name)
      if !Self.isNewer(program, than: sources + objects) {
        say("compiling the Swift blocks of \(notebook.path)")
        let found = try Self.compile(
          sources + objects, to: program, module: name, package: package, built: built,
          of: notebook)
        if !found.isEmpty {
          errors[notebook.path] = found
          continue
        }
      }
      programs[notebook.path] = program
    }
  }

  /// `release` or `debug`.
  private static func mode(of built: String) -> String {
    URL(fileURLWithPath: built).lastPathComponent
  }

  /// The object files of some libraries. A build keeps the objects of files that were removed.
  private static func objects(
    of libraries: [String], of package: PackageSources, in built: String
  ) throws(Problem) -> [String] {
    var objects: [String] = []
    for target in package.parts(of: libraries) {
      let folder = FilePaths.joined(built, "\(target).build")
      let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
      let wanted = Set(package.compiledFiles(of: target).map { $0 + ".o" })
      let found = names.filter { wanted.contains(String($0.split(separator: "/").last ?? "")) }
      guard found.count == wanted.count else {
        throw Problem(
          subject: folder, problem: "the library \(target) is not up to date",
          remedy: "build it with: swift build -c \(mode(of: built)) --product plumb")
      }
      objects += found.sorted().map { FilePaths.joined(folder, $0) }
    }
    return objects
  }

  /// Whether a file has been written after all the others.
  private static func isNewer(_ path: String, than others: [String]) -> Bool {
    func date(_ path: String) -> Date? {
      (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
    guard let own = date(path) else { return false }
    return others.allSatisfy { date($0).map { $0 < own } ?? false }
  }

  /// Compiles and links a program.
  ///
  /// - Returns: The mistakes in the blocks.
  private static func compile(
    _ files: [String], to program: String, module: String, package: PackageSources, built: String,
    of notebook: Notebook
  ) throws(Problem) -> [CompileError] {
    // Hundreds of paths do not fit on every system's command line.
    let (list, log) = (program + ".files", program + ".log")
    try write(files.map(FilePaths.quoted).joined(separator: "\n") + "\n", to: list)
    let isDebug = mode(of: built) == "debug"
    let words = [
      "swiftc", isDebug ? "-Onone" : "-O", "-swift-version", "6", "-module-name", module,
      "-I", FilePaths.joined(built, "Modules"), "-I",
      FilePaths.joined(package.folder, "Sources/CKernels/include"), "-lm", "-o", program,
      "@\(list)",
    ]
    unlink(log)
    guard let child = ChildProcess(words, errors: log) else {
      throw Problem(problem: "there is no swiftc on the path", remedy: "install Swift 6.3")
    }
    child.closeInput()
    let (bytes, pause) = child.read(within: patience)
    if pause == .ended(0) { return [] }
    unlink(program)
    let text =
      String(decoding: bytes, as: UTF8.self)
      + String(decoding: RegularFile.contents(log) ?? Data(), as: UTF8.self)
    let found = errors(in: text, of: notebook.path)
    guard !found.isEmpty else {
      throw Problem(
        subject: notebook.path, problem: "its Swift blocks cannot be built",
        remedy: "see the output of: \(words.map(FilePaths.quoted).joined(separator: " "))")
    }
    return found
  }

  /// Writes a file unless its content is unchanged, so that it is not compiled again.
  private static func write(_ text: String, to path: String) throws(Problem) {
    if RegularFile.contents(path) == Data(text.utf8) { return }
    try? FileManager.default.createDirectory(
      atPath: FilePaths.folder(of: path), withIntermediateDirectories: true)
    try AtomicFile.write(text, to: path)
  }

  private static func literal(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// The code before each block and after the last: it reports that a block is done, and waits until the next may begin. It is in
  /// its own file, so that what it imports is not visible to the blocks.
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
