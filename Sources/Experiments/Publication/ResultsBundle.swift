import Console
import Datasets
import Findings
import Foundation

/// A folder of results as one file that somebody else can verify: the record, the runs, the figure with its data, and the files
/// that the command reads.
struct ResultsBundle {
  /// What the bundle says about itself, as `bundle.json`.
  struct Manifest: Codable {
    /// The version of this form.
    let format: Int
    /// The command that produces all of it, and the data that it reads.
    let command: String, data: DataDigest?
    /// The version of the arithmetic: a program of the same version gives the same bits.
    let numericalVersion: Int
    /// The files that the command reads.
    let inputs: [Input]
  }

  /// The data behind the results.
  struct DataDigest: Codable {
    /// The name, where they come from in words, and the hash of the content.
    let name: String, statement: String, hash: String
    /// The number of examples trained on.
    let examples: Int
  }

  /// A file or folder that the command names.
  struct Input: Codable {
    /// The path as the command names it.
    let path: String
    /// The name of its member in the bundle; `nil` if it is not packed.
    let member: String?
  }

  private static let manifestName = "bundle.json"
  private static let format = 1
  private static let folderOfInputs = "inputs"

  // MARK: Packing

  /// The content of the bundle of a folder, the same bytes for the same results.
  ///
  /// - Parameters:
  ///   - inputs: What the command names and reads, each with its files.
  ///   - dataPath: What `--data` names: not a description of an arm, whatever its extension.
  ///   - packsData: Whether data are packed too. Descriptions of arms always are.
  static func data(
    of folder: ResultsFolder, command: [String], inputs: [(path: String, files: [String])],
    data: DataRecord?, dataPath: String?, packsData: Bool
  ) throws -> (data: Data, manifest: Manifest) {
    var writer = ZipWriter()
    var listed: [Input] = []
    var packed: [(member: String, file: String)] = []
    for (number, input) in inputs.enumerated() {
      let isDescription =
        input.path != dataPath && input.path.lowercased().hasSuffix(".json")
        && input.files == [input.path]
      guard packsData || isDescription else {
        listed.append(Input(path: input.path, member: nil))
        continue
      }
      let last = (input.path as NSString).lastPathComponent
      let name = ["", ".", "..", "/"].contains(last) ? "data" : last
      let member = "\(folderOfInputs)/\(number + 1)/\(name)"
      listed.append(Input(path: input.path, member: member))
      for file in input.files where RegularFile.size(file) != nil {
        let rest = file.dropFirst(input.path.count)
        packed.append((member + (rest.isEmpty || rest.hasPrefix("/") ? "" : "/") + rest, file))
      }
    }
    let manifest = Manifest(
      format: format, command: Provenance.line(command),
      data: data.map {
        DataDigest(name: $0.name, statement: $0.statement, hash: $0.hash, examples: $0.examples)
      }, numericalVersion: Provenance.numericalVersion, inputs: listed)
    try writer.add("README.txt", Array(text(manifest).utf8))
    try writer.add(manifestName, Array(JSONText.prettyEncoder.encode(manifest) + Data("\n".utf8)))
    for name in ResultsFolder.publishedNames {
      // Not every publication has every file.
      if !ResultsFolder.alwaysPublishedNames.contains(name),
        RegularFile.size(folder.file(name)) == nil
      {
        continue
      }
      guard let content = RegularFile.contents(folder.file(name)) else {
        throw Problem(
          subject: folder.file(name), problem: "the file cannot be read",
          remedy: "publish the results again: \(Provenance.line(of: "resume", folder.path))")
      }
      try writer.add(name, Array(content), compression: Zlib.system == nil ? .stored : .deflated)
    }
    for (member, file) in packed {
      guard let content = RegularFile.contents(file) else {
        throw Problem(
          subject: file, problem: "the file cannot be read", remedy: "change its permissions")
      }
      try writer.add(member, Array(content), compression: Zlib.system == nil ? .stored : .deflated)
    }
    return (writer.finished(), manifest)
  }

