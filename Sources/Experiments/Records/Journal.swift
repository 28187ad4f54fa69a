import Console
import Findings
import Foundation
import Synchronization

/// `runs.jsonl`: one line per finished run, appended by a single write so that a killed process leaves whole lines and at
/// most one incomplete line at the end, which is dropped when the journal is reopened.
public final class Journal: Sendable {
  /// The file; `nil` for a journal in memory.
  private let file: File?
  private let state: Mutex<State>

  /// An open file, and the path that led to it.
  fileprivate struct File {
    let path: String, descriptor: Int32
  }

  /// The finished runs.
  private struct State {
    /// The existing lines, concatenated; those of this process are kept separately.
    var lines: [String: RunLine] = [:]
    /// Lines of other files.
    var known: [String: RunLine] = [:]
    /// The number of runs that this process has added.
    var added = 0
  }

  /// Lines of the file that cannot be trusted.
  struct Damage: Sendable {
    /// The numbers of the lines, from 1.
    var numbers: [Int] = []
    /// The file that they were moved to, so that nothing else is lost, while their runs are repeated; `nil` if they stay.
    var movedTo: String?
  }

  /// What was moved out of the file when it was opened.
  let damage: Damage

  /// Opens the journal of a folder, and reads the runs that it holds.
  ///
  /// - Parameters:
  ///   - folder: The folder that holds the file.
  ///   - kind: The kind of the runs of earlier versions, whose lines have no checksum.
  ///   - name: The name of the file.
  /// - Throws: ``/Findings/Problem`` if another process writes to it, or a line is invalid; the file is left unchanged.
  /// - Complexity: O(bytes). Outcomes are decoded when they are requested.
  public convenience init(
    in folder: ResultsFolder, of kind: any RunConfiguration.Type, named name: String = "runs.jsonl"
  ) throws(Problem) {
    try self.init(in: folder, of: kind, named: name, setsDamageAside: false)
  }

  /// Opens the journal of a folder.
  ///
  /// - Parameter setsDamageAside: Whether damaged lines are moved to a separate file.
  init(
    in folder: ResultsFolder, of kind: any RunConfiguration.Type, named name: String = "runs.jsonl",
    setsDamageAside: Bool
  ) throws(Problem) {
    let path = folder.file(name)
    var descriptor = try Self.locked(path)
    do throws(Problem) {
      var content = try Self.content(of: path, kind)
      var moved: String?
      if let first = content.damaged.first {
        // If two lines contradict each other, a person must decide which is true.
        let contradiction = content.damaged.first { $0.contradicts != nil }
        guard setsDamageAside, contradiction == nil else {
          throw (contradiction ?? first).problem(in: path)
        }
        let aside = folder.file("damaged-\(name)")
        try Self.move(content.damaged, of: content.data, to: aside, from: path)
        moved = aside
        // The file was replaced by another of the same name.
        let renewed = try Self.locked(path)
        close(descriptor)
        descriptor = renewed
      } else if content.end < content.size, ftruncate(descriptor, off_t(content.end)) != 0 {
        throw Problem(
          subject: path, problem: "the incomplete last line cannot be removed",
          remedy: "remove it by hand")
      }
      damage = Damage(numbers: content.damaged.map(\.number).sorted(), movedTo: moved)
      content.data = Data()
      state = Mutex(State(lines: content.lines.mapValues(\.line)))
    } catch {
      close(descriptor)
      throw error
    }
    file = File(path: path, descriptor: descriptor)
  }

