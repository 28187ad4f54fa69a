import Foundation
import Plumbline
import TestSupport
import Testing

/// What all attacks share: how many there are, what is random, and the programs.
enum Attack {
  /// How many times as many attacks as the short form has: `PLUMB_ATTACKS=50 swift test --filter AttackTests` is the long one.
  static let scale =
    ProcessInfo.processInfo.environment["PLUMB_ATTACKS"].flatMap { Int($0) } ?? 1

  /// Whether programs are killed, starved and refused system calls: hundreds of calls of them, which the release tests make.
  static let isMade =
    BuildMode.isOptimized || ProcessInfo.processInfo.environment["PLUMB_ATTACKS"] != nil
  static let isLeftOut: Comment = "made by the release tests, and in debug with PLUMB_ATTACKS=1"

  /// The random numbers of an attack. A failure prints the seed.
  static func key(_ name: String, _ number: Int) -> Key {
    Key(seed: TestSeed.value)["attack"][name][number]
  }

  static func comment(_ name: String, _ number: Int) -> Comment {
    "\(name), attack \(number) of PLUMB_TEST_SEED=\(TestSeed.value)"
  }

  /// The library that makes system calls fail; `nil` without a C compiler or on another system than Linux.
  static let faults: String? = {
    #if os(Linux)
      let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("faults.c").path
      guard let folder = try? TemporaryFolder() else { return nil }
      // Kept for as long as the process is.
      _ = Unmanaged.passRetained(folder)
      let library = folder.file("faults.so")
      for compiler in ["clang", "cc", "gcc"] {
        let outcome = try? CommandProcess.start(
          program: URL(fileURLWithPath: "/usr/bin/env"),
          [compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], in: folder.path
        ).outcome()
        if outcome?.status == 0 { return library }
      }
    #endif
    return nil
  }()

  static let absence: Comment = "needs Linux and a C compiler"

  /// The environment in which one system call fails.
  static func environment(_ fault: String) -> [String: String] {
    ["LD_PRELOAD": faults ?? "", "PLUMB_FAULT": fault]
  }
}

/// A sweep of a second that attacks are made on.
struct Victim {
  let folder: TemporaryFolder
  private let words: [String]
  private let program: String

  /// A sweep of about twenty runs of some hundredths of a second.
  static func sweep() throws -> Victim {
    let folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
    return Victim(
      folder: folder,
      words: [
        "depth", "--data", "digits", "--arms", "plain,residual", "--depths", "2,4", "--width", "6",
        "--batch", "32", "--steps", "8", "--learning-rates", "1e-3,3e-3", "--seeds", "1",
        "--report-seeds", "2",
      ], program: "research")
  }

  /// A training of some steps.
  static func training() throws -> Victim {
    let folder = try TemporaryFolder()
    let rows = (0..<40).map { "\($0),\(($0 * 5) % 7),\($0 % 2)" }
    try folder.write(rows.joined(separator: "\n") + "\n", as: "points.csv")
    return Victim(
      folder: folder,
      words: ["train", "--data", "points.csv", "--network", "2,6,1", "--steps", "40"],
      program: "plumb")
  }

  /// A sweep of two runs with many small steps.
  static func longSweep() throws -> Victim {
    let folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
    return Victim(
      folder: folder,
      words: [
        "depth", "--data", "digits", "--arms", "plain", "--depths", "2", "--width", "6", "--batch",
        "32", "--steps", "600", "--learning-rates", "1e-3", "--report-seeds", "2",
      ], program: "research")
  }

  /// A training of many small steps.
  static func longTraining() throws -> Victim {
    let folder = try TemporaryFolder()
    let rows = (0..<40).map { "\($0),\(($0 * 5) % 7),\($0 % 2)" }
    try folder.write(rows.joined(separator: "\n") + "\n", as: "points.csv")
    return Victim(
      folder: folder,
      words: ["train", "--data", "points.csv", "--network", "2,6,1", "--steps", "3000"],
      program: "plumb")
  }

  func start(
    _ out: String, _ more: [String] = [], environment: [String: String] = [:]
  ) throws -> CommandProcess {
    try CommandProcess.start(
      program: CommandProcess.executable(named: program), words + ["--out", out] + more,
      in: folder.path, environment: environment)
  }

  func run(
    _ out: String, _ more: [String] = [], environment: [String: String] = [:]
  ) throws -> CommandProcess.Outcome {
    try start(out, more, environment: environment).outcome()
  }

  /// The same through a shell, which can close descriptors and set limits first.
  func run(_ out: String, shell prelude: String) throws -> CommandProcess.Outcome {
    try CommandProcess.start(
      program: URL(fileURLWithPath: "/bin/sh"),
      ["-c", prelude, CommandProcess.executable(named: program).path] + words + ["--out", out],
      in: folder.path
    ).outcome()
  }

  /// What has to be the same after every attack: all files but for what may vary.
  func content(_ out: String) throws -> [String: String] {
    var content: [String: String] = [:]
    for (name, bytes) in folder.content() where name.hasPrefix(out + "/") {
      guard let bytes else { continue }
      let file = String(name.dropFirst(out.count + 1))
      // Lines that could not be believed are kept apart.
      if file.hasPrefix("damaged-") { continue }
      switch file {
      case "record.json", "report.html", "figure.svg": content[file] = ""
      case "runs.jsonl":
        content[file] = try folder.lines(name).map(Self.lasting).sorted().joined(separator: "\n")
      default: content[file] = bytes.map { String($0) }.joined(separator: ",")
      }
    }
    return content
  }

  /// A line of `runs.jsonl` without what may vary.
  private static func lasting(_ line: String) throws -> String {
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
    var fields = try #require(object as? [String: Any])
    for name in ["seconds", "host"] { fields[name] = nil }
    if let epochs = fields["epochs"] as? [[String: Any]] {
      fields["epochs"] = epochs.map { $0.filter { $0.key != "seconds" } }
    }
    let data = try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)
    return String(decoding: data, as: UTF8.self)
  }
}

extension CommandProcess.Outcome {
  /// Whether the program ended itself, with a status that scripts know.
  var isOrderly: Bool { !isKilled && [0, 1, 2, 130].contains(status) }
}

/// A file system in memory of a small size, for what happens where a disk is full.
struct SmallDisk: ~Copyable {
  private let path: String

  /// Whether this process may mount one.
  static let canBeMounted: Bool = {
    guard let folder = try? TemporaryFolder(),
      let disk = try? SmallDisk(folder.file("disk"), kilobytes: 16)
    else { return false }
    _ = consume disk
    return true
  }()

  /// Mounts one at a path, which is made.
  init(_ path: String, kilobytes: Int) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Self.call(["mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "plumb-test", path])
    self.path = path
  }

  /// Makes room.
  func grow(kilobytes: Int) throws {
    try Self.call(["mount", "-o", "remount,size=\(kilobytes)k", path])
  }

  deinit { try? Self.call(["umount", path]) }

  private static func call(_ words: [String]) throws {
    let outcome = try CommandProcess.start(
      program: URL(fileURLWithPath: "/usr/bin/env"), words, in: "/tmp"
    ).outcome()
    if outcome.status != 0 { throw CocoaError(.fileWriteNoPermission) }
  }
}
