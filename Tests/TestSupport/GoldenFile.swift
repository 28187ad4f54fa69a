import Datasets
import Foundation

/// The files of `Tests/Golden`: values and gradients from PyTorch and mpmath in JSON, and in `files` those that NumPy, Python's
/// zipfile and others wrote. The README there says what each field means and how far to trust it.
package enum GoldenFile {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden")

  /// The content of a JSON file.
  package static func load<Content: Decodable>(_ name: String) throws -> Content {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(
      Content.self, from: Data(contentsOf: folder.appendingPathComponent(name)))
  }

  /// The path of one of `files`.
  package static func path(_ name: String) -> String {
    folder.appendingPathComponent("files/\(name)").path
  }

  /// The bytes of one of `files`.
  package static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// One of `files` as the readers of data take it.
  package static func source(_ name: String) throws -> ByteSource {
    ByteSource(try bytes(name), named: name)
  }
}
