import Experiments
import Foundation
import Testing

@Suite struct StudyRecordTests {
  private typealias Record = StudyRecord<[String: String], [Int]>

  private func fields(_ record: Record) throws -> [String: Any] {
    let data = try JSONText.prettyEncoder.encode(record)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func tellsWhatRanWhereAndWhen() throws {
    let record = Record(
      study: "sample", sweepKey: "ab", provenance: Provenance(), configuration: ["effort": "quick"],
      data: .init(name: "glyphs", statement: "made", hash: "cd", examples: 7))
    let running = try fields(record)
    #expect(running["status"] as? String == "running")
    #expect(running["ended"] == nil && running["summary"] == nil)
    #expect(running["study"] as? String == "sample" && running["sweep_key"] as? String == "ab")
    #expect((running["configuration"] as? [String: String]) == ["effort": "quick"])
    #expect((running["data"] as? [String: Any])?["examples"] as? Int == 7)
    let done = try fields(record.completed(with: [1, 2]))
    #expect(done["status"] as? String == "complete" && done["summary"] as? [Int] == [1, 2])
    #expect(done["ended"] is String)
  }

  @Test func provenanceNamesProgramAndMachine() throws {
    let provenance = Provenance()
    #expect(!provenance.command.isEmpty && provenance.cores > 0)
    #expect(provenance.executableHash?.count == 16)
    #expect(Provenance().executableHash == provenance.executableHash)
    #expect(!provenance.processor.isEmpty && !provenance.operatingSystem.isEmpty)
    #expect(["portable", "avx2", "avx512", "neon"].contains(provenance.instructionSet))
    // A UTC time that any tool reads, as in 2025-01-02T03:04:05Z.
    #expect(provenance.started.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
  }
}
