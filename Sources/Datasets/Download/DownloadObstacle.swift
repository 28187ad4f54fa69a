import Console
import Findings

/// What prevents a download.
enum DownloadObstacle {
  /// There is no `curl` in the search path.
  case noCurl
  /// The address could not be reached; with curl's own words.
  case unreachable(String)
  /// The server answered with this status.
  case refused(status: Int)
  /// The connection broke repeatedly; this many bytes are kept.
  case broken(received: Int, of: Int, reason: String)
  /// The content is not what was published, and was set aside under this path.
  case wrongContent(found: String, expected: String, aside: String)
  /// A file of this name exists and is not the published one.
  case otherFile(found: String, expected: String)
  /// The disk is full, or the file cannot be written.
  case notWritten(String)
  /// The archive lacks a member, or is damaged; with a description.
  case archive(String)
  /// Another call is downloading the file.
  case busy
  /// A signal ended the download; what was received is kept.
  case interrupted

  /// The problem that results for fetching a file.
  ///
  /// - Parameter address: The address; empty if none was contacted.
  func problem(file: String, address: String) -> Problem {
    let (kind, words, remedy) = parts(file, address)
    return Problem(
      kind, subject: file + (address.isEmpty ? "" : " from \(address)"), problem: words,
      remedy: remedy)
  }

  private func parts(
    _ file: String, _ address: String
  ) -> (kind: Problem.Kind, problem: String, remedy: String) {
    switch self {
    case .noCurl:
      (
        .noCurl, "curl is not on the search path",
        "install curl, or download \(address) by other means and save it there under this name"
      )
    case .unreachable(let words):
      (
        .unreachable, "the address cannot be reached (\(words))",
        "check the network connection, or give another address: \(Setting.from) URL"
      )
    case .refused(let status):
      (
        .refused,
        status == 404
          ? "the server has no such file (status 404)" : "the server refused it (status \(status))",
        "give another address for the file: \(Setting.from) URL"
      )
    case .broken(let received, let all, let words):
      (
        .broken,
        "the connection was lost after \(NumberFormat.count(received)) of \(NumberFormat.count(all)) bytes "
          + "(\(words))",
        "run the command again: it resumes where it stopped (\(file).part)"
      )
    case .wrongContent(let found, let expected, let aside):
      (
        .wrongContent,
        "the content differs from the published file: \(found) instead of \(expected)",
        "the download was kept as \(aside); run the command again, or give another address: \(Setting.from) URL"
      )
    case .otherFile(let found, let expected):
      (
        .otherFile,
        "a file of this name exists and is not the published one: \(found) instead of \(expected)",
        "move it away, or choose another folder: \(Setting.out) DIR"
      )
    case .notWritten(let words):
      (
        .unwritable, "it cannot be written (\(words))",
        "free some space, or choose another folder: \(Setting.out) DIR; then run it again"
      )
    case .archive(let words):
      (
        .corrupt, "the archive cannot be unpacked: \(words)",
        "remove the archive and run the command again"
      )
    case .busy:
      (
        .busy, "another program is currently downloading it",
        "wait until it is done, then run the command again"
      )
    case .interrupted:
      (
        .interrupted, "it was interrupted",
        "run the command again: it resumes where it stopped (\(file).part)"
      )
    }
  }
}

/// What is wrong with a download, for callers that distinguish cases.
extension Problem.Kind {
  /// There is no `curl` in the search path.
  public static let noCurl: Self = "noCurl"
  /// The address could not be reached.
  public static let unreachable: Self = "unreachable"
  /// The server refused the file.
  public static let refused: Self = "refused"
  /// The connection broke repeatedly.
  public static let broken: Self = "broken"
  /// The content is not what was published.
  public static let wrongContent: Self = "wrongContent"
  /// A file of this name exists and is not the published one.
  public static let otherFile: Self = "otherFile"
  /// Another call is downloading the file.
  public static let busy: Self = "busy"
  /// A signal ended the download.
  public static let interrupted: Self = "interrupted"
}
