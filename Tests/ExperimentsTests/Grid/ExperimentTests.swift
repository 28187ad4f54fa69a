import Console
import Datasets
import ExampleExperiments
import Experiments
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

/// The command line of an experiment, and what it makes of factors and measures.
@Suite struct ExperimentTests {
  private static let small = [
    "--data", "glyphs:count=60,test=20", "--width", "4", "--batch", "16", "--steps", "3",
    "--learning-rates", "1e-3", "--report-seeds", "2", "--depths", "2,4",
  ]

  private let experiment = Experiment(
    "mine", claim: "a is below b", arms: [.plain, .residual, .highway], depths: [4, 2, 8],
    predictions: [.isBelow("residual", "plain")],
    measures: [
      Measure("values", summary: "the number of values") {
        Double($0.result.parameters.vector.scalars.count)
      }
    ])

  private func request(
    _ experiment: Experiment, _ words: [String] = [], small: [String] = small
  ) throws -> GridRequest {
    // What is given replaces what is small.
    let pairs = stride(from: 0, to: small.count, by: 2).map { [small[$0], small[$0 + 1]] }
    return try experiment.request(
      experiment.command.parse(pairs.filter { !words.contains($0[0]) }.flatMap(\.self) + words))
  }

  private func report(
    _ experiment: Experiment, _ words: [String] = []
  ) throws -> GridReport {
    let request = try request(experiment, words)
    return try request.result(in: StudySession(of: request.sweepKey, jobs: 2))
  }

