import Console
import Findings
import Foundation

/// `plumb python`: writes the module by which Python programs use this one.
enum PythonCommand {
  private static let out = Option(
    "out", "FILE.py", .output(), default: "plumbline.py", help: "the file to write")

  static let command = Command(
    "python", summary: "writes plumbline.py: audit, check, save_torch, runs and figure for Python",
    discussion: """
      The module needs only NumPy, and finds this program on the PATH, through plumbline.program or through $PLUMB.

      import plumbline

      plumbline.audit(locals())
      """,
    options: [out],
    examples: [Command.Example("plumb python", "into the working folder")])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    let path = options[out]
    let module = Data(PackageResources.plumbline_py)
    if let old = FileManager.default.contents(atPath: path), old != module,
      !old.starts(with: Data("\"\"\"Plumbline from Python".utf8))
    {
      throw Problem(
        problem: "\(path) already exists and is another file",
        remedy: "move it away, or give --out another.py")
    }
    try AtomicFile.write(module, to: path)
    print("\(path): import plumbline, then plumbline.audit(locals())")
    return .done
  }
}
