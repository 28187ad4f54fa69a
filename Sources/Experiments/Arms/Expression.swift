import Findings
import Foundation

/// A number written with names: `width * 2`, `1 / sqrt(depth / 2)`.
///
/// Sums, products and powers (`^`) with the usual precedence, brackets, and the functions sqrt, log, min and max.
struct Expression {
  private let text: [Character]
  private let variables: [String: Double]
  private let location: String
  private var position = 0

  /// The value of a text.
  ///
  /// - Throws: ``/Findings/Problem`` if it cannot be read, or the value is not finite.
  static func value(
    _ text: String, _ variables: [String: Double], at location: String
  ) throws(Problem) -> Double {
    var expression = Expression(text: Array(text), variables: variables, location: location)
    let value = try expression.sum()
    guard expression.peek() == nil else {
      throw expression.problem("there is something after the expression")
    }
    guard value.isFinite else { throw expression.problem("its value is \(value)") }
    return value
  }

  private mutating func peek() -> Character? {
    while position < text.count, text[position] == " " { position += 1 }
    return position < text.count ? text[position] : nil
  }

  private mutating func takes(_ character: Character) -> Bool {
    guard peek() == character else { return false }
    position += 1
    return true
  }

  private mutating func sum() throws(Problem) -> Double {
    var value = try product()
    while true {
      if takes("+") {
        value += try product()
      } else if takes("-") {
        value -= try product()
      } else {
        return value
      }
    }
  }

  private mutating func product() throws(Problem) -> Double {
    var value = try factor()
    while true {
      if takes("*") {
        value *= try factor()
      } else if takes("/") {
        value /= try factor()
      } else {
        return value
      }
    }
  }

  private mutating func factor() throws(Problem) -> Double {
    if takes("-") { return -(try factor()) }
    let base = try atom()
    return takes("^") ? pow(base, try factor()) : base
  }

  private mutating func atom() throws(Problem) -> Double {
    if takes("(") {
      let value = try sum()
      guard takes(")") else { throw problem("a bracket is not closed") }
      return value
    }
    let start = position
    func isPart(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || character == "." || character == "_"
    }
    while let next = peek(), isPart(next), position == start || text[position - 1] != " " {
      position += 1
    }
    let word = String(text[start..<position]).filter { $0 != " " }
    if let number = Double(word), word.first?.isNumber == true { return number }
    if let value = variables[word] { return value }
    guard let function = Self.functions[word] else {
      let names = variables.keys.sorted() + Self.functions.keys.sorted()
      throw problem(
        word.isEmpty
          ? "a number is missing"
          : "\(word) is not a name; there are "
            + names.joined(separator: ", "))
    }
    guard takes("(") else { throw problem("\(word) needs brackets") }
    var arguments = [try sum()]
    while takes(",") { arguments.append(try sum()) }
    guard takes(")") else { throw problem("a bracket is not closed") }
    guard let value = function(arguments) else {
      throw problem("\(word) does not take \(arguments.count) numbers")
    }
    return value
  }

  private static let functions: [String: @Sendable ([Double]) -> Double?] = [
    "sqrt": { $0.count == 1 ? $0[0].squareRoot() : nil },
    "log": { $0.count == 1 ? log($0[0]) : nil },
    "min": { $0.min() },
    "max": { $0.max() },
  ]

  private func problem(_ words: String) -> Problem {
    Problem(
      location: location, problem: "\"=\(String(text))\": \(words)",
      remedy: "write it like \"=width\" or \"=1 / sqrt(depth / 2)\"")
  }
}
