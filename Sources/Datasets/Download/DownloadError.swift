import Console
import Foundation

/// Why a file could not be downloaded.
public struct DownloadError: Error, Sendable, Hashable {
  /// What stood in the way.
  public enum Problem: Sendable, Hashable {
    /// There is no `curl` in the search path.
    case noCurl
    /// The address could not be reached; with curl's own words.
    case unreachable(String)
    /// The server answered with this status.
    case refused(status: Int)
    /// The connection broke again and again; so many bytes are kept.
    case broken(received: Int, of: Int, reason: String)
    /// The content is not what was published, and was put aside under this path.
    case wrongContent(found: String, expected: String, aside: String)
    /// A file of this name is there and is not the published one.
    case otherFile(found: String, expected: String)
    /// The disk is full, or the file cannot be written.
    case notWritten(String)
    /// The archive lacks a member, or is damaged; with words.
    case archive(String)
    /// Another call is downloading the file.
    case busy
    /// A signal ended the download; what came is kept.
    case interrupted
  }

  /// The file that was to be there.
  public let file: String
  /// The address; empty where none was asked.
  public let address: String
  /// What stood in the way.
  public let problem: Problem

  /// An error of these parts.
  public init(file: String, address: String, problem: Problem) {
    self.file = file
    self.address = address
    self.problem = problem
  }
}

extension DownloadError: LocalizedError {
  /// What is wrong, with file and address.
  public var errorDescription: String? {
    let from = address.isEmpty ? "" : " from \(address)"
    let reason =
      switch problem {
      case .noCurl: "there is no curl in the search path"
      case .unreachable(let words): "the address cannot be reached (\(words))"
      case .refused(404): "the server has no such file (status 404)"
      case .refused(let status): "the server refused it (status \(status))"
      case .broken(let received, let all, let words):
        "the connection broke after \(NumberFormat.count(received)) of \(NumberFormat.count(all)) bytes "
          + "(\(words))"
      case .wrongContent(let found, let expected, _):
        "the content is not what was published: \(found) instead of \(expected)"
      case .otherFile(let found, let expected):
        "a file of this name is there and is not the published one: \(found) instead of \(expected)"
      case .notWritten(let words): "it cannot be written (\(words))"
      case .archive(let words): "the archive cannot be unpacked: \(words)"
      case .busy: "another program is downloading it at the moment"
      case .interrupted: "it was interrupted"
      }
    return "\(file)\(from): \(reason)"
  }

  /// What to do about it.
  public var recoverySuggestion: String? {
    switch problem {
    case .noCurl:
      "install curl, or download \(address) by other means and put it there under this name"
    case .unreachable: "look at the network connection, or give another address: --from URL"
    case .refused: "give another address under which the file lies: --from URL"
    case .broken, .interrupted:
      "run the command again: it goes on where it stopped (\(file).part)"
    case .wrongContent(_, _, let aside):
      "what came was put aside as \(aside); run the command again, or give another address: --from URL"
    case .otherFile: "move it away, or choose another folder: --out DIR"
    case .notWritten: "free some space, or choose another folder: --out DIR; then run it again"
    case .busy: "wait until that is done, then run the command again"
    case .archive: "remove the archive and run the command again"
    }
  }
}
