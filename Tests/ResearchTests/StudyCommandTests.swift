import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct StudyCommandTests {
  @Test(
    .enabled(if: BuildMode.isOptimized, "takes a minute without optimization"),
    // The cheapest of several kinds: CI runs all of them.
    arguments: ["path-lengths", "kept-length", "euler-limit"])
  func quickFormShowsTheClaim(study: String) throws {
    let folder = try TemporaryFolder()
    let words = [study, "--quick", "--out", "out", "--json", "checks.json"]
    let outcome = try ResearchProcess.run(words, in: folder)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.output.contains("\nThe claim holds.\n"), "\(outcome.output)")
    #expect(!outcome.output.contains("NOT"))

    let data = Data(folder.bytes("checks.json") ?? [])
    let checks = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    #expect(checks.count >= 4)
    for check in checks {
      let numbers = ["predicted", "measured", "standard_error", "tolerance"]
      #expect(numbers.allSatisfy { check[$0] is Double } && check["quantity"] is String)
    }
    #expect(folder.lines("out/summary.csv").count == checks.count + 1)
    let figure = try #require(folder.text("out/figure.svg"))
    #expect(XMLParser(data: Data(figure.utf8)).parse())
    #expect(folder.text("out/report.html")?.contains("The claim holds.") == true)
    #expect(folder.text("out/record.json")?.contains("\"complete\"") == true)

    // The same study again gives the same bytes, in the same folder; one shows it for all.
    let csv = folder.bytes("out/summary.csv")
    if study == "path-lengths" {
      #expect(try ResearchProcess.run(words, in: folder).status == 0)
      #expect(folder.bytes("out/summary.csv") == csv)
    }
    // Its full form is another one.
    let full = try ResearchProcess.run([study, "--out", "out"], in: folder)
    #expect(full.status == 2 && full.error.contains("holds another sweep"))
    #expect(folder.bytes("out/summary.csv") == csv)
  }
}
