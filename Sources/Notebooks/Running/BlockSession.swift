import Console
import Foundation

/// A process that runs the blocks of one language one after another, and before each waits for a line on its standard input.
final class BlockSession {
  /// What the process prints when a block is done.
  static let doneMark = "\u{1E}plumb: block done\u{1E}\n"
  /// What it prints when a block has ended with an error that the process survives.
  static let failedMark = "\u{1E}plumb: block failed\u{1E}\n"

  /// How a block has ended.
  enum End: Sendable, Hashable {
    case done
    /// With an error, described on standard error.
    case failed
    /// The process has ended, with this status.
    case ended(Int32)
    case overdue
    case interrupted
  }

  private let process: ChildProcess
  private let errors: String
  /// How much of standard error has been returned.
  private var told = 0

  /// Starts the process; `nil` if that fails.
  ///
  /// - Parameter errors: The file that takes its standard error.
  init?(_ words: [String], in folder: String, environment: [String: String], errors: String) {
    guard
      let process = ChildProcess(
        words, in: folder, environment: environment, errors: errors)
    else { return nil }
    self.process = process
    self.errors = errors
  }

  /// Runs a block.
  ///
  /// - Parameter request: The line that requests it; `nil` if the process runs one block and ends.
  func run(_ request: String?, within seconds: Double) -> (output: String, error: String, end: End)
  {
    if let request { process.send(request + "\n") } else { process.closeInput() }
    // Both marks begin and end in the same way, so reading continues to the end of a mark.
    let (bytes, pause) = process.read(
      until: request == nil ? nil : "\u{1E}\n", within: seconds)
    var text = String(decoding: bytes, as: UTF8.self)
    let end: End
    switch pause {
    case .mark:
      let parts = text.split(separator: "\u{1E}", omittingEmptySubsequences: false)
      text = parts.dropLast().joined(separator: "\u{1E}")
      end = Self.failedMark.contains(parts.last ?? "-") ? .failed : .done
    case .ended(let status): end = request == nil && status == 0 ? .done : .ended(status)
    case .overdue:
      process.stop()
      end = .overdue
    case .interrupted: end = .interrupted
    }
    let all = RegularFile.contents(errors) ?? Data()
    let error = String(decoding: all.dropFirst(told), as: UTF8.self)
    told = all.count
    return (text, error, end)
  }
}
