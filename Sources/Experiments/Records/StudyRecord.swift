/// The status of a study or a training, according to its record.
public enum RecordStatus: String, Codable, Sendable {
  /// In progress, or killed: the same command continues it.
  case running
  /// Stopped by a signal; what was finished is kept.
  case interrupted
  /// Complete.
  case complete
}

/// The data that a study used.
public struct DataRecord: Codable, Sendable {
  /// The data set's name, its origin, and the hash of its content.
  public let name: String, statement: String, hash: String
  /// The number of examples trained on.
  public let examples: Int
  /// The several data sets, by the levels that choose them; `nil` for a single one.
  public let parts: [DataRecord]?

  /// The description of a data set.
  public init(
    name: String, statement: String, hash: String, examples: Int, parts: [DataRecord]? = nil
  ) {
    self.parts = parts
    self.name = name
    self.statement = statement
    self.hash = hash
    self.examples = examples
  }
}

/// The beginning of every `record.json`: enough to say whose folder it is, and whether its results can be
/// continued.
public struct RecordHeader: Decodable, Sendable {
  /// The name of the study, and the hash of its configuration and data.
  public let study: String, sweepKey: String
  /// The version of the arithmetic; absent in records of earlier versions, whose numbers are those of version 1.
  public let numericalVersion: Int
  /// The progress; `nil` in records of earlier versions.
  public let status: RecordStatus?
  /// The program and the machine, if the record has them in the current form.
  public let provenance: Provenance?
  /// Whether the record contains results, complete or partial.
  public let hasSummary: Bool

  private enum CodingKeys: CodingKey {
    case study, sweepKey, numericalVersion, status, provenance, summary
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    study = try values.decode(String.self, forKey: .study)
    sweepKey = try values.decode(String.self, forKey: .sweepKey)
    numericalVersion = try values.decodeIfPresent(Int.self, forKey: .numericalVersion) ?? 1
    status = try? values.decodeIfPresent(RecordStatus.self, forKey: .status)
    provenance = try? values.decodeIfPresent(Provenance.self, forKey: .provenance)
    hasSummary = (try? values.decodeNil(forKey: .summary)) == false
  }
}

/// `record.json`: the request, the data, the program and machine, and the results.
public struct StudyRecord<Configuration: Codable & Sendable, Summary: Codable & Sendable>: Codable,
  Sendable
{
  /// The name of the study.
  public let study: String
  /// The hash of configuration and data: two sweeps with the same key are the same sweep.
  public let sweepKey: String
  /// A digest of the program's own bytes.
  public let executableHash: String?
  /// The version of the arithmetic: two programs of the same version give the same bits.
  public let numericalVersion: Int
  /// The program and the machine.
  public let provenance: Provenance
  /// The request, with every default filled in.
  public var configuration: Configuration
  /// The data; `nil` for a study that draws its own.
  public let data: DataRecord?
  /// Whether the study is complete.
  public var status = RecordStatus.running
  /// When it was completed or interrupted, in UTC.
  public var ended: String?
  /// The result.
  public var summary: Summary?

  /// The record of a study at its start.
  public init(
    study: String, sweepKey: String, provenance: Provenance, configuration: Configuration,
    data: DataRecord?
  ) {
    self.study = study
    self.sweepKey = sweepKey
    executableHash = provenance.executableHash
    numericalVersion = Provenance.numericalVersion
    self.provenance = provenance
    self.configuration = configuration
    self.data = data
  }

  /// The record of an interrupted study.
  func interrupted() -> StudyRecord {
    var record = self
    record.status = .interrupted
    record.ended = Provenance.now()
    return record
  }

  /// The record with the result, complete or up to the point where a signal stopped it.
  public func completed(
    with summary: Summary, status: RecordStatus = .complete
  ) -> StudyRecord {
    var record = self
    record.status = status
    record.ended = Provenance.now()
    record.summary = summary
    return record
  }
}
