import Console
import Findings
import Foundation

/// Downloads files with the system's curl so that a file is either complete and correct, or absent.
///
/// Received data are collected in a file that ends in `.part`. An interrupted download resumes where it
/// stopped, at once and in a later call. A complete file is compared with its published checksum and
/// takes its name in one step; one that differs is set aside. A file that is present and correct is left
/// alone.
public struct Download: Sendable {
  /// The result of a call.
  public enum Outcome: String, Sendable, Hashable {
    /// The file was downloaded.
    case downloaded
    /// The file was already present and is correct.
    case present
  }

  /// The path of curl; nil if there is none.
  private let curl: String?
  private let environment: [String: String]

  /// Interrupted transfers are resumed until this many in a row bring nothing new.
  private static let fruitlessLimit = 3

  /// Downloads with the curl on this environment's search path.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.environment = environment
    curl = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/curl" }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  /// Downloads a file into a folder, which is created if needed.
  ///
  /// - Parameters:
  ///   - file: What to download: its name, size and SHA-256.
  ///   - addresses: The addresses of the file; the next is tried if one does not provide it.
  ///   - folder: The path of the folder.
  ///   - progress: Called from time to time with the number of bytes received.
  /// - Throws: ``/Findings/Problem`` of the last address, or if the content is wrong or cannot be stored, or the folder cannot be
  ///   created or written.
  @discardableResult
  public func fetch(
    _ file: PublicDataSet.File, from addresses: [String], into folder: String,
    progress: (_ byteCount: Int) -> Void = { _ in }
  ) throws -> Outcome {
    let path = FilePaths.joined(folder, file.name)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw DownloadObstacle.notWritten("the folder cannot be created").problem(
        file: path, address: "")
    }
    if FileManager.default.fileExists(atPath: path) {
      if let found = try difference(path, file) {
        throw DownloadObstacle.otherFile(found: found.found, expected: found.expected).problem(
          file: path, address: "")
      }
      progress(file.byteCount)
      return .present
    }
    try OutputFile.check(path)
    let transfer = Transfer(
      path: path, part: path + ".part", size: file.byteCount, curl: curl, environment: environment)
    let lock = try lock(transfer)
    defer { unlock(lock, transfer) }
    var failure: Problem?
    for base in addresses {
      let address = base.hasSuffix("/") ? base + file.name : "\(base)/\(file.name)"
      do {
        try complete(transfer, address, progress)
        try accept(transfer, file, address)
        return .downloaded
      } catch let error as Problem {
        guard error.kind == .unreachable || error.kind == .refused else { throw error }
        failure = error
      }
    }
    guard let failure else { fatalError("\(path): no address to download from") }
    throw failure
  }

  /// Keeps other calls, of this program or another, from writing into the same file. The lock ends with
  /// the program, however it ends.
  private func lock(_ transfer: Transfer) throws -> CInt {
    // Through a link, the data would go into another file.
    let handle = open(
      transfer.part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
    guard handle >= 0 else {
      let reason =
        errno == ELOOP ? "\(transfer.part) is a symbolic link" : String(cString: strerror(errno))
      throw DownloadObstacle.notWritten(reason).problem(file: transfer.path, address: "")
    }
    var status = stat()
    guard fstat(handle, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(handle)
      throw DownloadObstacle.notWritten("\(transfer.part) is not a regular file").problem(
        file: transfer.path, address: "")
    }
    guard !FileLock.isTaken(handle) else {
      close(handle)
      throw DownloadObstacle.busy.problem(file: transfer.path, address: "")
    }
    return handle
  }

  private func unlock(_ handle: CInt, _ transfer: Transfer) {
    if FileManager.default.fileExists(atPath: transfer.part), transfer.received == 0 {
      unlink(transfer.part)
    }
    close(handle)
  }

  /// Continues until everything has arrived.
  private func complete(
    _ transfer: Transfer, _ address: String, _ progress: (Int) -> Void
  ) throws {
    var fruitless = 0
    var resumes = true
    while transfer.received < transfer.size || transfer.received == 0 {
      let before = resumes ? transfer.received : 0
      switch try transfer.run(address, resumes: resumes, progress: progress) {
      case .complete: return
      case .cannotResume:
        // The server gives whole files only.
        guard resumes else {
          throw DownloadObstacle.refused(status: 416).problem(file: transfer.path, address: address)
        }
        resumes = false
      case .broken(let reason):
        fruitless = transfer.received > before ? 0 : fruitless + 1
        guard fruitless < Self.fruitlessLimit else {
          throw DownloadObstacle.broken(
            received: transfer.received, of: transfer.size, reason: reason
          ).problem(file: transfer.path, address: address)
        }
      }
    }
  }

  /// Gives a complete file its name, or sets it aside.
  private func accept(
    _ transfer: Transfer, _ file: PublicDataSet.File, _ address: String
  ) throws {
    if let found = try difference(transfer.part, file) {
      var aside = transfer.path + ".wrong-checksum"
      var number = 2
      while FileManager.default.fileExists(atPath: aside) {
        aside = "\(transfer.path).wrong-checksum-\(number)"
        number += 1
      }
      rename(transfer.part, aside)
      throw DownloadObstacle.wrongContent(
        found: found.found, expected: found.expected, aside: aside
      ).problem(file: transfer.path, address: address)
    }
    let handle = open(transfer.part, O_RDONLY | O_CLOEXEC)
    if handle >= 0 {
      fsync(handle)
      close(handle)
    }
    guard rename(transfer.part, transfer.path) == 0 else {
      throw DownloadObstacle.notWritten(String(cString: strerror(errno))).problem(
        file: transfer.path, address: address)
    }
  }

  /// How a file differs from the published one; nil if it does not.
  private func difference(
    _ path: String, _ file: PublicDataSet.File
  ) throws(Problem) -> (found: String, expected: String)? {
    let size = Transfer.size(of: path)
    guard size == file.byteCount else {
      return ("\(NumberFormat.count(size)) bytes", "\(NumberFormat.count(file.byteCount))")
    }
    let checksum = try SHA256.ofFile(path)
    return checksum == file.checksum ? nil : ("SHA-256 \(checksum)", file.checksum)
  }
}
