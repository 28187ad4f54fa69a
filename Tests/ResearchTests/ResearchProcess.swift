import Foundation
import Testing

/// The `research` command as its users see it: a process with a folder, words, and an environment.
struct ResearchProcess {
  /// What a finished process leaves.
  struct Outcome {
    /// The exit status; the number of the signal where `isKilled`.
    let status: Int32
    let isKilled: Bool
    let output: String
    let error: String
  }

  /// What the process of a test may not exceed. Far above what any needs, so that only a hang fails.
  private static let timeLimit = DispatchTimeInterval.seconds(600)

  private final class Anchor {}

  /// The built program, which stands beside the test bundle or a few folders above it.
  static let executable: URL? = {
    // On macOS the bundle is loaded by a helper of the toolchain, on Linux it is the program itself.
    let starts = [Bundle(for: Anchor.self).bundleURL, Bundle.main.executableURL].compactMap { $0 }
    for start in starts {
      var folder = start
      for _ in 0..<5 {
        folder.deleteLastPathComponent()
        let program = folder.appendingPathComponent("research")
        var isFolder: ObjCBool = false
        // The folder `Research` of the sources has the same name where case makes no difference.
        if FileManager.default.fileExists(atPath: program.path, isDirectory: &isFolder),
          !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: program.path)
        {
          return program
        }
      }
    }
    return nil
  }()

  /// The environment of this process without what would change a result.
  static func environment(_ changes: [String: String]) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
    for name in ["PLUMB_DATA", "PLUMB_ISA"] { environment[name] = nil }
    return environment.merging(changes) { _, new in new }
  }

  private let process = Process()
  private let ended = DispatchSemaphore(value: 0)
  private let streams: TemporaryFolder

  /// The process's number.
  var identifier: Int32 { process.processIdentifier }

  /// Whether it has not ended yet.
  var isRunning: Bool { process.isRunning }

  /// Starts `research` with these words in `folder`; the two streams go to files, which never fill up.
  static func start(
    _ words: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> ResearchProcess {
    let program = try #require(executable, "the program research stands beside no test bundle")
    return try start(program: program, words, in: folder.path, environment: environment)
  }

  /// Starts any program.
  static func start(
    program: URL, _ words: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> ResearchProcess {
    let run = ResearchProcess(streams: try TemporaryFolder())
    let process = run.process
    process.executableURL = program
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = Self.environment(environment)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: run.streams.write([], as: "output"))
    process.standardError = try FileHandle(forWritingTo: run.streams.write([], as: "error"))
    let ended = run.ended
    process.terminationHandler = { _ in ended.signal() }
    // A child inherits the signals that its parent's thread blocks, and the pool's threads block all.
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
    return run
  }

  private init(streams: TemporaryFolder) { self.streams = streams }

  /// Waits for the end; kills a process that takes too long, and records that.
  func outcome(_ location: SourceLocation = #_sourceLocation) -> Outcome {
    if ended.wait(timeout: .now() + Self.timeLimit) == .timedOut {
      Issue.record("research did not end in time", sourceLocation: location)
      kill(identifier, SIGKILL)
      ended.wait()
    }
    return Outcome(
      status: process.terminationStatus, isKilled: process.terminationReason == .uncaughtSignal,
      output: streams.text("output") ?? "", error: streams.text("error") ?? "")
  }

  /// Runs `research` to its end.
  static func run(
    _ words: [String], in folder: TemporaryFolder, environment: [String: String] = [:],
    _ location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    try start(words, in: folder, environment: environment).outcome(location)
  }
}