  /// A journal without a file: it knows these runs, and keeps additions in memory.
  init(replaying lines: [RunLine]) {
    file = nil
    damage = Damage()
    state = Mutex(
      State(lines: Dictionary(lines.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })))
  }

  deinit { if let file { close(file.descriptor) } }

  /// The runs in a folder, in the order in which they finished. Nothing is locked or changed.
  static func recorded(
    in folder: ResultsFolder, of kind: any RunConfiguration.Type, named name: String = "runs.jsonl"
  ) throws(Problem) -> [RunLine] {
    let (lines, damaged) = try readable(in: folder, of: kind, named: name)
    if let first = damaged.first { throw first.problem(in: folder.file(name)) }
    return lines
  }

  /// The runs in a folder, without damaged lines. Nothing is locked or changed.
  static func readable(
    in folder: ResultsFolder, of kind: any RunConfiguration.Type, named name: String = "runs.jsonl"
  ) throws(Problem) -> (lines: [RunLine], damaged: [DamagedLine]) {
    let content = try content(of: folder.file(name), kind)
    return (
      content.lines.values.sorted { $0.number < $1.number }.map(\.line), content.damaged
    )
  }

  /// Moves lines into a separate file. To be called only by the holder of the lock.
  private static func move(
    _ damaged: [DamagedLine], of data: Data, to aside: String, from path: String
  ) throws(Problem) {
    let numbers = Set(damaged.map(\.number))
    var (bad, whole) = (Data(), Data(capacity: data.count))
    for (number, range) in zip(1..., LineRanges(of: data)) {
      let line = data[range] + Data("\n".utf8)
      if numbers.contains(number) { bad += line } else { whole += line }
    }
    // First the copy: a process that is killed in between leaves both, and the move is repeated.
    try AtomicFile.write((RegularFile.contents(aside) ?? Data()) + bad, to: aside)
    try AtomicFile.write(whole, to: path)
  }

  /// A descriptor of the file, which is locked for this process.
  private static func locked(_ path: String) throws(Problem) -> Int32 {
    let descriptor = try opened(path)
    guard !FileLock.isTaken(descriptor) else {
      close(descriptor)
      throw Problem(
        subject: path, problem: "another process is writing to this sweep",
        remedy: "wait for it, or give another folder to \(Setting.out)")
    }
    return descriptor
  }

  /// A descriptor of the file, which is created if missing. Opening a pipe would wait for its other end.
  private static func opened(_ path: String) throws(Problem) -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else {
      throw Problem(
        subject: path, problem: "the file cannot be opened (\(String(cString: strerror(errno))))",
        remedy: "change its permissions or give another folder to \(Setting.out)")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Problem(
        subject: path, problem: "this is not a regular file",
        remedy: "remove it, or give another folder to \(Setting.out)")
    }
    return descriptor
  }

  /// What a file holds.
  private struct Content {
    var data: Data
    /// The runs by their keys, each with the number of its line.
    var lines: [String: (line: RunLine, number: Int)] = [:]
    var damaged: [DamagedLine] = []
    /// The end of the last whole line, and that of the file.
    var end = 0, size = 0
  }

  private static func content(
    of path: String, _ kind: any RunConfiguration.Type
  ) throws(Problem) -> Content {
    guard let data = RegularFile.contents(path) else {
      throw Problem(
        subject: path, problem: "the file cannot be read", remedy: "change its permissions")
    }
    var content = Content(data: data)
    (content.end, content.size) = (data.startIndex, data.endIndex)
    for (number, range) in zip(1..., LineRanges(of: data)) {
      content.end = range.upperBound + 1
      let text = data[range]
      if text.isEmpty { continue }
      guard let line = RunLine(checked: text) ?? RunLine(unchecked: Data(text), kind) else {
        content.damaged.append(DamagedLine(number: number))
        continue
      }
      if let first = content.lines[line.key] {
        guard !line.agrees(with: first.line) else { continue }
        content.damaged.append(DamagedLine(number: number, contradicts: first.number))
      } else {
        content.lines[line.key] = (line, number)
      }
    }
    return content
  }

  /// The name of its file; `nil` for a journal in memory.
  var name: String? { file.map { ($0.path as NSString).lastPathComponent } }

  /// The number of finished runs.
  public var count: Int { state.withLock { $0.lines.count } }

  /// Whether it contains no runs.
  var isEmpty: Bool { state.withLock { $0.lines.isEmpty && $0.known.isEmpty } }

  /// The number of runs that this process has finished.
  public var added: Int { state.withLock { $0.added } }

  /// The line of a finished run; `nil` if it is not finished.
  func line(key: String) -> RunLine? {
    state.withLock { $0.lines[key] ?? $0.known[key] }
  }

  /// Treats runs from other files as finished, without writing them to this one.
  func know(_ lines: [RunLine]) {
    state.withLock { state in
      for line in lines { state.known[line.key] = line }
    }
  }

  /// The outcome of a finished run; `nil` if it is not finished.
  ///
  /// - Throws: ``/Findings/Problem`` if the line holds something else.
  package func outcome<Outcome: RunOutcome>(
    key: String, as kind: Outcome.Type = Outcome.self
  ) throws(Problem) -> Outcome? {
    guard let line = line(key: key) else { return nil }
    do {
      return try line.outcome()
    } catch {
      throw Problem(
        subject: file?.path, location: "the line of the run \(key)",
        problem: "it does not belong to this sweep",
        remedy: "remove the line to have the run repeated")
    }
  }

  /// Records a finished run.
  package func append(_ configuration: some RunConfiguration, _ outcome: some RunOutcome) throws {
    try append([RunLine(configuration, outcome)])
  }

  /// Records the content of another journal, except what is already here.
  ///
  /// - Returns: The number of runs that were added.
  /// - Throws: ``/Findings/Problem`` if a line contradicts the one already here for the same run.
  func take(_ lines: [RunLine], from name: String) throws -> Int {
    var missing: [RunLine] = []
    for line in lines {
      guard let own = self.line(key: line.key) else {
        missing.append(line)
        continue
      }
      guard line.agrees(with: own) else {
        throw Problem(
          subject: name, location: "the run \(line.key)",
          problem: "it contradicts another part's record of the same run",
          remedy: "verify both on one machine: \(Provenance.program) verify DIR \(Setting.all)")
      }
    }
    // All at once: forcing each line to the disk would take a hundred times as long.
    try append(missing)
    return missing.count
  }

  private func append(_ lines: [RunLine]) throws {
    guard !lines.isEmpty else { return }
    var data = Data(capacity: lines.reduce(0) { $0 + $1.text.count + 1 })
    for line in lines {
      data += line.text
      data.append(10)
    }
    try state.withLock { state in
      if let file { try Interrupts.finishing { try file.append(data) } }
      for line in lines { state.lines[line.key] = line }
      state.added += lines.count
    }
  }
}

