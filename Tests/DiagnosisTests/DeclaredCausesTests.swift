import Datasets
import Diagnosis
import Findings
import Foundation
import Testing
import Verification

/// What findings name is declared next to the rule that names it, with what it means: `plumb help causes` prints it from there.
@Suite struct DeclaredCausesTests {
  /// The ids that the sources of a folder declare.
  private func ids(in folder: String) throws -> Set<String> {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let sources = root.appendingPathComponent("Sources/\(folder)")
    var found: Set<String> = []
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    for case let file as URL in try #require(files) where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      guard let start = text.firstRange(of: /extension (Finding\.Cause|CauseID) \{/) else {
        continue
      }
      for match in text[start.lowerBound...].matches(of: /static let \w+: Self = "([^"]+)"/) {
        found.insert(String(match.output.1))
      }
    }
    return found
  }

  @Test(
    "every one of a module's causes is declared with its meaning, once",
    arguments: [
      ("Diagnosis/Rules", Diagnosis.causes), ("Datasets/Inspection", DataJudgement.causes),
      ("Verification/Causes", Audit.causes), ("Verification/Check", GradientCheck.causes),
    ])
  func declared(folder: String, causes: [Finding.CauseMeaning]) throws {
    let declared = causes.map(\.cause.rawValue)
    let missing = try ids(in: folder).subtracting(declared)
    #expect(missing.isEmpty, "\(missing)")
    #expect(Set(declared).count == declared.count)
    for cause in causes {
      #expect(cause.meaning.count > 15 && !cause.meaning.hasSuffix("."), "\(cause)")
    }
  }

  @Test("the rules name causes by their constants alone, so that there are no others")
  func constants() throws {
    let declared = Set(Diagnosis.causes.map(\.cause.rawValue))
    #expect(Set(Calibration.counts.keys.map(\.rawValue)).isSubset(of: declared))
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let sources = root.appendingPathComponent("Sources/Diagnosis")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    for case let file as URL in try #require(files) where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(!text.contains("cause: \"") && !text.contains("Cause(rawValue"), "\(file)")
    }
  }
}
