import Console
import Findings
import Foundation

/// The runs of a folder as its lines have them, whatever study they are of. Nothing is locked or changed.
struct RecordedRuns {
  /// A run.
  struct Run {
    /// The hash of its configuration, by which it is named.
    let key: String
    /// The fields of its line.
    let fields: [String: Any]

    func text(_ name: String) -> String? { fields[name].map { "\($0)" } }
    func number(_ name: String) -> Double? { (fields[name] as? NSNumber)?.doubleValue }
    var diverged: Bool { fields["diverged"] as? Bool == true }
    var phase: String { fields["phase"] as? String ?? "report" }

    /// What tells the cell from others, whatever the learning rate is that was chosen for it: arm, depth, and what is varied.
    var cell: String {
      let factors = (fields["factors"] as? [String: Any] ?? [:]).sorted { $0.key < $1.key }
      let settings = ["width", "optimizer", "batch", "steps"].compactMap { name in
        fields[name].map { "\(name) \($0)" }
      }
      return
        ([text("arm"), text("depth").map { "depth \($0)" }].compactMap(\.self) + settings
        + factors.map { "\($0.key) \($0.value)" }).joined(separator: ", ")
    }

    /// The loss on the training set, infinite where the run diverged; `nil` where it has none.
    var loss: Double? { diverged ? .infinity : number("train_loss") }
  }

  /// The folder.
  let folder: ResultsFolder
  /// What its record begins with.
  let header: RecordHeader
  /// The runs, in the order of the lines, those of parts after the others.
  let runs: [Run]
  /// The number of runs in each journal of a part, by name.
  let parts: [(name: String, runs: Int)]

  /// The runs of a folder.
  ///
  /// - Throws: ``Problem`` where it is not that of a study, or a line cannot be believed.
  init(path: String, _ studies: [any Study]) throws {
    folder = ResultsFolder(path: path)
    guard let header = folder.header else {
      throw Problem(
        .notFound, subject: folder.file("record.json"),
        problem: "this is not the record of a study",
        remedy: "give a folder that a study has made")
    }
    self.header = header
    let kind = studies.first { $0.name == header.study }?.runKind ?? Measurement.self
    var seen: Set<String> = []
    var parts: [(name: String, runs: Int)] = []
    var lines: [RunLine] = []
    for name in folder.journalNames {
      let own = try Journal.recorded(in: folder, of: kind, named: name)
      if Shard.isJournal(name) { parts.append((name, own.count)) }
      lines += own.filter { seen.insert($0.key).inserted }
    }
    self.parts = parts
    runs = lines.map { line in
      let object = try? JSONSerialization.jsonObject(with: line.text)
      return Run(key: line.key, fields: object as? [String: Any] ?? [:])
    }
  }
}

extension ResultsFolder {
  /// The journals that are there: `runs.jsonl`, then those of parts in their order.
  var journalNames: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let parts = names.filter(Shard.isJournal).sorted {
      $0.compare($1, options: .numeric) == .orderedAscending
    }
    return (names.contains("runs.jsonl") ? ["runs.jsonl"] : []) + parts
  }
}
