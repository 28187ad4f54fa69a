import Console
import Foundation

/// JSON in this project's style: snake_case keys in alphabetical order, so that equal values give equal bytes. JSON has no
/// infinite numbers and no NaN; they are written as the texts `inf`, `-inf` and `nan`.
public enum JSONText {
  /// An encoder for one line.
  public static var encoder: JSONEncoder {
    let encoder = JSONEncoder.withNonFiniteNumbers()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return encoder
  }

  /// An encoder for a human-readable file.
  public static var prettyEncoder: JSONEncoder {
    let encoder = encoder
    encoder.outputFormatting.insert(.prettyPrinted)
    return encoder
  }

  /// The decoder for both.
  public static var decoder: JSONDecoder {
    let decoder = JSONDecoder.withNonFiniteNumbers()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}
