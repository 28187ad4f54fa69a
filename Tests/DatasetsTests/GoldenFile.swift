import Datasets
import Foundation

/// The files of `GoldenFiles`, made by NumPy and Python's zipfile; the script beside them made them.
enum GoldenFile {
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("GoldenFiles/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  static func source(_ name: String) throws -> ByteSource {
    ByteSource(try bytes(name), named: name)
  }
}
