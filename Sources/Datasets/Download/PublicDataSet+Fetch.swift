import Console
import Findings
import Foundation

extension PublicDataSet {
  /// What a call to ``fetch(into:from:by:progress:)`` did with a file.
  public struct Fetched: Sendable, Hashable {
    /// The path of the file.
    public let path: String
    /// Whether it was downloaded or already present.
    public let outcome: Download.Outcome
  }

  /// The size of all files to download, in bytes.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// The folder that holds the files, for a data folder.
  public func location(in root: String) -> String {
    folder.isEmpty ? root : FilePaths.joined(root, folder)
  }

  /// Downloads all files into a data folder, and extracts the members of an archive.
  ///
  /// Nothing is done if everything is present and correct.
  /// - Parameters:
  ///   - root: The data folder, in which the set has its own folder.
  ///   - address: The address of the files; nil for the published ones.
  ///   - download: How files are downloaded: time limits and attempts.
  ///   - progress: Called from time to time with the number of bytes of ``byteCount`` received, and the file.
  /// - Throws: As ``Download/fetch(_:from:into:progress:)``; files downloaded before stay.
  public func fetch(
    into root: String, from address: String? = nil, by download: Download = Download(),
    progress: (_ byteCount: Int, _ name: String) -> Void = { _, _ in }
  ) throws -> [Fetched] {
    let folder = location(in: root)
    if !members.isEmpty, try membersAreRight(in: folder) {
      return members.map { Fetched(path: FilePaths.joined(folder, $0.name), outcome: .present) }
    }
    var result: [Fetched] = []
    var done = 0
    for file in files {
      let outcome = try download.fetch(
        file, from: address.map { [$0] } ?? addresses, into: folder
      ) { progress(done + $0, file.name) }
      done += file.byteCount
      result.append(Fetched(path: FilePaths.joined(folder, file.name), outcome: outcome))
    }
    guard !members.isEmpty, let archive = result.first else { return result }
    var checksums: [String: String] = [:]
    try TarArchive(source: ByteSource(contentsOfFile: archive.path)).extract(members) {
      name, content in
      try AtomicFile.write(Data(content), to: FilePaths.joined(folder, name))
      checksums[name] = SHA256.of(content)
    }
    let lines = members.map { "\(checksums[$0.name] ?? "")  \($0.name)\n" }
    try AtomicFile.write(lines.joined(), to: checksumFile(in: folder))
    return result
      + members.map { Fetched(path: FilePaths.joined(folder, $0.name), outcome: .downloaded) }
  }

  /// The checksums of the members, as `sha256sum --check` reads them. They are computed from an archive whose own checksum is
  /// right; checksums are published for the archive only.
  private func checksumFile(in folder: String) -> String {
    FilePaths.joined(folder, "\(name).sha256")
  }

  /// Whether all members exist and are the ones from the archive.
  private func membersAreRight(in folder: String) throws(Problem) -> Bool {
    let text = RegularFile.contents(checksumFile(in: folder)).map {
      String(decoding: $0, as: UTF8.self)
    }
    let lines = Set((text ?? "").split(separator: "\n").map(String.init))
    for member in members {
      let path = FilePaths.joined(folder, member.name)
      guard Transfer.size(of: path) == member.byteCount,
        lines.contains("\(try SHA256.ofFile(path))  \(member.name)")
      else { return false }
    }
    return true
  }
}
