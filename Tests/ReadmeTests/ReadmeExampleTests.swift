import Datasets
import Diagnosis
import Foundation
import Plumbline
import Testing
import Training

@Suite("README")
struct ReadmeExampleTests {
  @Test("the example trains, is diagnosed, and its block's gradient passes the check")
  func exampleRuns() throws {
    let (run, check) = try trainAndDiagnose()
    #expect(run.result.losses[299] < 0.5 * run.result.losses[0])
    #expect(run.diagnosis.evidence.stepCount == 300)
    #expect(check.passes, "\(check.failures)")
    // The Taylor remainder is that of a right derivative, and was not lost in rounding.
    #expect((check.slope ?? 0) > 1.5)
  }

  @Test("a loop of one's own is watched by the same instruments")
  func handWrittenLoop() throws {
    let moons = try LabelledSets(source: "moons:count=100").train
    let diagnosis = trainByHand(
      Sequential([Dense(2, 8), Activation.relu, Block(width: 8), Dense(8, 2)]),
      on: try Examples(moons, input: [2], outputs: 2, loss: .crossEntropy))
    #expect(diagnosis.evidence.stepCount == 50)
    #expect(diagnosis.evidence.train.loss < diagnosis.evidence.baseRate.loss)
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
