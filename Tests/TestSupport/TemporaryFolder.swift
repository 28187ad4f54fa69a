import Foundation

/// A folder of one test, removed with its content when the test lets go of it.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("plumbline-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file or folder in it.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, makes the folders on the way to it, and gives its path.
  @discardableResult
  package func write(_ bytes: [UInt8], as name: String) throws -> String {
    let path = file(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  @discardableResult
  package func write(_ text: String, as name: String) throws -> String {
    try write(Array(text.utf8), as: name)
  }

  /// Makes a folder in it and gives its path.
  package func makeFolder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    return file(name)
  }

  package func bytes(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: file(name)).map(Array.init)
  }

  package func text(_ name: String) -> String? {
    bytes(name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The lines of a file, without their ends.
  package func lines(_ name: String) -> [String] {
    (text(name) ?? "").split(separator: "\n").map(String.init)
  }

  /// All that is in it: paths, and the bytes of files.
  package func content() -> [String: [UInt8]?] {
    var content: [String: [UInt8]?] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
      content[name] = .some(bytes(name))
    }
    return content
  }
}
