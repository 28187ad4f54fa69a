import Datasets
import Foundation

/// What a run is: everything that determines its result.
public protocol RunConfiguration: Codable, Hashable, Sendable {
  /// How much work the run is, in any unit; used to fill the cores and to tell the time left.
  var work: Double { get }
}

extension RunConfiguration {
  /// The hash of the configuration's content, by which a finished run is found again.
  public var key: String {
    get throws {
      var hash = ContentHash()
      for byte in try JSONText.encoder.encode(self) { hash.combine(byte) }
      return hash.hexadecimal
    }
  }
}

/// A line of `runs.jsonl`: the configuration's and the outcome's fields side by side, and the key.
public struct RunLine<Configuration: RunConfiguration, Outcome: Codable & Sendable>: Codable,
  Sendable
{
  /// The hash of the configuration.
  public let key: String
  /// What the run is.
  public let configuration: Configuration
  /// What came out.
  public let outcome: Outcome

  /// The line of a finished run.
  public init(_ configuration: Configuration, _ outcome: Outcome) throws {
    key = try configuration.key
    self.configuration = configuration
    self.outcome = outcome
  }

  private enum CodingKeys: CodingKey { case key }

  /// Reads the fields of both from one object.
  public init(from decoder: any Decoder) throws {
    key = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .key)
    configuration = try Configuration(from: decoder)
    outcome = try Outcome(from: decoder)
  }

  /// Writes the fields of both into one object.
  public func encode(to encoder: any Encoder) throws {
    try configuration.encode(to: encoder)
    try outcome.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(key, forKey: .key)
  }
}

/// JSON as this project writes it: snake_case keys in alphabetical order, so that equal values give
/// equal bytes.
public enum JSONText {
  /// An encoder for one line.
  public static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return encoder
  }

  /// An encoder for a file that people read.
  public static var prettyEncoder: JSONEncoder {
    let encoder = encoder
    encoder.outputFormatting.insert(.prettyPrinted)
    return encoder
  }

  /// The decoder for both.
  public static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}
