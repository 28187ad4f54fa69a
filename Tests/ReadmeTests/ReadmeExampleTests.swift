import Foundation
import Testing

@Suite("README")
struct ReadmeExampleTests {
  @Test("the example trains, and its block's gradient passes the check")
  func exampleRuns() throws {
    let (losses, check) = try trainAndCheck()
    #expect(losses[29] < 0.7 * losses[0])
    #expect(check.passes, "\(check.failures)")
    // The Taylor remainder is that of a right derivative, and was not lost in rounding.
    #expect((check.slope ?? 0) > 1.5)
  }

  @Test("README shows the example as it stands in its file")
  func readmeHoldsTheExample() throws {
    let here = URL(fileURLWithPath: #filePath)
    let package = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let example = try String(
      contentsOf: here.deletingLastPathComponent().appendingPathComponent("ReadmeExample.swift"),
      encoding: .utf8)
    let readme = try String(
      contentsOf: package.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(readme.contains("```swift\n" + example + "```\n"))
  }
}
