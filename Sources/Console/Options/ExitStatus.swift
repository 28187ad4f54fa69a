import Findings
import Foundation

/// How a program ends, as seen by scripts.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  /// Done, and the answer is yes.
  case done = 0
  /// Done, and the answer is no: a check failed, or a claim did not hold.
  case answerIsNo = 1
  /// The request or an input is unusable; nothing was written or lost.
  case unusable = 2
  /// Stopped by a signal; what was finished is kept.
  case interrupted = 130

  /// What the status means, in a few words.
  public var meaning: String {
    switch self {
    case .done: "done and true"
    case .answerIsNo: "done, and the answer is no: a check failed, or a claim did not hold"
    case .unusable: "the request or an input cannot be used; nothing was written or lost"
    case .interrupted: "interrupted; what was finished is kept"
    }
  }

  /// Ends the program with this status; with ``unusable`` if standard output did not accept everything that was printed.
  public func exit() -> Never {
    // Results lost to a full disk must not be reported as done.
    if fflush(nil) != 0 {
      let reason = String(cString: strerror(errno))
      StandardStreams.writeError("cannot write the results to standard output: \(reason)\n")
      Foundation.exit(Self.unusable.rawValue)
    }
    Foundation.exit(rawValue)
  }
}

/// What a program says about an error before it ends.
public enum ErrorReport {
  /// `program: message; remedy` on one line, and for a command line a second one that refers to the help.
  ///
  /// A ``Problem`` is reported with its setting as the option of that name; any other error by its description.
  public static func text(_ error: any Error, program: String) -> String {
    guard let problem = error as? Problem else {
      let message =
        (error as? any LocalizedError)?.errorDescription ?? String(describing: error)
      return PrintableText.of("\(program): \(message)\n")
    }
    var text = "\(program): \(problem.naming(\.option))\n"
    if problem.kind == .commandLine { text += "  \(program) --help lists what is accepted\n" }
    return PrintableText.of(text)
  }

  /// Reports an error on standard error and ends the program with ``ExitStatus/unusable``.
  ///
  /// - Parameter program: the name of the program, and of the command if there is one.
  public static func fail(_ error: any Error, program: String) -> Never {
    StandardStreams.writeError(text(error, program: program))
    ExitStatus.unusable.exit()
  }
}
