import Foundation
import TestSupport
import Testing

/// Python programs that use the module of `plumb python`, run by the interpreter of `$PLUMB_PYTHON`, or else by `python3` of the path.
enum PythonRun {
  private static let interpreter =
    ProcessInfo.processInfo.environment["PLUMB_PYTHON"] ?? "python3"

  /// The packages that tests may want and that this interpreter has.
  private static let available: Set<String> = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      interpreter, "-c",
      "import importlib.util as u; print(*[m for m in ('numpy', 'pandas', 'torch', 'ipykernel', 'jupyter_client') if u.find_spec(m)])",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return [] }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
  }()

  /// Runs the test where Python has these packages, and says which are missing elsewhere.
  static func needs(_ packages: String...) -> ConditionTrait {
    let missing = packages.filter { !available.contains($0) }
    return .enabled(
      if: missing.isEmpty,
      "needs Python with \(packages.joined(separator: ", ")), of which \(missing.joined(separator: ", ")) is missing; $PLUMB_PYTHON names another interpreter"
    )
  }

  /// What a program prints that runs next to the module, which knows the built plumb.
  static func output(of program: String, in folder: TemporaryFolder) throws -> String {
    let written = try PlumbProcess.run(["python"], in: folder)
    #expect(written.status == 0, "\(written.error)")
    let plumb = try CommandProcess.executable(named: "plumb").path
    try folder.write(Array("import plumbline\n\(program)\n".utf8), as: "program.py")
    let outcome = try CommandProcess.start(
      program: URL(fileURLWithPath: "/usr/bin/env"), [interpreter, "program.py"], in: folder.path,
      environment: ["PLUMB": plumb]
    ).outcome()
    #expect(outcome.status == 0, "\(outcome.error)")
    return outcome.output
  }
}
