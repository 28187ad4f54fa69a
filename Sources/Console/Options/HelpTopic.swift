/// Something that help explains in addition to the commands: `plumb help networks`.
public struct HelpTopic: Sendable {
  /// What is typed after `help`.
  public let name: String
  /// What it explains, in one line.
  public let summary: String
  /// The parts of the text.
  let parts: @Sendable () -> [Part]

  /// A part of the text.
  public enum Part: Sendable {
    /// A paragraph, wrapped to the terminal's width.
    case paragraph(String)
    /// A title, followed by names with their descriptions.
    case list(String, [(name: String, text: String)])
    /// Lines printed as they are, indented.
    case lines(String)
  }

  /// A topic.
  public init(_ name: String, summary: String, parts: @escaping @Sendable () -> [Part]) {
    self.name = name
    self.summary = summary
    self.parts = parts
  }
}
