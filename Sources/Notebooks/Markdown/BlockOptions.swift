import Console
import Findings

/// The words after the language of a block: ` ```sh tolerance=1e-6 budget=20s varies="s/run,time:" `.
public struct BlockOptions: Sendable, Hashable {
  /// How a block must end.
  public enum Expectation: String, Sendable, Hashable, CaseIterable {
    /// With exit status 0, or without an error.
    case success
    /// With another exit status, an exception or a trap.
    case failure
    /// With exit status 0, printing a verdict KINK and no FAIL.
    case kink
  }

  /// The allowed difference of two numbers, relative to the larger.
  public var tolerance = 0.0
  /// The allowed absolute difference of two numbers, for rounding errors around 0.
  public var absolute = 0.0
  /// How it must end.
  public var expectation = Expectation.success
  /// Why it is not run; `nil` if it is, empty if no reason is given.
  public var skip: String?
  /// The seconds that it may take.
  public var budget = 60.0
  /// What differs between runs and is not compared: columns of tables by their headers, and lines by their beginnings, after which
  /// nothing is compared.
  public var varies: [String] = []
  /// Options that replace those of its first command, for a short form, of which only the wording is compared.
  public var quick: String?
  /// The pictures that it writes, as paths in the working folder.
  public var figures: [String] = []
  /// Files without which it is not run, as paths from the working folder.
  public var needs: [String] = []

  /// No options.
  public init() {}

  /// Whether what it prints is compared byte by byte.
  var isExact: Bool { tolerance == 0 && absolute == 0 && varies.isEmpty }

  private static let names = [
    "tolerance", "absolute", "expect", "skip", "budget", "varies", "quick", "figure", "needs",
  ]

  /// Reads the words of a fence after the language.
  ///
  /// - Throws: ``Problem`` without a file for a word that is not an option, and for a value that an option does not take.
  init(_ text: String) throws(Problem) {
    for (name, value) in try Self.words(text) {
      guard Self.names.contains(name) else {
        let nearest = EditDistance.nearest(to: name, among: Self.names)
        throw Problem(
          problem: "a block has no option \"\(name)\"",
          remedy: nearest.map { "did you mean \($0)?" }
            ?? "give one of \(Self.names.joined(separator: ", "))")
      }
      if name == "skip" {
        skip = value ?? ""
        continue
      }
      guard let value, !value.isEmpty else {
        throw Problem(problem: "\(name) has no value", remedy: "write \(name)=VALUE")
      }
      try set(name, value)
    }
  }

  private mutating func set(_ name: String, _ value: String) throws(Problem) {
    func list() -> [String] {
      value.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }.map(String.init)
    }
    func number() throws(Problem) -> Double {
      guard let number = Double(value), number >= 0, number.isFinite else {
        throw Problem(
          problem: "\(name): \"\(value)\" is not a number of at least 0",
          remedy: "write \(name)=1e-6")
      }
      return number
    }
    switch name {
    case "tolerance": tolerance = try number()
    case "absolute": absolute = try number()
    case "expect":
      guard let expected = Expectation(rawValue: value) else {
        throw Problem(
          problem: "expect: \"\(value)\" is not one of "
            + Expectation.allCases.map(\.rawValue).joined(separator: ", "),
          remedy: "write expect=failure or expect=kink, or omit it")
      }
      expectation = expected
    case "budget": budget = try Self.seconds(value)
    case "varies": varies = list()
    case "quick": quick = value
    case "figure": figures = list()
    default: needs = list()
    }
  }

  /// The seconds of a time such as 20s, 2m or 1h.
  private static func seconds(_ text: String) throws(Problem) -> Double {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()),
      count > 0, count.isFinite
    else {
      throw Problem(
        problem: "budget: \"\(text)\" is not a time", remedy: "write budget=20s, 2m or 1h")
    }
    return count * unit
  }

  /// The words, each a name with or without a value; a value with blanks is in quotation marks.
  private static func words(_ text: String) throws(Problem) -> [(name: String, value: String?)] {
    var words: [(name: String, value: String?)] = []
    var rest = text[...]
    while true {
      rest = rest.drop { $0 == " " || $0 == "\t" }
      guard !rest.isEmpty else { return words }
      let name = rest.prefix { !"= \t".contains($0) }
      rest = rest.dropFirst(name.count)
      guard rest.first == "=" else {
        words.append((String(name), nil))
        continue
      }
      rest = rest.dropFirst()
      let isQuoted = rest.first == "\""
      if isQuoted { rest = rest.dropFirst() }
      let value = rest.prefix { isQuoted ? $0 != "\"" : $0 != " " && $0 != "\t" }
      rest = rest.dropFirst(value.count)
      if isQuoted {
        guard rest.first == "\"" else {
          throw Problem(
            problem: "the value of \(name) has no closing quotation mark",
            remedy: "write \(name)=\"\(value)\"")
        }
        rest = rest.dropFirst()
      }
      words.append((String(name), String(value)))
    }
  }
}
