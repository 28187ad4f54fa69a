import Plots
import Synchronization
import TestSupport
import Testing

@testable import Experiments

@Suite struct CheckTests {
  private func check(_ predicted: Double, _ measured: Double, tolerance: Double = 0.25) -> Check {
    Check(
      "q", predicted: predicted, measured: measured, standardError: 0, tolerance: tolerance)
  }

  @Test func holdsUpToItsTolerance() {
    #expect(check(4, 5).holds && check(4, 3).holds)
    #expect(!check(4, 5.01).holds && !check(4, 2.99).holds)
    #expect(check(-4, -5).holds && !check(-4, 4).holds)
    #expect(check(4, 5).deviation == 0.25)
  }

  @Test func neverHoldsForWhatIsNoNumber() {
    #expect(!check(4, .nan).holds && !check(4, .infinity).holds && !check(.nan, 4).holds)
    #expect(!check(0, 1).holds)
  }

  @Test func exactPredictionsOfZeroHoldForZeroOnly() {
    #expect(check(0, 0, tolerance: 0).holds && check(0, -0.0, tolerance: 0).holds)
    #expect(!check(0, 1e-300, tolerance: 1).holds)
  }

  @Test func boundsHoldAsFarAsTheIntervalTells() {
    func check(_ relation: Check.Relation, _ values: [Double]) -> Check {
      Check("q", relation, 1, median: MedianInterval(of: values))
    }
    let (above, across, below) = ([2.0, 3, 4, 5, 6], [0.0, 2, 3, 4, 5], [-1.0, 0, 0.5, 0, 0])
    #expect(check(.above, above).holds && !check(.notAbove, above).holds)
    #expect(!check(.above, across).holds && check(.notAbove, across).holds)
    #expect(!check(.above, below).holds && check(.notAbove, below).holds)
    // At the bound itself nothing lies above it.
    #expect(!check(.above, [1, 1, 1, 1, 1]).holds && check(.notAbove, [1, 1, 1, 1, 1]).holds)
    // Two values cover a median with probability 0.5.
    #expect(!check(.above, [2, 3]).holds && !check(.notAbove, [0, 0]).holds)
    #expect(check(.above, above).prediction == "above 1")
    #expect(check(.above, above).measurement { "\($0)" } == "4.0 (2.0 to 6.0)")
    #expect(check(.above, [2, 3]).measurement { "\($0)" } == "2.5")
  }

  @Test func smallnessHasToBeShown() {
    func check(_ relation: Check.Relation, _ values: [Double]) -> Check {
      Check("q", relation, 1, median: MedianInterval(of: values))
    }
    let (above, across, below) = ([2.0, 3, 4, 5, 6], [0.0, 0, 0, 0, 5], [-1.0, 0, 0.5, 0, 0])
    #expect(!check(.below, above).holds && check(.below, below).holds)
    // A median below the bound is not enough, and neither is one that reaches it.
    #expect(!check(.below, across).holds && check(.notAbove, across).holds)
    #expect(!check(.below, [1, 1, 1, 1, 1]).holds && !check(.below, [0, 0]).holds)
    #expect(check(.below, below).prediction == "below 1")
    #expect(
      !Check("q", .below, 1, exactly: .infinity).holds
        && Check("q", .below, 1, exactly: 0.5).holds)
    // None of 40, and one: up to 7.2 % and 11.3 % are likely.
    let none = BinomialInterval(0, of: 40)
    #expect(Check("q", .below, 0.1, share: none).holds)
    #expect(!Check("q", .below, 0.1, share: BinomialInterval(1, of: 40)).holds)
    #expect(!Check("q", .below, 0.07, share: none).holds)
  }

  @Test func theRelationIsWrittenInWords() throws {
    let check = Check("q", .below, 1, exactly: 0.5)
    let text = try JSONText.encoder.encode(check)
    #expect(String(decoding: text, as: UTF8.self).contains("\"below\""))
    #expect(try JSONText.decoder.decode(Check.self, from: text) == check)
  }

  /// A check that any measurement would pass does not hold, and says why.
  @Test func tooFewDrawsDecideNothing() throws {
    func check(_ deviation: Double, predicted: Double = 1) -> Check {
      let values = (0..<101).map { 1 + deviation * Double($0 - 50) / 50 }
      return Check("q", law: predicted, measured: SampleMean(of: values))
    }
    // The standard error of the evenly spread values is their largest deviation times 0.058.
    #expect(check(0.5).holds && check(0.5).verdict == .holds)
    #expect(!check(1).holds && check(1).verdict == .undecided)
    // What is far off all the same is rejected.
    #expect(check(1, predicted: 3).verdict == .fails)
    let sampling = try #require(check(1).samplingTolerance)
    #expect(sampling > Check.largestSamplingTolerance && sampling == check(1).tolerance)
    // A stated tolerance is not one for sampling.
    #expect(Check("q", predicted: 1, exactly: 1.4, tolerance: 0.5).holds)
    let table = Check.table([check(1)]).text()
    #expect(table.contains("TOO FEW DRAWS TO TELL"))
  }

  @Test func numbersAreRounded() {
    #expect(Check("q", .above, 22.206_609_902_451_056, exactly: 30).prediction == "above 22.21")
    #expect(Check("q", .notAbove, 0.05, exactly: 0).prediction == "not above 0.05")
    // As many digits as the tolerance tells apart.
    let sharp = Check("q", predicted: 0.643_973_738_1, exactly: 0.643_973_738_1, tolerance: 1e-7)
    #expect(sharp.prediction == "0.64397374" && sharp.cells[5] == "1.0e-05%")
    #expect(Check("q", predicted: 2, exactly: 2, tolerance: 0.1).cells[3] == "")
  }

  @Test func divergedRunsAreAboveEverythingAndCanBeWritten() throws {
    let check = Check(
      "q", .above, 0, median: MedianInterval(of: Array(repeating: Double.infinity, count: 5)))
    #expect(check.holds)
    let text = try JSONText.encoder.encode(check)
    #expect(try JSONText.decoder.decode(Check.self, from: text) == check)
  }

  @Test func takesMeanAndErrorOfASample() {
    let sample = SampleMean(of: [1, 2, 3, 4])
    let check = Check("q", predicted: 2, measured: sample, tolerance: 0.3)
    #expect(check.measured == 2.5 && check.standardError == sample.standardError)
    #expect(check.holds && check.deviation == 0.25)
  }
}

