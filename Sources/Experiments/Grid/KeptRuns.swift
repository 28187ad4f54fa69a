import Console
import Datasets
import Diagnosis
import Findings
import Foundation
import Plumbline
import Training

/// What is kept of each report run in addition to its line, in the folder `kept`.
public enum KeptContent: String, Sendable, CaseIterable {
  /// `KEY-losses.npz`, with the loss before each step as `losses`.
  case losses
  /// `KEY-layers.npz`, with the root mean square of the activations (`activation_start`, `activation_end`) and of the gradient of
  /// one example's loss with respect to them (`gradient_start`, `gradient_end`) at each layer that all paths go through.
  case layers
  /// `KEY-parameters.npz`, with the values at the end, as `plumb train` writes them.
  case parameters
}

/// The files of kept runs.
struct KeptRuns: Sendable {
  /// What is kept.
  let content: Set<KeptContent>
  private let path: String

  /// The files of a results folder, whose folder `kept` is created if missing.
  ///
  /// - Throws: ``/Findings/Problem`` if it cannot be created.
  init(_ content: Set<KeptContent>, in folder: ResultsFolder) throws {
    self.content = content
    path = folder.file("kept")
    if content.isEmpty { return }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw Problem(
        subject: path, problem: "the folder cannot be created",
        remedy: "give another folder to \(Setting.out)")
    }
  }

  private func file(_ key: String, _ content: KeptContent) -> String {
    "\(path)/\(key)-\(content.rawValue).npz"
  }

  /// Whether everything to be kept of a run exists.
  func holds(_ key: String) -> Bool {
    content.allSatisfy { RegularFile.size(file(key, $0)) != nil }
  }

  /// Writes what is to be kept; each file completely or not at all.
  func write(_ run: MeasuredRun, key: String) throws {
    let result = run.result
    if content.contains(.layers) {
      let (start, end) = (run.normsAtStart, run.normsAtEnd)
      let data = try NPZFile.data(
        [
          ("activation_start", start.values), ("activation_end", end.values),
          ("gradient_start", start.gradients), ("gradient_end", end.gradients),
        ].map { (name: $0, array: NumericArray([$1.count], $1)) })
      try AtomicFile.write(data, to: file(key, .layers))
    }
    if content.contains(.losses) {
      let data = try NPZFile.data([
        (name: "losses", array: NumericArray([result.losses.count], result.losses))
      ])
      try AtomicFile.write(data, to: file(key, .losses))
    }
    if content.contains(.parameters) {
      try ParameterFile.write(result.parameters, to: file(key, .parameters))
    }
  }

  /// The loss before each step of a run; `nil` if it is not kept.
  func losses(_ key: String) throws -> [Double]? {
    guard content.contains(.losses), RegularFile.size(file(key, .losses)) != nil else { return nil }
    return try NPZFile(contentsOfFile: file(key, .losses)).array(named: "losses").doubles()
  }
}
