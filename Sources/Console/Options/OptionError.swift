import Foundation

/// Why a command line cannot be used.
public enum OptionError: Error, Sendable, Hashable {
  /// No command has this name.
  case unknownCommand(String, nearest: String?)
  /// The command has no option of this name.
  case unknownOption(String, nearest: String?)
  /// An option that takes a value stands without one.
  case missingValue(option: String, placeholder: String)
  /// An option without a value was given one.
  case unexpectedValue(option: String, value: String)
  /// An option that can be given once was given again.
  case duplicated(option: String)
  /// A value does not have the accepted form.
  case unusableValue(name: String, value: String, accepted: String, nearest: String?)
  /// There is no place for this argument.
  case unexpectedArgument(String)
  /// An argument that is needed was not given.
  case missingArgument(String)
  /// An option that is needed was not given.
  case missingOption(String, placeholder: String)
}

extension OptionError: LocalizedError {
  /// What is wrong.
  public var errorDescription: String? {
    switch self {
    case .unknownCommand(let name, _): "there is no command \"\(name)\""
    case .unknownOption(let name, _): "there is no option \(name)"
    case .missingValue(let option, let placeholder):
      "\(option) needs a value: \(option) \(placeholder)"
    case .unexpectedValue(let option, let value):
      "\(option) takes no value, but was given \"\(value)\""
    case .duplicated(let option): "\(option) was given more than once"
    case .unusableValue(let name, let value, let accepted, _):
      "\(name): \"\(value)\" is not \(accepted)"
    case .unexpectedArgument(let text): "there is no place for the argument \"\(text)\""
    case .missingArgument(let name): "\(name) is missing"
    case .missingOption(let name, let placeholder): "\(name) \(placeholder) is missing"
    }
  }

  /// What to do about it; nil where only the help can tell.
  public var recoverySuggestion: String? {
    switch self {
    case .unknownCommand(_, let nearest?), .unknownOption(_, let nearest?),
      .unusableValue(_, _, _, let nearest?):
      "did you mean \(nearest)?"
    case .duplicated(let option): "give \(option) once"
    case .unexpectedValue(let option, _): "write \(option) alone"
    default: nil
    }
  }
}