extension Journal.File {
  /// Appends a line as a whole.
  ///
  /// - Throws: ``/Findings/Problem`` if it cannot be reliably written to disk; in that case it is not in the file.
  func append(_ line: Data) throws(Problem) {
    try checkIdentity()
    let failure = line.withUnsafeBytes { Self.appendWhole(descriptor, $0.baseAddress, $0.count) }
    if let failure {
      throw Problem(
        subject: path,
        problem: "a finished run cannot be recorded (\(String(cString: strerror(failure))))",
        remedy: "free some space and run the same command again; what is recorded is kept")
    }
  }

  /// Throws if the path no longer leads to the open file: what is appended to a removed file is lost, and another
  /// process could lock a new one.
  private func checkIdentity() throws(Problem) {
    var (opened, named) = (stat(), stat())
    guard fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_dev == named.st_dev,
      opened.st_ino == named.st_ino
    else {
      throw Problem(
        subject: path, problem: "the file was removed or replaced during the sweep",
        remedy: "run the same command again; the file's content is lost")
    }
  }

  /// One write, so that the lines of a killed process are whole; more only if a signal interrupted it, or the disk took only a
  /// part. What cannot be completed is removed, so that no later line follows half a line.
  ///
  /// - Returns: The error of the operating system; `nil` if all was written and is on the disk.
  private static func appendWhole(
    _ descriptor: Int32, _ data: UnsafeRawPointer?, _ count: Int
  ) -> Int32? {
    let end = lseek(descriptor, 0, SEEK_END)
    var done = 0
    while done < count {
      let written = write(descriptor, data.map { $0 + done }, count - done)
      if written > 0 {
        done += written
      } else if written == 0 || errno != EINTR {
        let failure = written < 0 ? errno : ENOSPC
        ftruncate(descriptor, end)
        return failure
      }
    }
    // On a file system that cannot force a file to the disk, the file is as safe as it gets.
    if fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP {
      let failure = errno
      ftruncate(descriptor, end)
      return failure
    }
    return nil
  }
}

/// A line of a journal that cannot be trusted.
struct DamagedLine: Sendable {
  /// Its number, from 1.
  let number: Int
  /// The line that contradicts this one for the same run; `nil` if this one is not a run at all.
  var contradicts: Int?

  /// The message about it.
  func problem(in path: String) -> Problem {
    let folder = FilePaths.quoted(FilePaths.folder(of: path))
    return Problem(
      subject: path, location: "line \(number)",
      problem: contradicts.map { "it contradicts line \($0) about the same run" }
        ?? "the line is not a run of this sweep, or was changed",
      remedy: contradicts == nil
        ? "\(Provenance.program) resume \(folder) sets it aside and repeats the run, as it does if you remove the line"
        : "remove both lines to have the run repeated"
    )
  }
}

/// The ranges of the lines of a text, without their newlines; a last line without one does not count.
private struct LineRanges: Sequence, IteratorProtocol {
  private let data: Data
  private var start: Data.Index

  init(of data: Data) {
    self.data = data
    start = data.startIndex
  }

  mutating func next() -> Range<Data.Index>? {
    let begin = start
    let offset = begin - data.startIndex
    let length = data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Int? in
      guard let base = bytes.baseAddress?.advanced(by: offset) else { return nil }
      guard let newline = memchr(base, 10, bytes.count - offset) else { return nil }
      return UnsafeRawPointer(newline) - base
    }
    guard let length else { return nil }
    start = begin + length + 1
    return begin..<begin + length
  }
}
