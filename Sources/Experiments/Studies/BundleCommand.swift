import Console
import Findings
import Foundation

/// `bundle`: a folder of results as one file that a reviewer can verify.
enum BundleCommand {
  private static let folder = Argument(
    "DIR", .input("the folder", files: { _ in [] }), help: "the folder given to --out")
  private static let out = Option(
    "out", "FILE", .output(endings: [".zip"]), defaultText: "DIR.zip",
    help: "the file to write")
  private static let withData = Option(
    flag: "with-data",
    help: "also packs the data files; otherwise they must be given with --data to verify")

  static let command = Command(
    "bundle", summary: "packs record, runs and figure into one file, to verify elsewhere",
    discussion:
      "Arm descriptions that the command reads are packed too. \(Provenance.program) verify FILE repeats any of its runs and "
      + "compares the bits.",
    arguments: [folder], options: [out, withData],
    examples: [
      Command.Example("\(Provenance.program) bundle results/depth-0a1b2c3d", "for a paper"),
      StoredStudy.example("bundle results/d", "of a small study"),
    ])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    let stored = try StoredStudy(inFolder: options[folder], among: studies)
    guard stored.unpacked == nil else {
      throw Problem(
        subject: options[folder], problem: "this is already a bundle", remedy: "give a folder")
    }
    guard stored.folder.isComplete else {
      throw Problem(
        subject: stored.folder.path, problem: "the study is not complete",
        remedy: "complete it first: \(Provenance.line(of: "resume", stored.folder.path))")
    }
    var path = stored.folder.path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    path = options[out] ?? path + ".zip"
    let bundle = try ResultsBundle.data(
      of: stored.folder, command: stored.command, inputs: inputs(stored),
      data: stored.folder.record(RecordedData.self)?.data, dataPath: Self.dataPath(stored),
      packsData: options[withData])
    try AtomicFile.write(bundle.data, to: path)
    let missing = bundle.manifest.inputs.filter { $0.member == nil }.map(\.path)
    print("\(path): \(NumberFormat.count(bundle.data.count)) bytes")
    let dataPath = dataPath(stored)
    let hasDataFile = bundle.manifest.inputs.contains {
      $0.path == dataPath || !$0.path.lowercased().hasSuffix(".json")
    }
    if options[withData], let data = bundle.manifest.data, !hasDataFile {
      print(
        "data: \(data.statement): generated or found by name, so there is no data file to pack")
    }
    if !missing.isEmpty {
      print(
        "not packed: \(missing.joined(separator: ", ")); --with-data packs it, otherwise give it with --data to verify"
      )
    }
    print("\(Provenance.line(of: "verify", path)) repeats its runs")
    return .done
  }

  private struct RecordedData: Decodable { let data: DataRecord? }

  /// What the command passes to `--data`; `nil` if it does not.
  private static func dataPath(_ stored: StoredStudy) -> String? {
    let words = stored.command.requestWords
    if let joined = words.first(where: { $0.hasPrefix("--data=") }) {
      return String(joined.dropFirst("--data=".count))
    }
    return words.firstIndex(of: "--data").flatMap {
      words.indices.contains($0 + 1) ? words[$0 + 1] : nil
    }
  }

  /// What the words of the command name and the study reads, each with its files.
  private static func inputs(_ stored: StoredStudy) -> [(path: String, files: [String])] {
    let read = stored.options.files.filter { $0.direction == .reads }.map(\.path)
    var seen: Set<String> = []
    let named = stored.command.requestWords.flatMap { word in
      [word] + word.split(whereSeparator: { $0 == "," || $0 == "=" }).map(String.init)
    }
    return named.filter { seen.insert($0).inserted }.compactMap { name in
      let files = read.filter {
        $0 == name || $0.hasPrefix(name.hasSuffix("/") ? name : name + "/")
      }
      return files.isEmpty || FilePaths.isFolder(name) == nil ? nil : (name, files)
    }
  }
}
