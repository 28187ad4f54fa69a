import Findings
import Synchronization
import TestSupport
import Testing

@testable import Experiments

/// A run that takes the square of a number.
struct Square: RunConfiguration {
  let number: Int
  var work: Double { Double(number) }

  struct Outcome: RunOutcome, Hashable {
    let square: Int
  }

  struct Failure: Error, Equatable { let number: Int }
}

/// Notes which runs were carried out.
final class Performed: Sendable {
  private let list = Mutex<[Int]>([])
  var numbers: [Int] { list.withLock { $0 } }

  func perform(_ run: Square, failing: Int? = nil) throws -> Square.Outcome {
    if run.number == failing { throw Square.Failure(number: run.number) }
    list.withLock { $0.append(run.number) }
    return Square.Outcome(square: run.number * run.number)
  }
}

@Suite struct SweepTests {
  private let runs = (1...20).map(Square.init)

  @Test(arguments: [1, 2, 3, 64])
  func resultsDoNotDependOnJobs(jobs: Int) throws {
    let performed = Performed()
    let outcomes = try Sweep<Square, Square.Outcome>(jobs: jobs, journal: nil)
      .outcomes(of: runs, stage: "test") { run, _, _ in try performed.perform(run) }
    #expect(outcomes.map(\.square) == (1...20).map { $0 * $0 })
    #expect(performed.numbers.sorted() == Array(1...20))
    // Large runs start first, so that the cores end together.
    if jobs == 1 { #expect(performed.numbers == (1...20).reversed()) }
  }

  @Test func anEmptySweepIsDone() throws {
    let outcomes = try Sweep<Square, Square.Outcome>(jobs: 2, journal: nil)
      .outcomes(of: [], stage: "test") { _, _, _ in Square.Outcome(square: 0) }
    #expect(outcomes.isEmpty)
  }

  @Test(arguments: [1, 2])
  func aRunThatThrowsStopsTheSweepAndKeepsWhatIsFinished(jobs: Int) throws {
    let folder = try TemporaryFolder()
    let results = ResultsFolder(path: folder.path)
    let (first, second) = (Performed(), Performed())
    do {
      let journal = try Journal(in: results, of: Square.self)
      #expect(throws: Square.Failure(number: 12)) {
        try Sweep<Square, Square.Outcome>(jobs: jobs, journal: journal).outcomes(
          of: runs, stage: "test"
        ) { run, _, _ in
          try first.perform(run, failing: 12)
        }
      }
      #expect(journal.count == first.numbers.count)
      // The larger ones came before; of the smaller at most those that were under way.
      #expect(Set(first.numbers).isSuperset(of: 13 + (jobs - 1)...20))
      #expect(first.numbers.count < 20 && !first.numbers.contains(12))
    }
    let journal = try Journal(in: results, of: Square.self)
    #expect(journal.count == first.numbers.count)
    let outcomes = try Sweep<Square, Square.Outcome>(jobs: jobs, journal: journal).outcomes(
      of: runs, stage: "test"
    ) {
      run, _, _ in try second.perform(run)
    }
    #expect(outcomes.map(\.square) == (1...20).map { $0 * $0 })
    #expect((first.numbers + second.numbers).sorted() == Array(1...20))
  }

  /// Adds up what a sweep tells of its progress.
  private final class Observer: SweepObserver {
    struct Total: Equatable {
      var stages: [String] = []
      var runs = 0, work = 0.0, ends = 0
    }
    private let sum = Mutex(Total())
    var total: Total { sum.withLock { $0 } }

    func began(_ stage: SweepStage) {
      sum.withLock {
        $0.stages.append("\(stage.name) \(stage.runsDone)/\(stage.runs)")
        $0.runs += stage.runsDone
        $0.work += stage.workDone
      }
    }
    func advanced(runs: Int, work: Double) {
      sum.withLock { ($0.runs, $0.work) = ($0.runs + runs, $0.work + work) }
    }
    func ended() { sum.withLock { $0.ends += 1 } }
  }

  @Test func progressAddsUpToTheWork() throws {
    let folder = try TemporaryFolder()
    let journal = try Journal(in: ResultsFolder(path: folder.path), of: Square.self)
    for number in [3, 20] { try journal.append(Square(number: number), Square.Outcome(square: 0)) }
    let observer = Observer()
    _ = try Sweep<Square, Square.Outcome>(jobs: 2, journal: journal, observer: observer)
      .outcomes(of: runs, stage: "test") { run, _, report in
        for _ in 0..<4 { report(0.125) }
        return Square.Outcome(square: run.number)
      }
    let total = observer.total
    #expect(total.stages == ["test 2/20"] && total.runs == 20 && total.ends == 1)
    #expect(abs(total.work - 210) < 1e-9)
  }

