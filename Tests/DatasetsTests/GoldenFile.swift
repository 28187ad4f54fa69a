import Datasets
import Foundation

/// The files of `Tests/Golden/files`, made by NumPy and Python's zipfile by the script next to them.
enum GoldenFile {
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/files/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  static func source(_ name: String) throws -> ByteSource {
    ByteSource(try bytes(name), named: name)
  }
}
