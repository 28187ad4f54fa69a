/// What the outputs of a notebook were made from: the last line of its file, a comment that readers do not see.
public struct Stamp: Sendable, Hashable, CustomStringConvertible {
  /// The digest of its blocks with their options and outputs, and of its figures.
  public var blocks: String
  /// The digest of the sources of the package that its blocks use.
  public var sources: String
  /// The version of the compiler, such as 6.3.1.
  public var toolchain: String

  /// A stamp of these parts.
  public init(blocks: String, sources: String, toolchain: String) {
    self.blocks = blocks
    self.sources = sources
    self.toolchain = toolchain
  }

  /// Reads the line; `nil` if it is not a stamp.
  init?(_ line: String) {
    guard
      let match = line.wholeMatch(
        of: /<!-- outputs of: blocks ([0-9a-f]+), sources ([0-9a-f]+), Swift (\S+) -->/)
    else { return nil }
    self.init(
      blocks: String(match.1), sources: String(match.2), toolchain: String(match.3))
  }

  /// The line.
  public var description: String {
    "<!-- outputs of: blocks \(blocks), sources \(sources), Swift \(toolchain) -->"
  }

  /// Whether a line begins like a stamp, whatever follows.
  static func isStamp(_ line: String) -> Bool { line.hasPrefix("<!-- outputs of: ") }

  /// What has changed since another stamp, in words; empty if nothing has.
  public func changes(since old: Stamp) -> [String] {
    var changes: [String] = []
    if blocks != old.blocks { changes.append("its blocks, outputs or figures have changed") }
    if sources != old.sources {
      changes.append("the sources of the package that it uses have changed")
    }
    if toolchain != old.toolchain {
      changes.append("Swift was \(old.toolchain) and is \(toolchain)")
    }
    return changes
  }
}
