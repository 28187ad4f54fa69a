extension Finding {
  /// A cause as declared by the module that reports it: its family, its id, and its meaning in a sentence.
  public struct CauseMeaning: Sendable, Hashable {
    /// The family of findings with this cause, unless the location where it shows says more.
    public let family: Family
    /// The id.
    public let cause: Cause
    /// What it means, without a full stop.
    public let meaning: String

    /// A cause of this family and meaning.
    public init(_ family: Family, _ cause: Cause, _ meaning: String) {
      self.family = family
      self.cause = cause
      self.meaning = meaning
    }
  }
}
