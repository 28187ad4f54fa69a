import Findings

extension Finding {
  /// A finding in one line of a record: what, where and when, without its evidence.
  public struct Summary: Codable, Sendable, Hashable {
    /// The kind of problem, and its cause.
    public let family: Family, cause: Cause
    /// The symptom, in one sentence.
    public let symptom: String
    /// The path of the layer and the step at which it began, if it has them.
    public let layer: String?, step: Int?
  }

  /// The summary of a finding.
  public var summary: Summary {
    Summary(
      family: family, cause: cause, symptom: symptom, layer: location.layer, step: location.step)
  }
}
