import Console
import Findings
import Foundation
import Training

/// `status`: how far the folder of a study is.
enum StatusCommand {
  private static let folder = Argument(
    "DIR", .input("the folder", files: { _ in [] }), help: "the folder given to --out")

  static let command = Command(
    "status", summary: "shows a folder's progress: runs, parts, divergence",
    discussion: "Nothing is locked or written, so it is safe during a sweep.",
    arguments: [folder],
    examples: [StoredStudy.example("status results/d", "a small study")])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    let recorded = try RecordedRuns(path: options[folder], studies)
    let header = recorded.header
    print("\(header.study) \(header.sweepKey): \(words(recorded))")
    let trainings = recorded.runs.compactMap(\.training)
    let phases = Dictionary(grouping: trainings, by: \.phase).mapValues(\.count)
    let counts = phases.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
    print(
      "runs: \(recorded.runs.count)"
        + (counts.isEmpty ? "" : " (\(counts.joined(separator: ", ")))"))
    let diverged = trainings.count(where: \.diverged)
    if diverged > 0 { print("diverged: \(diverged)") }
    let underWay = CheckpointFiles.names(in: recorded.folder.checkpoints).count
    if underWay > 0 { print("in progress, with a saved state: \(underWay)") }
    let finished = Set(recorded.runs.map(\.key))
    let failures = FailureLog.recorded(in: recorded.folder).filter { !finished.contains($0.key) }
    if let first = failures.first {
      print("failed: \(failures.count), the first with: \(first.problem)")
    }
    if let queue = SlurmJob.queue(of: recorded.folder) { print(queue) }
    // Of hundreds of parts, those that lag behind matter most.
    let parts = recorded.parts.sorted { $0.runs < $1.runs }
    if parts.count > 20 {
      print(
        "parts: \(parts.count), with \(parts[0].runs) to \(parts[parts.count - 1].runs) runs each")
    }
    for part in parts.count > 20 ? [] : recorded.parts { print("\(part.name): \(part.runs) runs") }
    if let provenance = header.provenance {
      print("begun: \(provenance.started), by \(Provenance.line(provenance.command))")
    }
    return .done
  }

  private static func words(_ recorded: RecordedRuns) -> String {
    switch recorded.header.status {
    case .complete?: return "complete"
    case .interrupted?: return "interrupted"
    case .running?, nil: break
    }
    let path = recorded.folder.path
    return recorded.parts.isEmpty
      ? "incomplete; if no process is working on it, continue with \(Provenance.line(of: "resume", path))"
      : "in parts; \(Provenance.line(of: "collect", path)) joins them once all have finished"
  }
}
