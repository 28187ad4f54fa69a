import Console
import Findings
import Foundation

/// The runs of a folder as recorded in its lines, whatever their study is. Nothing is locked or changed.
struct RecordedRuns {
  struct Run {
    let line: RunLine
    /// What the line says.
    let summary: RunSummary

    /// The hash of its configuration, by which it is named.
    var key: String { line.key }
    /// Its result, if it was a training.
    var training: RunSummary.Training? { summary.training }
  }

  let folder: ResultsFolder
  /// The bundle that it came in; `nil` if it came in a folder.
  private let unpacked: ResultsBundle.Unpacked?
  /// The header of its record.
  let header: RecordHeader
  /// The runs, in the order of the lines, those of parts after the others.
  let runs: [Run]
  /// The number of runs in each journal of a part, by name.
  let parts: [(name: String, runs: Int)]

  /// The runs of a folder.
  ///
  /// - Throws: ``/Findings/Problem`` if it is not the folder of a study, or a line cannot be trusted.
  init(path: String, _ studies: [any Study]) throws {
    unpacked = try ResultsBundle.unpacked(path)
    folder = ResultsFolder(path: unpacked?.path ?? path)
    guard let header = folder.header else {
      let file = folder.file("record.json")
      let isThere = RegularFile.size(file) != nil
      throw Problem(
        .notFound, subject: isThere ? file : path,
        problem: isThere
          ? "this is not the record of a study"
          : "this is neither a study nor a folder that one made",
        remedy: "give a folder made by a study, or a name that \(Provenance.program) list shows")
    }
    self.header = header
    let kind = Self.kind(of: header, in: folder, studies)
    var seen: Set<String> = []
    var parts: [(name: String, runs: Int)] = []
    var lines: [RunLine] = []
    for name in folder.journalNames {
      let own = try Journal.recorded(in: folder, of: kind, named: name)
      if Shard.isJournal(name) { parts.append((name, own.count)) }
      lines += own.filter { seen.insert($0.key).inserted }
    }
    self.parts = parts
    let (path, study) = (folder.path, header.study)
    runs = try lines.map { line in
      do {
        return Run(line: line, summary: try kind.summary(of: line))
      } catch {
        throw Problem(
          subject: path, location: "the line of the run \(line.key)",
          problem: "it is not a run of \(study)",
          remedy: "use the program that made the folder")
      }
    }
  }

  /// The kind of the lines of a folder: that of its study or, if the study belongs to another program, the first kind among this
  /// program's studies that can read a line.
  private static func kind(
    of header: RecordHeader, in folder: ResultsFolder, _ studies: [any Study]
  ) -> any RunConfiguration.Type {
    if let own = studies.first(where: { $0.name == header.study }) { return own.runKind }
    return studies.map(\.runKind).first { kind in
      let line = folder.journalNames.lazy.compactMap { name in
        try? Journal.readable(in: folder, of: kind, named: name).lines.first
      }.first
      return line.map { (try? kind.summary(of: $0))?.training != nil } ?? false
    } ?? Measurement.self
  }
}

extension ResultsFolder {
  /// The journals that exist: `runs.jsonl`, then those of parts in their order.
  var journalNames: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let parts = names.filter(Shard.isJournal).sorted {
      $0.compare($1, options: .numeric) == .orderedAscending
    }
    return (names.contains("runs.jsonl") ? ["runs.jsonl"] : []) + parts
  }
}