@Suite struct ClaimStudyTests {
  private struct Sample: ClaimStudy {
    static let name = "sample"
    static let claim = "1 < 2"
    static let source = "here"
    static let derivation = "1 + 1 = 2"
    static let control = "1 > 2"
    static let topic = StudyTopic.signal
    static let cost = (quick: "1 s", full: "2 s")
    let conditions: ClaimConditions

    func result(in session: StudySession) throws -> CheckedClaim {
      let size = effort.choose(quick: 1, full: 2)
      let value = try session.value("size") { Double(size) }
      return ClaimStudyTests.result(measured: [value])
    }
  }

  private static func result(measured: [Double], of name: String = "value") -> CheckedClaim {
    CheckedClaim(
      of: Sample(conditions: ClaimConditions(.quick)),
      checks: measured.map {
        Check(name, predicted: 1, measured: $0, standardError: 0.5, tolerance: 0.1)
      }, figure: FigureGrid([Chart(title: "t", x: Axis("x"), y: Axis("y"), series: [])]))
  }

  private func result(_ effort: Effort, journal: Journal? = nil) throws -> CheckedClaim {
    try Sample(conditions: ClaimConditions(effort)).result(
      in: StudySession(of: "sample", jobs: 1, journal: journal))
  }

  @Test func holdsWhenEveryCheckDoes() throws {
    #expect(Self.result(measured: [1, 1.05]).claimHolds == true)
    #expect(Self.result(measured: [1, 1.2]).claimHolds == false)
    #expect(try result(.quick).claimHolds == true && result(.full).claimHolds == false)
  }

  @Test func listsTheChecksAsCSV() {
    #expect(
      Self.result(measured: [1, 1.5]).csv == """
        quantity,predicted,measured,standard_error,tolerance,deviation,holds,relation,low,high
        "value",1.0,1.0,0.5,0.1,0.0,true,equal,,
        "value",1.0,1.5,0.5,0.1,0.5,false,equal,,

        """)
  }

  @Test func quotesNamesInCSV() {
    let result = Self.result(measured: [1], of: "\"a\", b")
    #expect(result.csv.contains("\n\"\"\"a\"\", b\",1.0,1.0,"))
  }

  @Test func tellsTheVerdictInTheReport() throws {
    let report = try #require(result(.full).page(figure: "<svg></svg>", command: "c")).text
    #expect(report.contains("<h1>sample</h1>") && report.contains("<p>1 &lt; 2</p>"))
    #expect(report.contains("The claim does not hold.") && report.contains("<svg></svg>"))
    #expect(try result(.full).text.contains("\nThe claim does not hold.\n"))
    let good = try #require(result(.quick).page(figure: "", command: "c")).text
    #expect(good.contains("The claim holds."))
  }

  @Test func measuresOnceAndKeepsIt() throws {
    let folder = try TemporaryFolder()
    let results = ResultsFolder(path: folder.path)
    let counter = Mutex(0)
    func values() throws -> [SampleMean] {
      let session = StudySession(
        of: "sample", jobs: 2, journal: try Journal(in: results, of: Measurement.self))
      return try session.values(["a", "b", "c"], stage: "s") { position in
        counter.withLock { $0 += 1 }
        return SampleMean(of: position == 2 ? [1, .infinity] : [Double(position), 0.1])
      }
    }
    let first = try values()
    #expect(try values() == first && counter.withLock { $0 } == 3)
    #expect(folder.lines("runs.jsonl").count == 3)
    // What was not measured yet is measured, and nothing else.
    let kept = folder.lines("runs.jsonl").prefix(1).map { $0 + "\n" }.joined()
    try folder.write(kept, as: "runs.jsonl")
    #expect(try values() == first && counter.withLock { $0 } == 5)
  }
}

@Suite struct DrawsTests {
  @Test func comeInTheirOrder() {
    #expect(draws(100) { $0 * $0 } == (0..<100).map { $0 * $0 })
    #expect(draws(0) { $0 }.isEmpty)
    // References, so that a value that is written twice or not at all would show.
    #expect(draws(50) { "draw \($0)" } == (0..<50).map { "draw \($0)" })
  }
}
