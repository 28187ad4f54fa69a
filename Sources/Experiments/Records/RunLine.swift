import Datasets
import Foundation

/// What a run is: everything that determines its result.
public protocol RunConfiguration: Codable, Hashable, Sendable {
  /// The amount of work in the run, in any unit; used to fill the cores and to estimate the remaining time.
  var work: Double { get }

  /// A short description of the run for a live view.
  var title: String { get }

  /// The summary of such a run's line, as shown by the commands on a folder.
  static func summary(of line: RunLine) throws -> RunSummary
}

extension RunConfiguration {
  /// The name of its kind.
  public var title: String { "\(Self.self)" }

  /// The hash of the configuration's content, which identifies a finished run.
  public var key: String {
    get throws { try ContentHash(of: JSONText.encoder.encode(self)).hexadecimal }
  }
}

/// The outcome of a run.
public protocol RunOutcome: Codable, Sendable {
  /// The peak memory of the run in bytes, if measured. Like the time, it may differ when the same run
  /// is repeated.
  var peakBytes: Int? { get }
  /// The loss by which runs are compared, infinite if it diverged; `nil` if it has none.
  var comparedLoss: Double? { get }
  /// Whether the run was completed. A run that was not is not recorded.
  var isFinal: Bool { get }
}

extension RunOutcome {
  /// Not measured.
  public var peakBytes: Int? { nil }
  /// None.
  public var comparedLoss: Double? { nil }
  /// It was completed.
  public var isFinal: Bool { true }
}

/// A line of `runs.jsonl`: an object with the fields of configuration and outcome next to each other.
///
/// It begins with `key`, the hash of the configuration, and ends with `host`: what may differ when the same run is
/// repeated (as `seconds` may), and a checksum of everything before it. So key and checksum are found without parsing the
/// object. Lines of earlier versions have the key among the other fields and no checksum.
public struct RunLine: Sendable {
  /// The hash of the configuration.
  public let key: String
  /// The line without a newline.
  public let text: Data

  /// The line of a finished run.
  public init(_ configuration: some RunConfiguration, _ outcome: some RunOutcome) throws {
    key = try configuration.key
    let fields = try JSONText.encoder.encode(Fields(configuration: configuration, outcome: outcome))
    let peak = outcome.peakBytes.map { "\"peak_bytes\":\($0)," } ?? ""
    var text = Data("{\"key\":\"\(key)\",".utf8)
    text += fields.dropFirst().dropLast()
    text += Data(",\"host\":{\(peak)".utf8)
    text += Data(Self.ending(checksum: ContentHash(of: text)).utf8)
    self.text = text
  }

  /// The line with this text, of which only the checksum is verified; `nil` if the text has none or a wrong one.
  init?(checked text: Data) {
    let digits = 16
    let head = "{\"key\":\""
    let ending = Self.ending(checksum: ContentHash()).utf8.count
    guard text.count > head.utf8.count + digits + ending, text.starts(with: head.utf8),
      case let content = text.dropLast(ending),
      text.suffix(ending).elementsEqual(Self.ending(checksum: ContentHash(of: content)).utf8)
    else { return nil }
    key = String(decoding: text.dropFirst(head.utf8.count).prefix(digits), as: UTF8.self)
    self.text = text
  }

  /// A line of an earlier version; `nil` if it is not a run of this kind, or its key is not that of its configuration.
  init?(unchecked text: Data, _ kind: any RunConfiguration.Type) {
    func key<Configuration: RunConfiguration>(_ kind: Configuration.Type) -> String? {
      try? JSONText.decoder.decode(kind, from: text).key
    }
    // A line with a checksum that does not match its content is not an old line; nor is one in which the name of the field that
    // holds the checksum was damaged.
    guard text.range(of: Data("\"checksum\":\"".utf8)) == nil,
      let beginning = try? JSONText.decoder.decode(Beginning.self, from: text),
      beginning.host == nil, beginning.key == key(kind)
    else { return nil }
    self.key = beginning.key
    self.text = text
  }

  private struct Beginning: Decodable {
    struct Host: Decodable {}
    let key: String, host: Host?
  }

  private static func ending(checksum: ContentHash) -> String {
    "\"checksum\":\"\(checksum.hexadecimal)\"}}"
  }

  /// What the run is.
  public func configuration<Configuration: RunConfiguration>(
    as kind: Configuration.Type = Configuration.self
  ) throws -> Configuration {
    try JSONText.decoder.decode(kind, from: text)
  }

  /// The outcome.
  public func outcome<Outcome: RunOutcome>(as kind: Outcome.Type = Outcome.self) throws -> Outcome {
    try JSONText.decoder.decode(kind, from: text)
  }

  /// Whether another line says the same about the same run, except for what may vary.
  func agrees(with other: RunLine) -> Bool {
    if text == other.text { return true }
    guard let own = lastingFields, let others = other.lastingFields else { return false }
    return own == others
  }

  /// The fields of the object, without those that may differ when the same run is repeated.
  var lastingFields: NSDictionary? {
    guard let object = try? JSONSerialization.jsonObject(with: text),
      var fields = object as? [String: Any]
    else { return nil }
    for name in ["seconds", "host", "peak_bytes"] { fields[name] = nil }
    if let epochs = fields["epochs"] as? [[String: Any]] {
      fields["epochs"] = epochs.map { $0.filter { $0.key != "seconds" } }
    }
    return NSDictionary(dictionary: fields)
  }

  /// Configuration and outcome in one object.
  private struct Fields<Configuration: RunConfiguration, Outcome: RunOutcome>: Encodable {
    let configuration: Configuration, outcome: Outcome

    func encode(to encoder: any Encoder) throws {
      try configuration.encode(to: encoder)
      try outcome.encode(to: encoder)
    }
  }
}

/// What a line says about the machine that made it.
struct HostFields: Decodable {
  /// The peak number of bytes held.
  let peakBytes: Int?
}

extension ContentHash {
  /// The digest of some bytes.
  init(of bytes: Data) {
    self.init()
    bytes.withUnsafeBytes { buffer in
      for byte in buffer { combine(byte) }
    }
  }
}
