import Console

/// One part of a sweep divided among processes, such as `2/4`.
///
/// The parts of a sweep share only the record: each appends to its own journal, so nothing is locked on storage that
/// several machines share.
public struct Shard: Sendable, Hashable, CustomStringConvertible {
  /// The number of the part, from 1, and of all parts.
  public let index: Int, count: Int

  /// A part; `nil` if there is none with that number.
  public init?(_ index: Int, of count: Int) {
    guard count >= 1, (1...count).contains(index) else { return nil }
    self.index = index
    self.count = count
  }

  /// As written in options.
  public var description: String { "\(index)/\(count)" }

  /// The file with its runs.
  var journalName: String { "runs-\(index)-of-\(count).jsonl" }

  /// Whether a file is the journal of a part.
  static func isJournal(_ name: String) -> Bool {
    name.wholeMatch(of: /runs-[0-9]+-of-[0-9]+\.jsonl/) != nil
  }

  /// As `--shard` takes it.
  static let form = ValueForm<Shard>(accepted: "a part and the number of parts, such as 2/4") {
    text in
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1], count <= 100_000
    else { return nil }
    return Shard(index, of: count)
  }
}
