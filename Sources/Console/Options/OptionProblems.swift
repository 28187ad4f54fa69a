import Findings

extension Problem.Kind {
  /// An unusable command line: the help says more.
  public static let commandLine: Self = "command-line"
}

/// Why a command line cannot be used.
extension Problem {
  /// No command has this name.
  public static func unknownCommand(_ name: String, nearest: String?) -> Problem {
    commandLine("there is no command \"\(name)\"", didYouMean(nearest))
  }

  /// The command has no option of this name.
  public static func unknownOption(_ name: String, nearest: String?) -> Problem {
    commandLine("there is no option \(name)", didYouMean(nearest))
  }

  /// An option that takes a value has none.
  public static func missingValue(option: String, placeholder: String) -> Problem {
    commandLine("\(option) needs a value: \(option) \(placeholder)")
  }

  /// An option without a value was given one.
  public static func unexpectedValue(option: String, value: String) -> Problem {
    commandLine(
      "\(option) takes no value, but was given \"\(value)\"", "write \(option) without a value")
  }

  /// An option that can be given only once was repeated.
  public static func duplicated(option: String) -> Problem {
    commandLine("\(option) was given more than once", "give \(option) once")
  }

  /// A value does not have the accepted form.
  public static func unusableValue(
    name: String, value: String, accepted: String, nearest: String?
  ) -> Problem {
    commandLine("\(name): \"\(value)\" is not \(accepted)", didYouMean(nearest))
  }

  /// The command takes no further arguments.
  public static func unexpectedArgument(_ text: String) -> Problem {
    commandLine("no argument is expected where \"\(text)\" was given")
  }

  /// A required argument is missing.
  public static func missingArgument(_ name: String) -> Problem {
    commandLine("\(name) is missing")
  }

  /// A required option is missing.
  public static func missingOption(_ name: String, placeholder: String) -> Problem {
    commandLine("\(name) \(placeholder) is missing")
  }

  private static func commandLine(_ problem: String, _ remedy: String = "") -> Problem {
    Problem(.commandLine, problem: problem, remedy: remedy)
  }

  private static func didYouMean(_ nearest: String?) -> String {
    nearest.map { "did you mean \($0)?" } ?? ""
  }
}
