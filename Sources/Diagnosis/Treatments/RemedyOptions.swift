import Findings
import Foundation

/// A remedy as a set of options: what a sentence says to type, in place of what a command says of the same.
///
/// The sentence of a remedy is the only statement of it: an explanation types what is printed, and where it has shown something else,
/// that takes the place of what was printed.
package struct RemedyOptions: Sendable, Hashable {
  /// The options, each with its value as it is typed.
  private let options: [(name: String, value: String?)]

  /// Options that take no value.
  private static let flags: Set<String> = [
    Setting.residual.option, Setting.scaleTargets.option, "--as-written",
  ]

  package static func == (left: Self, right: Self) -> Bool { left.text == right.text }
  package func hash(into hasher: inout Hasher) { hasher.combine(text) }

  private init(_ options: [(name: String, value: String?)]) { self.options = options }

  /// These options alone: `--hidden 16,16 --residual`.
  init(_ text: String) { options = Self.groups(in: text).flatMap(\.options) }

  /// The options that a sentence proposes first, with those that it joins to them by "and"; `nil` if there are none.
  package init?(in sentence: String) {
    let groups = Self.groups(in: sentence)
    guard let first = groups.first else { return nil }
    var (options, end) = (first.options, first.range.upperBound)
    for group in groups.dropFirst() {
      let between = sentence[end..<group.range.lowerBound].split { !$0.isLetter && $0 != ";" }
      guard between.contains("and"), !between.contains("or"),
        !between.contains(where: { $0.contains(";") })
      else { break }
      options += group.options.filter { option in !options.contains { $0.name == option.name } }
      end = group.range.upperBound
    }
    self.init(options)
  }

  /// The sentence with more options behind those that it proposes first; as it is if it proposes none, or has them.
  static func adding(_ more: String, to sentence: String) -> String {
    guard let own = RemedyOptions(in: sentence), let first = groups(in: sentence).first else {
      return sentence
    }
    let options = RemedyOptions(more).options.filter { !own.names($0.name) }
    guard !options.isEmpty else { return sentence }
    let end = first.range.upperBound
    return sentence[..<end] + " " + RemedyOptions(options).text + sentence[end...]
  }

  /// As it is typed.
  package var text: String {
    options.map { $0.name + ($0.value.map { " " + $0 } ?? "") }.joined(separator: " ")
  }

  /// The words of a command line, without quotation marks.
  package var words: [String] {
    options.flatMap { name, value -> [String] in
      guard let value else { return [name] }
      return [name + "=" + value.filter { $0 != "'" }]
    }
  }

  /// Whether it has an option of this name.
  func names(_ option: String) -> Bool { options.contains { $0.name == option } }

  /// The learning rate that a sentence states; `nil` if it states none.
  static func rate(in sentence: String) -> Double? {
    groups(in: sentence).flatMap(\.options).first { $0.name == Setting.learningRate.option }?
      .value.flatMap { Double($0) }
  }

  /// The sentence with these options first: in place of its own where it names the same ones, or else in front of it.
  func leading(_ sentence: String) -> String {
    guard let stated = RemedyOptions(in: sentence) else { return sentence }
    if stated == self { return sentence }
    if stated.options.map(\.name) == options.map(\.name) {
      var changed = sentence
      for (own, new) in zip(stated.options, options) {
        guard let old = own.value, let value = new.value else { continue }
        changed = changed.replacing(
          "\(own.name) \(old)", with: "\(own.name) \(value)", maxReplacements: 1)
      }
      return changed
    }
    return "\(text), which did best of what was tried; otherwise " + sentence
  }

  // MARK: Reading

  private struct Group {
    let options: [(name: String, value: String?)]
    let range: Range<String.Index>
  }

  /// The options of a sentence, those that follow each other in one group.
  private static func groups(in sentence: String) -> [Group] {
    var groups: [Group] = []
    let pattern = /--[a-z][a-z0-9-]*/
    for match in sentence.matches(of: pattern) {
      let name = String(match.output)
      var (value, end): (String?, String.Index) = (nil, match.range.upperBound)
      if !flags.contains(name), sentence[end...].hasPrefix(" ") {
        let rest = sentence[sentence.index(after: end)...]
        let length = Self.valueLength(rest)
        if length > 0 {
          value = String(rest.prefix(length))
          end = rest.index(rest.startIndex, offsetBy: length)
        }
      }
      if value == nil, !flags.contains(name) { continue }
      if let last = groups.last, sentence[last.range.upperBound..<match.range.lowerBound] == " " {
        groups[groups.count - 1] = Group(
          options: last.options + [(name, value)], range: last.range.lowerBound..<end)
      } else {
        groups.append(Group(options: [(name, value)], range: match.range.lowerBound..<end))
      }
    }
    return groups
  }

  /// The number of characters of the value at the beginning of a text, without the sentence's own marks behind it.
  private static func valueLength(_ text: Substring) -> Int {
    if text.first == "'", let end = text.dropFirst().firstIndex(of: "'") {
      return text.distance(from: text.startIndex, to: end) + 1
    }
    var value = text.prefix { !$0.isWhitespace && !");(".contains($0) }
    while let last = value.last, ",:.".contains(last) { value.removeLast() }
    return value.hasPrefix("--") ? 0 : value.count
  }
}
