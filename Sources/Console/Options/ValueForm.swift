import Findings

/// The form of an option's value: how text is parsed, and how the form is described to people.
public struct ValueForm<Value: Sendable>: Sendable {
  /// What is accepted, as it follows "is not": "a whole number from 1 to 64".
  public let accepted: String

  /// Reads a text; nil for one that is not accepted.
  public let read: @Sendable (String) -> Value?

  /// The names among which suggestions for a mistyped one are searched; empty if there are none.
  public let names: [String]

  /// The files that a value refers to, and what is done with them; `nil` if values are not files. No form of a path
  /// leaves this open, so that the check of outputs against inputs knows all files of a command line.
  public let files: (@Sendable (Value) -> [FileUse])?

  /// Whether values are lists, so that a single value may be given in the singular: `--activation relu`.
  public let isList: Bool

  /// Creates a form.
  public init(
    accepted: String, names: [String] = [], isList: Bool = false,
    files: (@Sendable (Value) -> [FileUse])? = nil,
    read: @escaping @Sendable (String) -> Value?
  ) {
    self.accepted = accepted
    self.names = names
    self.isList = isList
    self.files = files
    self.read = read
  }
}

extension ValueForm where Value == String {
  /// Any text that is not empty.
  public static var text: ValueForm {
    ValueForm(accepted: "text that is not empty") { $0.isEmpty ? nil : $0 }
  }

  /// The path of an input; a leading `~/` stands for the home folder.
  ///
  /// - Parameters:
  ///   - what: What it is, in words: "the data".
  ///   - files: The files that a path stands for, if it is a folder or a name.
  public static func input(
    _ what: String, files: @escaping @Sendable (String) -> [String] = { [$0] }
  ) -> ValueForm {
    path(accepted: "a path") { path in files(path).map { FileUse.reads($0, what) } }
  }

  /// The path of a file that is written.
  ///
  /// - Parameter endings: The allowed extensions of the path; empty for any.
  public static func output(endings: [String] = []) -> ValueForm {
    let accepted =
      endings.isEmpty
      ? "a path"
      : "a path that ends in "
        + (endings.count > 1
          ? endings.dropLast().joined(separator: ", ") + " or " : "") + (endings.last ?? "")
    return path(accepted: accepted, endings: endings) { [.writes($0)] }
  }

  /// The path of a folder in which files with these names are written.
  public static func outputFolder(_ names: [String]) -> ValueForm {
    path(accepted: "a path") { FileUse.writes(names, in: $0) }
  }

  private static func path(
    accepted: String, endings: [String] = [], files: @escaping @Sendable (String) -> [FileUse]
  ) -> ValueForm {
    ValueForm(accepted: accepted, names: endings, files: files) { text in
      if text.isEmpty || text.contains("\0") { return nil }
      let lower = text.lowercased()
      guard endings.isEmpty || endings.contains(where: { lower.hasSuffix($0) }) else { return nil }
      guard text == "~" || text.hasPrefix("~/") else { return text }
      return FilePaths.home.map { $0 + text.dropFirst() } ?? text
    }
  }

  /// One of several names.
  public static func choice(_ names: [String]) -> ValueForm {
    ValueForm(accepted: "one of " + names.joined(separator: ", "), names: names) {
      names.contains($0) ? $0 : nil
    }
  }
}

extension ValueForm where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  /// One of the cases of an enumeration, by raw value.
  public static var choice: ValueForm {
    let names = Value.allCases.map(\.rawValue)
    return ValueForm(accepted: "one of " + names.joined(separator: ", "), names: names) {
      Value(rawValue: $0)
    }
  }
}

extension ValueForm where Value == Bool {
  /// Yes or no.
  public static var yesOrNo: ValueForm {
    ValueForm(accepted: "yes or no", names: ["yes", "no"]) { ["yes": true, "no": false][$0] }
  }
}

extension ValueForm where Value == Int {
  /// A whole number in a range; large ones may be written as 1e3.
  public static func integer(in range: ClosedRange<Int>) -> ValueForm {
    ValueForm(accepted: "a whole number " + words(range)) { text in
      (Int(text) ?? withExponent(text)).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// 1000 for 1e3; `nil` for what is not written so, or not whole.
  private static func withExponent(_ text: String) -> Int? {
    guard text.wholeMatch(of: /[0-9.]+[eE]\+?[0-9]+/) != nil else { return nil }
    return Double(text).flatMap { Int(exactly: $0) }
  }

  /// A whole number that is at least `low`.
  public static func integer(atLeast low: Int = 1) -> ValueForm { integer(in: low...Int.max) }

  private static func words(_ range: ClosedRange<Int>) -> String {
    if range.upperBound == Int.max { return "of at least \(range.lowerBound)" }
    return "from \(range.lowerBound) to \(range.upperBound)"
  }
}

extension ValueForm where Value == Double {
  /// A finite number greater than 0.
  public static var positive: ValueForm {
    number(accepted: "a number greater than 0") { $0 > 0 }
  }

  /// A finite number in a range.
  public static func number(in range: ClosedRange<Double>) -> ValueForm {
    let (low, high) = (range.lowerBound, range.upperBound)
    if low == 0 && high == .infinity {
      return number(accepted: "a number of at least 0") { range.contains($0) }
    }
    let words = "from \(NumberFormat.plain(low)) to \(NumberFormat.plain(high))"
    return number(accepted: "a number " + words) { range.contains($0) }
  }

  private static func number(
    accepted: String, _ isAccepted: @escaping @Sendable (Double) -> Bool
  ) -> ValueForm {
    ValueForm(accepted: accepted) { text in
      // `Double` also reads "inf", "nan" and hexadecimal, which nobody means here.
      let characters = Set("0123456789+-.eE")
      guard text.allSatisfy({ characters.contains($0) }), let value = Double(text) else {
        return nil
      }
      return value.isFinite && isAccepted(value) ? value : nil
    }
  }
}

extension ValueForm {
  /// Several values separated by commas, such as "2,4,8"; blanks around a value are ignored.
  ///
  /// - Parameter isDistinct: whether a value may occur only once.
  public static func list<Element: Sendable>(
    of form: ValueForm<Element>, isDistinct: Bool = false
  ) -> ValueForm where Value == [Element] {
    let kind = isDistinct ? "a list of different values with commas between them" : "a list"
    let accepted = "\(kind), each \(form.accepted)"
    var files: (@Sendable ([Element]) -> [FileUse])?
    if let own = form.files { files = { $0.flatMap(own) } }
    return ValueForm(accepted: accepted, names: form.names, isList: true, files: files) { text in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        .map { String($0.trimmingBlanks) }
      if isDistinct && Set(parts).count < parts.count { return nil }
      var values: [Element] = []
      for part in parts {
        guard let value = form.read(part) else { return nil }
        values.append(value)
      }
      return values
    }
  }

  /// Parses text given with an option or as an argument.
  func value(_ text: String, of name: String) throws(Problem) -> Value {
    if let value = read(text) { return value }
    // In a list, suggestions are for the part that is not a name.
    let parts = text.split(separator: ",").map { String($0.trimmingBlanks) }
    let wrong = parts.first { !names.contains($0) } ?? text
    let nearest = EditDistance.nearest(to: wrong, among: names)
    throw .unusableValue(
      name: name, value: text, accepted: accepted, nearest: nearest == wrong ? nil : nearest)
  }
}

extension StringProtocol {
  fileprivate var trimmingBlanks: SubSequence {
    let start = drop { $0 == " " || $0 == "\t" }
    var end = start[...]
    while let last = end.last, last == " " || last == "\t" { end.removeLast() }
    return end
  }
}
