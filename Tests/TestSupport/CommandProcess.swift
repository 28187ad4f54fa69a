import Foundation

/// A program of this package as its users see it: a process with a folder, words, and an environment.
package struct CommandProcess {
  /// What a finished process leaves.
  package struct Outcome {
    /// The exit status; the number of the signal where `isKilled`.
    package let status: Int32
    package let isKilled: Bool
    package let output: String
    package let error: String
  }

  /// Why there is no outcome.
  package enum Failure: Error, CustomStringConvertible {
    case noProgram(String)
    case overdue(String)

    package var description: String {
      switch self {
      case .noProgram(let name): "the program \(name) is not next to a test bundle"
      case .overdue(let name): "\(name) did not end in time"
      }
    }
  }

  /// What the process of a test may not exceed. Far above what any needs, so that only a hang fails.
  private static let timeLimit = DispatchTimeInterval.seconds(600)

  private final class Anchor {}

  /// The built program of this name, next to the test bundle or a few folders above it.
  package static func executable(named name: String) throws -> URL {
    // On macOS the bundle is loaded by a helper of the toolchain, on Linux it is the program itself.
    let starts = [Bundle(for: Anchor.self).bundleURL, Bundle.main.executableURL].compactMap { $0 }
    for start in starts {
      var folder = start
      for _ in 0..<5 {
        folder.deleteLastPathComponent()
        let program = folder.appendingPathComponent(name)
        var isFolder: ObjCBool = false
        // The folder `Research` of the sources has a program's name where case makes no difference.
        if FileManager.default.fileExists(atPath: program.path, isDirectory: &isFolder),
          !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: program.path)
        {
          return program
        }
      }
    }
    throw Failure.noProgram(name)
  }

  /// The environment of this process without what would change a result.
  package static func environment(_ changes: [String: String]) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
    for name in ["PLUMB_DATA", "PLUMB_ISA"] { environment[name] = nil }
    return environment.merging(changes) { _, new in new }
  }

  private let process = Process()
  private let ended = DispatchSemaphore(value: 0)
  private let streams: TemporaryFolder

  /// The process's number.
  package var identifier: Int32 { process.processIdentifier }

  /// Whether it has not ended yet.
  package var isRunning: Bool { process.isRunning }

  /// Starts a program with these words in a folder; the two streams go to files, which never fill up.
  package static func start(
    program: URL, _ words: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> CommandProcess {
    let run = CommandProcess(streams: try TemporaryFolder())
    let process = run.process
    process.executableURL = program
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = Self.environment(environment)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try run.streams.stream("output")
    process.standardError = try run.streams.stream("error")
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

  /// Waits for the end; a process that takes too long is killed, which is an error.
  package func outcome() throws -> Outcome {
    if ended.wait(timeout: .now() + Self.timeLimit) == .timedOut {
      kill(identifier, SIGKILL)
      ended.wait()
      throw Failure.overdue(process.executableURL?.lastPathComponent ?? "the program")
    }
    return Outcome(
      status: process.terminationStatus, isKilled: process.terminationReason == .uncaughtSignal,
      output: streams.text("output") ?? "", error: streams.text("error") ?? "")
  }
}

extension TemporaryFolder {
  /// A new empty file, open for writing.
  fileprivate func stream(_ name: String) throws -> FileHandle {
    try FileHandle(forWritingTo: URL(fileURLWithPath: write([], as: name)))
  }
}