  @Test func whatIsDeclaredIsWhatIsAsked() throws {
    let configuration = try request(experiment, small: ["--data", "glyphs:count=130,test=20"])
      .configuration
    #expect(configuration.depths == [2, 4, 8] && configuration.steps == 400)
    #expect(configuration.measures == ["values"] && configuration.factors == nil)
    let quick = try request(experiment, ["--quick"], small: ["--data", "glyphs:count=130,test=20"])
      .configuration
    #expect(quick.depths == [2, 4, 8] && quick.steps == 200 && quick.seeds == 1)
    #expect(
      try request(
        experiment, ["--quick", "--steps", "7"], small: ["--data", "glyphs:count=130,test=20"]
      )
      .configuration.steps == 7)
  }

  @Test func measuresAreTakenTabledAndDrawn() throws {
    let report = try report(
      experiment, ["--measure", "values,test-error,distance,gradient-norm-end"])
    #expect(report.csv.hasPrefix("arm,depth,parameters,") && report.csv.contains("distance_median"))
    for cell in report.summary.cells {
      #expect(cell.measures?["values"]?.median == Double(cell.parameters))
      #expect(try #require(cell.measures?["distance"]?.median) > 0)
    }
    #expect(report.figure(command: "").charts.count == 6)
    #expect(report.text.contains("gradient-norm-end"))
    // A measure is a part of what a run is, and only of the report's.
    #expect(
      try request(experiment, ["--measure", "distance"]).sweepKey != request(experiment).sweepKey)
  }

  @Test func anotherSeedIsOtherRunsThroughout() throws {
    func seeds(_ words: [String]) throws -> [Int] {
      try request(experiment, words + ["--seeds", "2"]).seeds
    }
    #expect(try seeds([]) == [1, 2, 1001, 1002])
    let others = try seeds(["--seed", "3"])
    #expect(Set(others).isDisjoint(with: Array(1...200_000)) && Set(others).count == 4)
    // What is asked without it is what it always was.
    #expect(try request(experiment, ["--seed", "1"]).sweepKey == request(experiment).sweepKey)
    #expect(try request(experiment, ["--seed", "2"]).sweepKey != request(experiment).sweepKey)
    #expect(
      try report(experiment, ["--seed", "2"]).results.cells[0].loss.median
        != report(experiment).results.cells[0].loss.median)
  }

  @Test func aControlHasArmsOfItsOwnUnderTheSameNames() throws {
    func arm(_ layers: Int) -> Arm {
      Arm("deep", summary: "\(layers) layers") { point in
        Sequential(
          (0..<layers).map { Dense($0 == 0 ? point.inputs : point.width, point.width) }
            + [Dense(point.width, point.classes)])
      }
    }
    let controlled = Experiment(
      "controlled", claim: "an arm has two layers", arms: [.plain, arm(1)], depths: [2],
      predictions: [.equals(.measure("layers", of: "deep"), 4)],
      measures: [
        Measure("layers", summary: "parameters of the network") {
          Double($0.result.parameters.layout.entries.count)
        }
      ], control: .init("it has three", arms: [arm(2)]))
    #expect(try report(controlled).claimHolds == true)
    let control = try report(controlled, ["--control"])
    #expect(
      control.claimHolds == false
        && control.results.arms.map(\.rawValue) == ["plain", "deep"])
    #expect(try request(controlled, ["--control"]).sweepKey != request(controlled).sweepKey)
    #expect(controlled.command.discussion.contains("as it must with --control: it has three"))
    // Nothing is broken where nobody says how.
    #expect(throws: Problem.self) { try request(experiment, ["--control"]) }
  }

  @Test func factorsAreVariedInAGridOrOneAtATime() throws {
    let words = ["--vary", "width=4,6", "--vary", "optimizer=adam,sgd", "--arms", "plain,residual"]
    let grid = try request(experiment, words).configuration
    #expect(
      grid.conditions.map(\.description) == [
        "width=4, optimizer=adam", "width=4, optimizer=sgd", "width=6, optimizer=adam",
        "width=6, optimizer=sgd",
      ])
    let single = try request(experiment, words + ["--design", "one-at-a-time"]).configuration
    #expect(
      single.conditions.map(\.description) == [
        "width=4, optimizer=adam", "width=6, optimizer=adam", "width=4, optimizer=sgd",
      ])
    let report = try report(experiment, words)
    #expect(report.results.cells.count == 16)
    #expect(report.csv.hasPrefix("width,optimizer,arm,depth,"))
    // A row of charts for each condition, since depth is along the axis.
    #expect(report.figure(command: "").charts.count == 12)
    #expect(report.sentences.contains { $0.hasPrefix("width=6, optimizer=sgd: plain: from depth") })
    let widths = report.summary.cells.map { $0.condition?["width"] }
    #expect(Set(widths) == [.number(4), .number(6)])
    #expect(Set(report.summary.cells.map(\.parameters)).count == 4)
  }

  /// Data are a factor like others: each with its own features and classes.
  @Test func dataAreAFactor() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "a,b,label\n" + (0..<60).map { "\($0 % 7),\($0 % 5),\($0 % 2)\n" }.joined(),
      as: "points.csv")
    let file = folder.file("points.csv")
    let words = [
      "--vary", "data=glyphs:count=60,test=20,\(file)", "--arms", "plain,residual", "--measure",
      "start-loss",
    ]
    let request = try request(experiment, words)
    let report = try request.result(in: StudySession(of: request.sweepKey, jobs: 2))
    #expect(
      report.results.conditions.map(\.description) == [
        "data=glyphs:count=60,test=20", "data=\(file)",
      ])
    #expect(Set(report.summary.cells.map(\.parameters)).count == 4)
    #expect(report.figure(command: "").charts.count == 6)
    #expect(request.data?.parts?.count == 2 && request.data?.statement.contains(file) == true)
    // A level more grows a folder; other examples under the same name do not.
    let one = try self.request(
      experiment, ["--vary", "data=glyphs:count=60,test=20"] + words[2...])
    #expect(try request.grows(from: one.configuration, data: one.data))
    let two = try self.request(
      experiment, ["--vary", "data=glyphs:count=60,test=20,\(file),moons:count=60"] + words[2...])
    #expect(try two.grows(from: request.configuration, data: request.data))
    // A run is the same one whether its data are varied or not.
    let plain = try self.request(
      experiment, ["--data", "glyphs:count=60,test=20"] + words[2...])
    let alone = try plain.result(in: StudySession(of: plain.sweepKey, jobs: 2))
    #expect(
      alone.results.cells.map { $0.outcomes.map(\.parametersHash) }
        == report.results.cells.prefix(4).map { $0.outcomes.map(\.parametersHash) })
  }

  /// What `plumb train` has options for is an option and a factor here too.
  @Test func howRunsAreTrainedIsAFactor() throws {
    func losses(_ words: String...) throws -> [Double] {
      try report(experiment, words + ["--arms", "plain", "--depths", "2"]).results.cells
        .map(\.loss.median)
    }
    let usual = try losses()[0]
    let varied = try losses(
      "--vary", "schedule=constant,cosine,exponential:0.9", "--vary", "l2=0,2")
    #expect(varied.count == 6 && Set(varied).count == 6 && varied[0] == usual)
    #expect(try losses("--schedule", "cosine", "--l2", "2") == [varied[3]])
    #expect(try losses("--vary", "optimizer=momentum", "--momentum", "0.5") != [usual])
    #expect(try losses("--vary", "beta1=0.5,0.9")[1] == usual)
    #expect(try Set(losses("--vary", "normalize=global,none,per-feature")).count == 3)
    #expect(try losses("--activation", "tanh") != [usual])
    #expect(try losses("--init", "orthogonal") != [usual])
    #expect(try losses("--order", "sequential") != [usual])
    // What changes nothing is the run that it was.
    let same = try request(experiment, ["--vary", "schedule=constant"])
    #expect(try same.sweepKey != request(experiment).sweepKey)
  }

  @Test func aNumericFactorIsTheAxisWhereThereIsOneDepth() throws {
    let report = try report(
      experiment,
      ["--depths", "2", "--vary", "width=4,8", "--arms", "plain", "--measure", "values"])
    let charts = report.figure(command: "").charts
    #expect(charts.map(\.x.label) == ["width", "width", "width"])
    #expect(charts[2].series[0].points.map(\.x) == [4, 8])
    #expect(try #require(charts[2].series[0].points.compactMap(\.y).last) > 500)
  }

  @Test func initializersAndActivationsReachTheNetworks() throws {
    let report = try report(
      experiment,
      ["--vary", "initializer=he,orthogonal", "--vary", "activation=relu,tanh", "--arms", "plain"])
    let losses = report.results.cells.filter { $0.cell.depth == 4 }.map(\.loss.median)
    #expect(Set(losses).count == 4)
  }

  /// An arm that reads no factor is carried out once for all of its levels.
  @Test func armsThatAFactorMakesNoDifferenceToShareTheirRuns() throws {
    let folder = try TemporaryFolder()
    let request = try request(layerScale)
    let journal = try Journal(in: ResultsFolder(path: folder.path), of: GridRun.self)
    let report = try request.result(
      in: StudySession(of: request.sweepKey, jobs: 2, journal: journal))
    #expect(report.results.conditions.map(\.description) == ["start=0.1", "start=0.001"])
    // Two depths and two seeds of plain and residual, and those of layer-scale twice.
    #expect(folder.lines("runs.jsonl").count == 16)
    #expect(folder.lines("runs.jsonl").count { $0.contains("\"factors\":{\"start\":") } == 8)
    for arm in [Arm.plain, .residual] {
      let hashes = report.results.cells.filter { $0.cell.arm == arm && $0.cell.depth == 4 }
        .map { $0.outcomes.map(\.parametersHash) }
      #expect(hashes.count == 2 && hashes[0] == hashes[1])
    }
    let own = report.results.cells.filter { $0.cell.arm.rawValue == "scaled" }
    #expect(Set(own.map { $0.outcomes[0].parametersHash }).count == 4)
  }

  @Test func theExamplesAreComparedWithPlainAndResidual() throws {
    let report = try report(hyperConnections, ["--report-seeds", "5"])
    #expect(report.results.arms.map(\.rawValue) == ["plain", "residual", "hyper"])
    #expect(report.results.cells.allSatisfy { $0.loss.median.isFinite && $0.divergedCount == 0 })
    #expect(report.checks.count == 1 && report.claimHolds != nil)
    let note = try #require(report.sentences.last)
    #expect(note.hasPrefix("hyper: 4 of ") && note.contains("the draws of plain"), "\(note)")
  }

  @Test func anyArmIsTheReference() throws {
    let report = try report(experiment, ["--reference", "residual"])
    #expect(report.summary.differencesFromReference.allSatisfy { $0.reference == .residual })
    #expect(report.text.contains("paired difference from residual"))
    #expect(
      try request(experiment).sweepKey == request(experiment, ["--reference", "residual"]).sweepKey)
  }

  @Test(arguments: [
    (["--vary", "width=4,0"], "width=0"), (["--vary", "width=4,4"], "twice"),
    (["--vary", "optimizer=adam,addam"], "addam"),
    (["--vary", "width=4", "--vary", "width=6"], "twice"),
    (["--vary", "initializer=he,hee"], "hee"), (["--vary", "activation=relu,rleu"], "rleu"),
    (["--vary", "start=1,2"], "start makes no difference to plain, residual, highway"),
    (["--vary", "depth=1,2"], "--depths"), (["--measure", "dev-error"], "needs a dev set"),
    (["--vary", "data=glyphs:count=60,glyphs:count=60"], "twice"),
    (["--vary", "data=glyphs:count=60,nothing.csv"], "nothing.csv"),
    (["--vary", "normalize=global,bad"], "normalize=bad"),
    (["--momentum", "0.5"], "momentum: none of the requested optimizers"),
    (["--vary", "schedule=cosine,linear"], "schedule=linear"),
    (["--vary", "activation=relu,tanh", "--activation", "elu"], "give only one of the two"),
    (
      ["--optimizer", "sgd", "--vary", "optimizer=sgd,adam", "--momentum", "0.5"],
      "momentum: none of the requested optimizers"
    ),
    (["--vary", "optimizer=momentum,adam", "--momentum", "0.5"], "the optimizer adam"),
    (["--vary", "batch=10,61"], "1 to 60"), (["--reference", "zero"], "not among the arms"),
  ])
  func whatCannotBeAskedIsNamed(words: [String], part: String) throws {
    do {
      _ = try request(experiment, words)
      Issue.record("\(words) are accepted")
    } catch let problem as Problem {
      #expect(problem.description.contains(part), "\(problem)")
      #expect(!problem.remedy.isEmpty)
    }
  }

  @Test func aDescribedArmReadsFactors() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      {"name": "mine", "layers": [{"layer": "dense", "outputs": "=width"}, {"repeat": "=depth", "layers": [
        {"layer": "residual", "scale": "=strength", "branch": [{"layer": "dense", "outputs": "=width"}]}]},
        {"layer": "dense", "outputs": "=classes"}]}
      """, as: "mine.json")
    let words = ["--arms", "plain," + folder.file("mine.json")]
    let report = try report(experiment, words + ["--vary", "strength=0.1,1"])
    let own = report.results.cells.filter { $0.cell.arm.rawValue == "mine" && $0.cell.depth == 4 }
    #expect(Set(own.map(\.loss.median)).count == 2)
    #expect(throws: Problem.self) { try request(experiment, words) }
  }

  @Test func aFactorGrowsByLevels() throws {
    let first = try request(experiment, ["--vary", "width=4"])
    let grown = try request(experiment, ["--vary", "width=4,6"])
    #expect(try grown.grows(from: first.configuration, data: first.data))
    #expect(throws: Problem.self) { try first.grows(from: grown.configuration, data: grown.data) }
    let other = try request(experiment, ["--vary", "steps=3"])
    #expect(try !other.grows(from: first.configuration, data: first.data))
  }
}

/// Networks are told apart by what they compute.
@Suite struct FingerprintTests {
  @Test func anArmsDefinitionFollowsItsNetworks() {
    func arm(_ scale: Double, _ start: Initializer) -> Arm {
      Arm("mine", summary: "one layer") { point in
        BlockNetwork(
          point,
          blocks: [
            Residual(Dense(point.width, point.width, initializer: start), scale: scale)
          ])
      }
    }
    #expect(arm(1, .zero) == arm(1, .zero))
    // Also where a branch starts at zero, and so adds nothing at first.
    #expect(arm(1, .zero) != arm(0.5, .zero) && arm(1, .zero) != arm(1, .he()))
  }
}
