import Findings

extension Finding {
  /// A finding in a line of a record: what, where and when, without what it rests on.
  public struct Summary: Codable, Sendable, Hashable {
    /// The kind of trouble, and what causes it.
    public let family: Family, cause: Cause
    /// What is seen, in a sentence.
    public let symptom: String
    /// The path of the layer and the step at which it began, where it has them.
    public let layer: String?, step: Int?
  }

  /// The finding in short.
  public var summary: Summary {
    Summary(
      family: family, cause: cause, symptom: symptom, layer: location.layer, step: location.step)
  }
}
