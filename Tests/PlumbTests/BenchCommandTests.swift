import Foundation
import TestSupport
import Testing

@Suite("plumb bench")
struct BenchCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("--steps writes the losses, which are the same at any number of threads")
  func steps() throws {
    var losses: [[Double]] = []
    for threads in ["1", "2"] {
      let outcome = try PlumbProcess.run(
        [
          "bench", "--case", "3,2,4,2,5", "--case", "4,3,4,4,6", "--steps", "7", "--json",
          "steps.json", "--threads", threads,
        ], in: folder)
      #expect(outcome.status == 0 && outcome.error.isEmpty)
      let data = Data(try #require(folder.bytes("steps.json")))
      let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(object["steps"] as? Int == 7)
      let cases = try #require(object["cases"] as? [[String: Any]])
      #expect(cases.map { $0["case"] as? String } == ["3,2,4,2,5", "4,3,4,4,6"])
      losses.append(cases.compactMap { $0["loss"] as? Double })
      for loss in losses[0] { #expect(outcome.output.contains("loss \(Float(loss)) at step 7")) }
    }
    #expect(losses[0].count == 2 && losses[0] == losses[1])
  }

  @Test("--network measures a network, and refuses one that it does not know")
  func networks() throws {
    let outcome = try PlumbProcess.run(
      ["bench", "--network", "dense-dropout", "--json", "bench.json"], in: folder)
    #expect(outcome.status == 0 && outcome.output.contains("dense-dropout"))
    let data = Data(try #require(folder.bytes("bench.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let cases = try #require(object["cases"] as? [[String: Any]])
    #expect(cases.count == 1 && (cases[0]["milliseconds"] as? Double ?? 0) > 0)
    #expect((cases[0]["eager_milliseconds"] as? Double ?? 0) > 0)
    let unknown = try PlumbProcess.run(["bench", "--network", "resnet2"], in: folder)
    #expect(unknown.status == 2 && unknown.error.contains("resnet20"))
    let both = try PlumbProcess.run(
      ["bench", "--network", "resnet20", "--steps", "3"], in: folder)
    #expect(both.status == 2 && both.error.contains("--network") && both.output.isEmpty)
  }

  @Test("a file that cannot be written is told before anything is measured")
  func unwritable() throws {
    let outcome = try PlumbProcess.run(["bench", "--json", "nowhere/bench.json"], in: folder)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error.contains("nowhere") && outcome.error.contains("mkdir -p"))
    #expect(folder.content().isEmpty)
  }

  @Test("cases that are no cases are refused", arguments: ["3,2,4,3,5", "3,2,4", "a,b,c,d,e", ""])
  func cases(text: String) throws {
    let outcome = try PlumbProcess.run(["bench", "--case=\(text)", "--steps", "1"], in: folder)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error.contains("--case"))
  }
}
