import Console
import Findings
import Foundation
import Testing

@Suite struct ExitStatusTests {
  private struct Plain: Error, CustomStringConvertible {
    var description: String { "it broke" }
  }

  @Test func keepsTheNumbersThatScriptsKnow() {
    #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 130])
  }

  @Test func reportsMessageAndRemedy() {
    let error = FileObstacle.folderMissing("out").problem(of: "out/x.json")
    #expect(
      ErrorReport.text(error, program: "research depth")
        == "research depth: cannot write out/x.json: the folder out does not exist; "
        + "create it with: mkdir -p out\n")
    #expect(ErrorReport.text(Plain(), program: "plumb") == "plumb: it broke\n")
    let option = Problem.unknownOption("--widht", nearest: "--width")
    #expect(
      ErrorReport.text(option, program: "plumb train")
        == "plumb train: there is no option --widht; did you mean --width?\n"
        + "  plumb train --help lists what is accepted\n")
  }

  @Test func failsWithTwo() async {
    await #expect(processExitsWith: .exitCode(2)) {
      ErrorReport.fail(Problem.missingArgument("FILE"), program: "plumb")
    }
    await #expect(processExitsWith: .exitCode(1)) { ExitStatus.answerIsNo.exit() }
  }
}
