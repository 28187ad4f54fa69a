/// `record.json`: what was asked, of which data, by which program on which machine, and what came out.
public struct StudyRecord<Configuration: Codable & Sendable, Summary: Codable & Sendable>: Codable,
  Sendable
{
  /// How far the study is.
  public enum Status: String, Codable, Sendable {
    /// Under way, or stopped on the way: the same command continues it.
    case running
    /// Everything is there.
    case complete
  }

  /// The data that a study used.
  public struct Data: Codable, Sendable {
    /// The data set's name, where it comes from, and the hash of its content.
    public let name: String, statement: String, hash: String
    /// The number of examples trained on.
    public let examples: Int

    /// The description of a data set.
    public init(name: String, statement: String, hash: String, examples: Int) {
      self.name = name
      self.statement = statement
      self.hash = hash
      self.examples = examples
    }
  }

  /// The name of the study.
  public let study: String
  /// The hash of configuration and data: two sweeps with one key are the same sweep.
  public let sweepKey: String
  /// A digest of the program's own bytes.
  public let executableHash: String?
  /// The program and the machine.
  public let provenance: Provenance
  /// What was asked, with every default filled in.
  public let configuration: Configuration
  /// The data; `nil` for a study that draws its own.
  public let data: Data?
  /// Whether the study is complete.
  public var status = Status.running
  /// When it was completed, in UTC.
  public var ended: String?
  /// What came out.
  public var summary: Summary?

  /// The record of a study that begins.
  public init(
    study: String, sweepKey: String, provenance: Provenance, configuration: Configuration,
    data: Data?
  ) {
    self.study = study
    self.sweepKey = sweepKey
    executableHash = provenance.executableHash
    self.provenance = provenance
    self.configuration = configuration
    self.data = data
  }

  /// The record with the result.
  public func completed(with summary: Summary) -> StudyRecord {
    var record = self
    record.status = .complete
    record.ended = Provenance.now()
    record.summary = summary
    return record
  }
}
