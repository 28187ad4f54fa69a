import Console
import Foundation

extension PublicDataSet {
  /// What a call of ``fetch(into:from:by:progress:)`` did with a file.
  public struct Fetched: Sendable, Hashable {
    /// The path of the file.
    public let path: String
    /// Whether it came or was there.
    public let outcome: Download.Outcome
  }

  /// The size of all files to download, in bytes.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// The folder that holds the files, for a data folder.
  public func location(in root: String) -> String {
    folder.isEmpty ? root : FilePaths.joined(root, folder)
  }

  /// Brings all files into a data folder, and takes an archive's members out of it.
  ///
  /// Nothing is done where everything is there and right.
  /// - Parameters:
  ///   - address: The address that the files lie under; nil for the published ones.
  ///   - progress: Is told now and then how many bytes of ``byteCount`` are there, and the file.
  /// - Throws: As ``Download/fetch(_:from:into:progress:)``; files that came before stay.
  public func fetch(
    into root: String, from address: String? = nil, by download: Download = Download(),
    progress: (_ byteCount: Int, _ name: String) -> Void = { _, _ in }
  ) throws -> [Fetched] {
    let folder = location(in: root)
    if !members.isEmpty, members.allSatisfy({ isPresent($0, in: folder) }) {
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
    try TarArchive(source: ByteSource(contentsOfFile: archive.path)).extract(members) {
      name, content in
      try AtomicFile.write(Data(content), to: FilePaths.joined(folder, name))
    }
    return result
      + members.map { Fetched(path: FilePaths.joined(folder, $0.name), outcome: .downloaded) }
  }

  private func isPresent(_ member: Member, in folder: String) -> Bool {
    Transfer.size(of: FilePaths.joined(folder, member.name)) == member.byteCount
  }
}