  private static func text(_ manifest: Manifest) -> String {
    let missing = manifest.inputs.filter { $0.member == nil }.map(\.path)
    return """
      The results of: \(manifest.command)

      \(Provenance.program) verify THIS_FILE reruns some of the runs and compares their bits; --all reruns all of them, and
      --run KEY one. Any machine will do, if the program's numerical version is \(manifest.numericalVersion).
      \(manifest.data.map { "Data: \($0.statement); digest \($0.hash)." } ?? "It generates its own data.")
      \(missing.isEmpty ? "" : "Not packed; give with \(Setting.data): \(missing.joined(separator: ", ")).\n")
      record.json     the request, data, program, machine and outcome
      runs.jsonl      one line per run
      summary.csv     the numbers of the figure
      figure.svg      the figure
      report.html     the whole report

      """
  }

  // MARK: Unpacking

  /// The folder of an unpacked bundle, which is removed with this value.
  final class Unpacked: Sendable {
    /// The folder.
    let path: String
    /// What the bundle says about itself.
    let manifest: Manifest

    init(path: String, manifest: Manifest) {
      self.path = path
      self.manifest = manifest
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The words of the command with the paths of what was unpacked.
    func words(_ words: [String]) -> [String] {
      let paths = Dictionary(
        manifest.inputs.compactMap { input in
          input.member.map { (input.path, FilePaths.joined(path, $0)) }
        }, uniquingKeysWith: { first, _ in first })
      return words.map { word in
        if let path = paths[word] { return path }
        // Paths may be parts of words, as in `--arms plain,mine.json` and `--data=points.csv`.
        var parts: [String] = [""]
        for character in word {
          if character == "," || character == "=" {
            parts += [String(character), ""]
          } else {
            parts[parts.count - 1].append(character)
          }
        }
        return parts.map { paths[$0] ?? $0 }.joined()
      }
    }

    /// What the command reads and the bundle does not contain.
    var missing: [String] { manifest.inputs.filter { $0.member == nil }.map(\.path) }
  }

  /// Unpacks a bundle into its own folder; `nil` if the path is a folder.
  ///
  /// - Throws: ``/Findings/Problem`` if it is not a bundle, or is damaged.
  static func unpacked(_ path: String) throws -> Unpacked? {
    guard RegularFile.size(path) != nil else { return nil }
    let archive = try ZipArchive(contentsOfFile: path)
    func content(_ name: String) throws -> Data? {
      try archive.members.first { $0.name == name }.map { Data(try archive.content(of: $0)) }
    }
    guard let text = try content(manifestName),
      let manifest = try? JSONText.decoder.decode(Manifest.self, from: text)
    else {
      throw Problem(
        subject: path, problem: "this is not a bundle of results",
        remedy: "give a results folder, or a file made by \(Provenance.program) bundle")
    }
    guard manifest.format == format else {
      throw Problem(
        subject: path,
        problem:
          "the bundle has format \(manifest.format), but this program reads format \(format)",
        remedy: "use a newer program")
    }
    let folder = FilePaths.joined(
      FileManager.default.temporaryDirectory.path, AtomicFile.temporaryName("-bundle"))
    let unpacked = Unpacked(path: folder, manifest: manifest)
    for member in archive.members {
      guard isExpected(member.name) else {
        throw Problem(
          subject: path, location: "member \(member.name)",
          problem: "a bundle never contains a file of this name",
          remedy: "get the bundle again")
      }
      let target = FilePaths.joined(folder, member.name)
      try FileManager.default.createDirectory(
        atPath: FilePaths.folder(of: target), withIntermediateDirectories: true)
      try AtomicFile.write(Data(try archive.content(of: member)), to: target)
    }
    return unpacked
  }

  /// Whether a bundle may have a member of this name: what would lead out of its folder is refused.
  private static func isExpected(_ name: String) -> Bool {
    if ResultsFolder.publishedNames.contains(name) || ["README.txt", manifestName].contains(name) {
      return true
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count >= 3 && parts[0] == folderOfInputs && Int(parts[1]) != nil
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains("\0") }
  }
}