  @Test func runsThatAreTheSameAreCarriedOutOnce() throws {
    let observer = Observer()
    let outcomes = try Sweep<Square, Square.Outcome>(jobs: 2, journal: nil, observer: observer)
      .outcomes(of: [3, 1, 3, 2, 1].map { Square(number: $0) }, stage: "test") { run, _, _ in
        Square.Outcome(square: run.number * run.number)
      }
    #expect(outcomes.map(\.square) == [9, 1, 9, 4, 1])
    #expect(observer.total.stages == ["test 0/3"] && observer.total.runs == 3)
  }
}

/// What becomes of a sweep whose runs fail, or that is ended early.
@Suite struct SweepPolicyTests {
  @Test func theLastLineOfARunHolds() throws {
    let folder = try TemporaryFolder()
    // What failed and went through later holds no more, also where a line was torn.
    let results = ResultsFolder(path: folder.path)
    func noted(_ key: String) -> FailureLog.Failure {
      .init(key: key, run: "{}", problem: "no \(key)", at: "2026")
    }
    do {
      let log = FailureLog(in: results)
      for key in ["a", "b", "c"] { try log.note(noted(key)) }
      try log.forget(key: "b")
      try log.note(noted("a"))
      #expect(folder.lines("failures.jsonl").count == 5)
      #expect(folder.text("failures.jsonl")?.contains("\n\n") == false)
    }
    try folder.write((folder.text("failures.jsonl") ?? "") + "{\"torn", as: "failures.jsonl")
    #expect(FailureLog.recorded(in: results).map(\.key) == ["c", "a"])
    let log = FailureLog(in: results)
    #expect(folder.lines("failures.jsonl").count == 2 && log.failure(key: "b") == nil)
    // A line that another process has left in its midst is ended before the next.
    try folder.write((folder.text("failures.jsonl") ?? "") + "{\"torn", as: "failures.jsonl")
    try log.note(noted("d"))
    #expect(FailureLog.recorded(in: results).map(\.key) == ["c", "a", "d"])
    for key in ["a", "c", "d"] { try log.forget(key: key) }
    #expect(folder.bytes("failures.jsonl") == nil)
  }

  private let runs = (1...20).map(Square.init)

  private func outcomes(
    _ folder: TemporaryFolder, _ performed: Performed, failing: Int? = nil,
    _ change: (inout SweepPolicy) -> Void
  ) throws -> [Square.Outcome] {
    let results = ResultsFolder(path: folder.path)
    var policy = SweepPolicy()
    (policy.failsFast, policy.retries) = (false, false)
    change(&policy)
    return try StudySession(
      of: "squares", jobs: 2, journal: Journal(in: results, of: Square.self), folder: results,
      policy: policy
    ).sweep(of: Square.self, Square.Outcome.self).outcomes(of: runs, stage: "test") { run, _, _ in
      try performed.perform(run, failing: failing)
    }
  }

  @Test func aFailureIsNotedAndTheOthersAreCarriedOut() throws {
    let folder = try TemporaryFolder()
    let (first, second, third) = (Performed(), Performed(), Performed())
    let failure = #expect(throws: Problem.self) {
      try outcomes(folder, first, failing: 12) { _ in }
    }
    #expect(first.numbers.count == 19)
    #expect("\(try #require(failure))".contains("1 of 20 runs of the stage test failed"))
    #expect("\(try #require(failure))".contains("Failure(number: 12)"))
    let line = try #require(folder.lines("failures.jsonl").first)
    #expect(line.contains("{\\\"number\\\":12}") && folder.lines("failures.jsonl").count == 1)
    // It is not tried again unasked, and nothing else is left to do.
    let again = #expect(throws: Problem.self) { try outcomes(folder, second) { _ in } }
    #expect(second.numbers.isEmpty)
    #expect("\(try #require(again))".contains("Failure(number: 12)"))
    let all = try outcomes(folder, third) { $0.retries = true }
    #expect(third.numbers == [12] && all.map(\.square) == (1...20).map { $0 * $0 })
    #expect(folder.bytes("failures.jsonl") == nil)
  }

  @Test func oneThatFailsFastEndsAtOnce() throws {
    let folder = try TemporaryFolder()
    let performed = Performed()
    #expect(throws: Square.Failure.self) {
      try outcomes(folder, performed, failing: 18) { $0.failsFast = true }
    }
    #expect(performed.numbers.count < 19)
  }

  @Test func limitsEndItAndTheNextCallGoesOn() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (Performed(), Performed())
    let ended = #expect(throws: SweepEnded.self) {
      try outcomes(folder, first) { $0.limits = SweepLimits(seconds: nil, runs: 7) }
    }
    #expect(first.numbers.count == 7 && ended?.done == 7 && ended?.runs == 20)
    #expect(throws: SweepEnded.self) {
      try outcomes(folder, second) { $0.limits = SweepLimits(seconds: 0, runs: nil) }
    }
    #expect(second.numbers.isEmpty)
    let all = try outcomes(folder, second) { $0.limits = SweepLimits(seconds: 3600, runs: 13) }
    #expect(second.numbers.count == 13 && all.map(\.square) == (1...20).map { $0 * $0 })
  }
}
