import Console
import Datasets
import Findings
import Foundation

/// The package that notebooks are about: its libraries, its programs, and the sources of each.
public struct PackageSources: Sendable {
  /// Its folder.
  public let folder: String
  /// The targets of each library and program.
  private let products: [String: [String]]
  private let libraries: Set<String>
  private let targets: [String: Target]

  private struct Target: Sendable {
    let folder: String
    let excluded: [String]
    let dependencies: [String]
  }

  /// What `swift package dump-package` prints, as far as it is read here.
  private struct Manifest: Decodable {
    struct Product: Decodable {
      let name: String
      let targets: [String]
      let type: [String: [String]?]
    }
    struct Target: Decodable {
      let name: String
      let path: String?
      let exclude: [String]
      let dependencies: [[String: [String?]]]
    }
    let products: [Product]
    let targets: [Target]
  }

  /// Asks the package for its targets.
  ///
  /// - Throws: ``Problem`` if `swift` is not on the path or does not know the package.
  public init(folder: String) throws(Problem) {
    // A separate folder, so that a build of the package in progress does not block it.
    let words = [
      "swift", "package", "--package-path", folder, "--scratch-path",
      FilePaths.joined(folder, ".build/notebooks/manifest"), "dump-package",
    ]
    guard let text = CommandOutput.of(words, within: 120),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(text.utf8))
    else {
      throw Problem(
        subject: FilePaths.joined(folder, "Package.swift"),
        problem: "swift does not describe the package",
        remedy: "see the output of: \(words.map(FilePaths.quoted).joined(separator: " "))")
    }
    self.folder = folder
    products = Dictionary(
      manifest.products.map { ($0.name, $0.targets) }, uniquingKeysWith: { first, _ in first })
    libraries = Set(manifest.products.filter { $0.type.keys.contains("library") }.map(\.name))
    targets = Dictionary(
      manifest.targets.map { target in
        let kept = target.dependencies.compactMap { ($0["byName"] ?? $0["target"])?.first ?? nil }
        return (
          target.name,
          Target(
            folder: target.path ?? "Sources/\(target.name)", excluded: target.exclude,
            dependencies: kept)
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The given modules that are libraries which another package can import.
  public func libraries(among modules: Set<String>) -> [String] {
    modules.intersection(libraries).sorted()
  }

  /// The targets that make up libraries and programs, sorted.
  func parts(of names: some Sequence<String>) -> [String] {
    var found: Set<String> = []
    var waiting = names.flatMap { products[$0] ?? [] }
    while let name = waiting.popLast() {
      guard let target = targets[name], found.insert(name).inserted else { continue }
      waiting += target.dependencies
    }
    return found.sorted()
  }

  /// The names of a target's compiled files.
  func compiledFiles(of name: String) -> Set<String> {
    guard let target = targets[name] else { return [] }
    let files = Self.files(
      in: FilePaths.joined(folder, target.folder), without: target.excluded)
    return Set(
      files.filter { $0.hasSuffix(".swift") || $0.hasSuffix(".c") }.map {
        String($0.split(separator: "/").last ?? "")
      })
  }

  /// The digest of the sources of libraries and programs and of their dependencies.
  public func digest(of names: Set<String>) -> String {
    var hash = ContentHash()
    for name in parts(of: names) {
      guard let target = targets[name] else { continue }
      let root = FilePaths.joined(folder, target.folder)
      for file in Self.files(in: root, without: target.excluded) {
        hash.combine(FilePaths.joined(target.folder, file))
        hash.combine(RegularFile.contents(FilePaths.joined(root, file)) ?? Data())
      }
    }
    return hash.hexadecimal
  }

  /// The sources in a folder, sorted; articles are not sources.
  private static func files(in root: String, without excluded: [String]) -> [String] {
    let names = (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? [])
    return names.filter { name in
      ["swift", "c", "h", "py", "modulemap"].contains(
        name.split(separator: ".").last.map(String.init))
        && !excluded.contains { name == $0 || name.hasPrefix($0 + "/") }
    }.sorted()
  }
}

extension ContentHash {
  /// Takes in bytes and their number, eight at a time.
  mutating func combine(_ data: Data) {
    combine(UInt64(data.count))
    data.withUnsafeBytes { bytes in
      let whole = bytes.count / 8 * 8
      for offset in stride(from: 0, to: whole, by: 8) {
        combine(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      }
      for byte in bytes[whole...] { combine(byte) }
    }
  }

  /// Takes in a text.
  mutating func combine(_ text: String) { combine(Data(text.utf8)) }
}
