import Foundation

// JSON has no infinite numbers and no NaN; they are written as texts in every file.

extension JSONEncoder {
  /// An encoder that writes numbers which are not finite as `inf`, `-inf` and `nan`, or with another word for the first two.
  package static func withNonFiniteNumbers(infinity: String = "inf") -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: "nan")
    return encoder
  }
}

extension JSONDecoder {
  /// The decoder for ``Foundation/JSONEncoder/withNonFiniteNumbers(infinity:)``.
  package static func withNonFiniteNumbers(infinity: String = "inf") -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: "nan")
    return decoder
  }
}
