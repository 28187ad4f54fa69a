import Console
import Datasets
import Experiments
import Findings
import Foundation
import TestSupport
import Testing

@Suite struct GridStudyTests {
  private typealias Configuration = GridConfiguration

  private let data: LabelledSet

  init() throws { data = try SmallData.glyphs() }

  private func study(_ change: (inout Configuration) -> Void = { _ in }) throws -> GridStudy {
    var configuration = SmallData.configuration
    change(&configuration)
    return try GridStudy(configuration, trainingSet: data)
  }

  // MARK: What can be asked

  @Test func refusesWhatCannotBeCarriedOut() throws {
    func expect(
      _ option: String, _ words: String..., location: SourceLocation = #_sourceLocation,
      _ change: (inout Configuration) -> Void
    ) throws {
      do {
        _ = try study(change)
        Issue.record("accepted: \(option), \(words)", sourceLocation: location)
      } catch let error as Problem {
        #expect(
          ErrorReport.text(error, program: "p").hasPrefix("p: --\(option): "),
          sourceLocation: location)
        for word in words {
          #expect(error.description.contains(word), "\(error)", sourceLocation: location)
        }
        #expect(!error.problem.isEmpty && !error.remedy.isEmpty, sourceLocation: location)
      }
    }
    try expect("depths", "no depth", "at least one") { $0.depths = [] }
    try expect("depths", "depth 0", "at least 1 hidden") { $0.depths = [4, 0] }
    try expect("depths", "depth -2") { $0.depths = [-2] }
    try expect("depths", "depth 7 is odd", "residual", "6 or 8", "--arms") { $0.depths = [4, 7] }
    try expect("depths", "depth 4 twice", "once") { $0.depths = [2, 4, 4] }
    try expect("depths", "depth 1 is odd", "give 2, or leave") { $0.depths = [1] }
    try expect("arms", "zero twice", "once") { $0.arms = [.zero, .plain, .zero] }
    try expect("arms", "no arm") { $0.arms = [] }
    try expect("width", "0", "at least 1") { $0.width = 0 }
    try expect("steps", "0", "at least 1") { $0.steps = 0 }
    try expect("seeds", "0", "at least 1") { $0.seeds = 0 }
    try expect("report-seeds", "-1", "5 or more") { $0.reportSeeds = -1 }
    try expect("batch", "0 from 60", "1 to 60") { $0.batch = 0 }
    try expect("batch", "61 from 60", "1 to 60") { $0.batch = 61 }
    for rates in [[], [0], [-1e-3], [1e-3, .nan], [.infinity]] {
      try expect("learning-rates", "numbers above 0") { $0.learningRates = rates }
    }
  }

  @Test func takesOddDepthsOfArmsWithoutBlocks() throws {
    let study = try study {
      $0.depths = [1, 3]
      $0.arms = [.plain, .highway, .orthogonalTanh]
    }
    #expect(study.cells.map(\.depth) == [1, 3, 1, 3, 1, 3])
    #expect(
      study.cells.map(\.arm) == [.plain, .plain, .highway, .highway] + study.cells[4...].map(\.arm))
  }

  @Test func theKeyTellsSweepsApart() throws {
    let key = try study().sweepKey
    #expect(try study().sweepKey == key)
    let changes: [(inout Configuration) -> Void] = [
      { $0.depths = [2, 6] }, { $0.arms = [.plain] }, { $0.width = 5 }, { $0.batch = 15 },
      { $0.steps = 6 }, { $0.optimizer = .sgd }, { $0.learningRates = [1e-3, 4e-3] },
      { $0.seeds = 2 }, { $0.reportSeeds = 3 },
    ]
    var keys = try changes.map { try study($0).sweepKey }
    keys.append(
      try GridStudy(SmallData.configuration, trainingSet: SmallData.glyphs(61)).sweepKey)
    #expect(Set(keys + [key]).count == changes.count + 2)
  }

  // MARK: What comes out

  /// The lines of a journal without the time, in any order.
  private func runs(_ folder: TemporaryFolder) throws -> Set<String> {
    Set(
      try folder.lines("runs.jsonl").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        var fields = try #require(object as? [String: Any])
        #expect(fields.removeValue(forKey: "seconds") != nil)
        #expect(fields.removeValue(forKey: "host") != nil)
        let data = try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)
        return String(decoding: data, as: UTF8.self)
      })
  }

  private func csv(_ study: GridStudy, jobs: Int, in folder: TemporaryFolder) throws -> String {
    let journal = try Journal(in: ResultsFolder(path: folder.path), of: GridRun.self)
    let results = try study.results(
      in: StudySession(of: "depth", jobs: jobs, journal: journal))
    return GridReport(results, configuration: study.configuration, dataStatement: "").csv
  }

  @Test func resultsDoNotDependOnJobsOrInterruption() throws {
    let study = try study()
    let (whole, parallel) = (try TemporaryFolder(), try TemporaryFolder())
    let expected = try csv(study, jobs: 1, in: whole)
    #expect(try csv(study, jobs: 3, in: parallel) == expected)
    let runs = try runs(whole)
    #expect(try self.runs(parallel) == runs)
    // Stopped after any number of runs, in the middle of writing the next one.
    let lines = whole.lines("runs.jsonl")
    for count in stride(from: 0, through: lines.count, by: 3) {
      let resumed = try TemporaryFolder()
      let kept = lines.prefix(count).map { $0 + "\n" }.joined()
      try resumed.write(kept + #"{"arm":"plain","ba"#, as: "runs.jsonl")
      #expect(try csv(study, jobs: 2, in: resumed) == expected)
      #expect(try self.runs(resumed) == runs)
      #expect(resumed.lines("runs.jsonl").count == lines.count)
    }
    // A finished sweep does nothing more.
    let text = whole.text("runs.jsonl")
    #expect(try csv(study, jobs: 1, in: whole) == expected)
    #expect(whole.text("runs.jsonl") == text)
  }

  @Test func tunesOnOtherSeedsThanItReports() throws {
    let folder = try TemporaryFolder()
    _ = try csv(try study { $0.seeds = 2 }, jobs: 2, in: folder)
    var seeds: [String: Set<Int>] = [:]
    for line in folder.lines("runs.jsonl") {
      let fields = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let phase = try #require(fields["phase"] as? String)
      seeds[phase, default: []].insert(try #require(fields["seed"] as? Int))
    }
    #expect(seeds["tuning"] == [1, 2])
    #expect(seeds["report"] == [GridStudy.firstReportSeed, GridStudy.firstReportSeed + 1])
  }

  @Test func everyCellGetsTheRateWithItsBestMedian() throws {
    let folder = try TemporaryFolder()
    let results = try study { $0.seeds = 3 }.results(
      in: StudySession(
        of: "depth", jobs: 2,
        journal: Journal(in: ResultsFolder(path: folder.path), of: GridRun.self)))
    #expect(results.cells.map(\.cell.depth) == [2, 4, 2, 4])
    #expect(results.arms == [.plain, .residual] && results.depths == [2, 4])
    let lines = try folder.lines("runs.jsonl").map {
      let text = Data($0.utf8)
      return (
        configuration: try JSONText.decoder.decode(GridRun.self, from: text),
        outcome: try JSONText.decoder.decode(GridOutcome.self, from: text)
      )
    }
    for cell in results.cells {
      #expect(cell.outcomes.count == 2 && cell.divergedCount == 0)
      let own = lines.filter {
        $0.configuration.arm == cell.cell.arm && $0.configuration.depth == cell.cell.depth
      }
      let tuning = Dictionary(
        grouping: own.filter { $0.configuration.phase == .tuning }, by: \.configuration.learningRate
      )
      #expect(tuning.values.allSatisfy { $0.count == 3 } && tuning.count >= 2)
      let medians = tuning.mapValues { runs in runs.map(\.outcome.lossOrInfinity).sorted()[1] }
      #expect(cell.learningRate == medians.min { $0.value < $1.value }?.key)
      let reported = own.filter { $0.configuration.phase == .report }
      #expect(reported.allSatisfy { $0.configuration.learningRate == cell.learningRate })
      #expect(Set(reported.map(\.outcome)) == Set(cell.outcomes))
    }
  }

  @Test func usesASingleRateWithoutTuning() throws {
    let folder = try TemporaryFolder()
    _ = try csv(try study { $0.learningRates = [2e-3] }, jobs: 2, in: folder)
    let lines = folder.lines("runs.jsonl")
    #expect(lines.count == 8)
    #expect(lines.allSatisfy { $0.contains(#""learning_rate":0.002"#) })
    #expect(lines.allSatisfy { $0.contains(#""phase":"report""#) })
  }

  // MARK: The lines of runs.jsonl

  @Test func linesHaveTheDocumentedKeys() throws {
    let folder = try TemporaryFolder()
    let study = try study {
      $0.arms = [.plain]
      $0.depths = [2]
      $0.optimizer = .sgd
      $0.learningRates = [1e20]
      $0.reportSeeds = 1
    }
    let csv = try csv(study, jobs: 1, in: folder)
    let line = try #require(folder.lines("runs.jsonl").first)
    let fields = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(fields["arm"] as? String == "plain" && fields["depth"] as? Int == 2)
    #expect(fields["width"] as? Int == 4 && fields["learning_rate"] as? Double == 1e20)
    #expect(fields["seed"] as? Int == GridStudy.firstReportSeed)
    #expect(fields["phase"] as? String == "report")
    // A run that diverged has null for what it did not reach, and says where it ended.
    #expect(fields["diverged"] as? Bool == true)
    #expect(fields["train_loss"] is NSNull && fields["train_error"] is NSNull)
    #expect(try #require(fields["diverged_at_step"] as? Int) > 0)
    #expect((fields["parameters_hash"] as? String)?.count == 16)
    #expect(try #require(fields["seconds"] as? Double) > 0)
    let epochs = try #require(fields["epochs"] as? [[String: Any]])
    #expect(epochs.first?["epoch"] as? Int == 1 && epochs.first?["mean_batch_loss"] is Double)
    #expect(csv.contains("plain,2,3230,1e+20,false,1,1,,,,1.0,1.0,1.0,0.0\n"))

    // A run that went through has numbers there, and null for the step.
    let good = try TemporaryFolder()
    _ = try self.csv(try self.study { $0.learningRates = [1e-3] }, jobs: 1, in: good)
    let run = try #require(
      try JSONSerialization.jsonObject(with: Data(good.lines("runs.jsonl")[0].utf8))
        as? [String: Any])
    #expect(run["diverged"] as? Bool == false && run["diverged_at_step"] is NSNull)
    #expect((0...1).contains(try #require(run["train_error"] as? Double)))
    #expect(try #require(run["train_loss"] as? Double) > 0)
    #expect(run["parameters"] is Int && run["data_hash"] as? String == data.contentHash)
  }

  @Test func aLineReadsBackAsItWas() throws {
    let folder = try TemporaryFolder()
    _ = try csv(try study(), jobs: 1, in: folder)
    for text in folder.lines("runs.jsonl") {
      let data = Data(text.utf8)
      let run = try JSONText.decoder.decode(GridRun.self, from: data)
      let outcome = try JSONText.decoder.decode(GridOutcome.self, from: data)
      let line = try RunLine(run, outcome)
      #expect(try run.key == line.key)
      #expect(String(decoding: line.text, as: UTF8.self) == text)
    }
  }
}
