import Findings
import Foundation
import Testing

struct ProblemTests {
  @Test func readsSubjectLocationProblemRemedy() {
    let problem = Problem(
      "out-of-range", subject: "digits.npz", location: "X[7, 3]", problem: "the value is nan",
      remedy: "fill it in")
    #expect("\(problem)" == "digits.npz: X[7, 3]: the value is nan; fill it in")
    #expect(problem.kind == "out-of-range")
  }

  @Test func missingPartsAreLeftOut() {
    #expect("\(Problem(problem: "nothing is given", remedy: ""))" == "nothing is given")
    #expect(
      "\(Problem(subject: "a.npz", location: "", problem: "p", remedy: "r"))" == "a.npz: p; r")
  }

  @Test func aSettingIsNamedAsTheUserKnowsIt() throws {
    let problem = Problem(
      setting: "batchSize", problem: "there are 100 examples", remedy: "give at most 100")
    #expect("\(problem)" == "batchSize: there are 100 examples; give at most 100")
    let named = problem.naming { $0 == "batchSize" ? "--batch" : nil }
    #expect("\(named)" == "--batch: there are 100 examples; give at most 100")
    #expect(problem.naming { _ in nil } == problem)
    let json = try JSONEncoder().encode(problem)
    #expect(try JSONDecoder().decode(Problem.self, from: json) == problem)
  }
}
