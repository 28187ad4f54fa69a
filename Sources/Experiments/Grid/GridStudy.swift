import Console
import Datasets
import Findings
import Foundation
import Plumbline
import Training

/// The runs of an experiment: every arm at every depth and under every condition, each with its learning rate searched in the
/// same way.
public struct GridStudy: Sendable {
  /// What is asked.
  public let configuration: GridConfiguration
  private let data: GridData
  private let dataName: String, dataHash: String
  private let featureCount: Int, classCount: Int
  private let measures: [Measure]
  /// For each arm the factors that make no difference to its networks: its runs are shared by all their levels.
  private let idleFactors: [Arm: Set<String>]

  /// The factors that say how a network is trained, and how wide it is.
  private static let trainingFactors = ["width", "batch", "steps", "optimizer"]

  /// A study on a training set, whose features are taken as they are (normalize first).
  ///
  /// - Parameters:
  ///   - dev: A set for the measures that need one.
  ///   - test: A set for the measures that need one.
  ///   - measures: All that there are; the configuration names those that are taken.
  /// - Throws: ``Problem`` where the configuration cannot be carried out.
  public init(
    _ configuration: GridConfiguration, trainingSet: LabelledSet, dev: LabelledSet? = nil,
    test: LabelledSet? = nil, measures: [Measure] = Measure.standard
  ) throws(Problem) {
    try Self.check(configuration, examples: trainingSet.exampleCount)
    try Self.checkFactors(configuration, examples: trainingSet.exampleCount)
    guard let classCount = trainingSet.classCount else {
      throw Problem(
        setting: "data", problem: "the targets are real values", remedy: "give data with classes")
    }
    self.configuration = configuration
    data = GridData(
      train: Examples(trainingSet), dev: dev.map { Examples($0) }, test: test.map { Examples($0) })
    dataName = trainingSet.name
    dataHash = trainingSet.contentHash
    featureCount = trainingSet.featureCount
    self.classCount = classCount
    self.measures = try Self.chosen(
      configuration.measures ?? [], among: measures, hasDev: dev != nil, hasTest: test != nil)
    idleFactors = try Self.idleFactors(
      configuration, features: trainingSet.featureCount, classes: classCount)
  }

  private static func chosen(
    _ names: [String], among all: [Measure], hasDev: Bool, hasTest: Bool
  ) throws(Problem) -> [Measure] {
    var chosen: [Measure] = []
    for name in names {
      guard let measure = all.first(where: { $0.name == name }) else {
        throw Problem(
          setting: "measure", problem: "there is no measure \"\(name)\"",
          remedy: "give some of " + all.map(\.name).joined(separator: ", "))
      }
      let missing =
        measure.needsDev && !hasDev ? "dev" : measure.needsTest && !hasTest ? "test" : nil
      if let missing {
        throw Problem(
          setting: "measure", problem: "\(name) needs a \(missing) set, and the data have none",
          remedy:
            "leave it out, or give data with \(missing) examples (plumb data split makes them)")
      }
      chosen.append(measure)
    }
    return chosen
  }

  // MARK: Factors

  private static func checkFactors(
    _ configuration: GridConfiguration, examples: Int
  ) throws(Problem) {
    func problem(_ words: String, _ remedy: String) -> Problem {
      Problem(setting: "vary", problem: words, remedy: remedy)
    }
    let factors = configuration.factors ?? []
    if let name = repeated(factors.map(\.name)) {
      throw problem("\(name) twice", "give every factor once")
    }
    for factor in factors {
      let name = factor.name
      guard !factor.levels.isEmpty else {
        throw problem("\(name) has no level", "give some: --vary \(name)=A,B")
      }
      if let level = repeated(factor.levels) {
        throw problem("\(name) is \(level) twice", "give every level once")
      }
      if let setting = ["depth": "--depths", "arm": "--arms", "learning-rate": "--learning-rates"][
        name]
      {
        throw problem("\(name) is not varied by this option", "use \(setting)")
      }
      for level in factor.levels {
        switch name {
        case "width", "batch", "steps":
          let limit = name == "batch" ? examples : name == "width" ? 65536 : Int(1e12)
          guard let number = level.number.flatMap({ Int(exactly: $0) }),
            (1...limit).contains(number)
          else {
            throw problem(
              "\(name)=\(level)", "give whole numbers from 1 to \(limit)")
          }
        case "optimizer":
          guard OptimizerChoice(rawValue: "\(level)") != nil else {
            throw problem(
              "there is no optimizer \"\(level)\"",
              "give some of " + OptimizerChoice.allCases.map(\.rawValue).joined(separator: ", "))
          }
        default: break
        }
      }
    }
  }

  /// The factors that make no difference to an arm, found by comparing networks.
  ///
  /// - Throws: ``Problem`` where a factor makes none to any arm.
  private static func idleFactors(
    _ configuration: GridConfiguration, features: Int, classes: Int
  ) throws(Problem) -> [Arm: Set<String>] {
    let factors = (configuration.factors ?? []).filter { !trainingFactors.contains($0.name) }
    let depth = configuration.depths.min() ?? 1
    let base = Condition(factors.map { ($0.name, $0.levels[0]) })
    var idle: [Arm: Set<String>] = [:]
    for factor in factors {
      var matters = false
      for arm in configuration.arms {
        var fingerprints: Set<Fingerprint> = []
        for level in factor.levels {
          let network = try arm.network(
            GridPoint(
              inputs: features, width: min(configuration.width, 32), classes: classes, depth: depth,
              condition: base.setting(factor.name, to: level)))
          fingerprints.insert(Fingerprint(of: network, inputs: features))
        }
        if fingerprints.count == 1 {
          idle[arm, default: []].insert(factor.name)
        } else {
          matters = true
        }
      }
      guard matters || factor.levels.count == 1 else {
        throw Problem(
          setting: "vary",
          problem: "\(factor.name) makes no difference to \(names(configuration.arms))",
          remedy:
            "vary one of \((trainingFactors + ["initializer", "activation"]).joined(separator: ", ")), "
            + "or a factor that an arm reads")
      }
    }
    return idle
  }

  private static func names(_ arms: [Arm]) -> String {
    arms.map(\.rawValue).joined(separator: ", ")
  }

  private static func check(_ configuration: GridConfiguration, examples: Int) throws(Problem) {
    func demand(
      _ condition: Bool, _ setting: Problem.Setting, _ problem: String, _ remedy: String
    ) throws(Problem) {
      if !condition { throw Problem(setting: setting, problem: problem, remedy: remedy) }
    }
    try demand(!configuration.depths.isEmpty, "depths", "no depth", "give at least one")
    for depth in configuration.depths {
      try demand(
        depth >= 1, "depths", "depth \(depth)", "a depth is at least 1 hidden weight layer")
      let blocks = configuration.arms.filter { !depth.isMultiple(of: $0.layersOfABlock) }
      if let layers = blocks.first?.layersOfABlock {
        let names = blocks.filter { $0.layersOfABlock == layers }.map(\.rawValue)
        let below = depth / layers * layers
        throw Problem(
          setting: "depths",
          problem: layers == 2
            ? "depth \(depth) is odd, and the arms \(names.joined(separator: ", ")) are made of blocks of two "
              + "layers"
            : "depth \(depth) is not a multiple of \(layers), the layers of a block of "
              + names.joined(separator: ", "),
          remedy:
            "give \(below > 0 ? "\(below) or " : "")\(below + layers), or leave these arms out with --arms"
        )
      }
    }
    if let depth = repeated(configuration.depths) {
      throw Problem(
        setting: "depths", problem: "depth \(depth) twice", remedy: "give every depth once")
    }
    try demand(!configuration.arms.isEmpty, "arms", "no arm", "give at least one")
    if let arm = repeated(configuration.arms) {
      throw Problem(
        setting: "arms", problem: "\(arm.rawValue) twice", remedy: "give every arm once")
    }
    try demand(configuration.width >= 1, "width", "\(configuration.width)", "give at least 1")
    try demand(configuration.steps >= 1, "steps", "\(configuration.steps)", "give at least 1")
    try demand(configuration.seeds >= 1, "seeds", "\(configuration.seeds)", "give at least 1")
    try demand(
      configuration.reportSeeds >= 1, "reportSeeds", "\(configuration.reportSeeds)",
      "give at least 1; 5 or more for intervals")
    try demand(
      !configuration.learningRates.isEmpty
        && configuration.learningRates.allSatisfy { $0 > 0 && $0.isFinite }, "learningRates",
      "\(configuration.learningRates)", "give numbers above 0")
    try demand(
      (1...examples).contains(configuration.batch), "batch",
      "a batch of \(configuration.batch) from \(examples) examples", "give 1 to \(examples)")
  }

  /// Throws where so many of the largest runs at a time need more memory than there is.
  public func checkMemory(jobs: Int, limit: MemoryLimit? = .current) throws(Problem) {
    let runs = cells.map { run($0, rate: 1, seed: 1, .report) }
    guard let largest = runs.max(by: { $0.memory.bytes < $1.memory.bytes }) else { return }
    let count = min(jobs, runs.count)
    try MemoryLimit.require(
      Double(count) * largest.memory.bytes,
      for:
        "\(count == 1 ? "a run" : "\(count) runs at a time") of \(largest.arm.rawValue) at depth "
        + "\(largest.depth) and width \(largest.width)",
      setting: largest.width > 1024 ? "width" : "depths", limit: limit
    ) { bytes in
      if count > 1, largest.memory.bytes <= bytes {
        return "give --jobs \(max(1, Int(bytes / largest.memory.bytes)))"
      }
      // Memory grows in proportion to depth, and with the square of the width.
      let share = bytes / largest.memory.bytes
      let depth = Int(Double(largest.depth) * share * 0.9)
      let width = Double(largest.width)
      return depth >= 2
        ? "with one job depths up to about \(depth) fit"
        : "with one job a width of about \(max(1, Int(width * share.squareRoot() * 0.9))) fits"
    }
  }

  private static func repeated<Element: Hashable>(_ values: [Element]) -> Element? {
    var seen: Set<Element> = []
    return values.first { !seen.insert($0).inserted }
  }

  /// The hash of the configuration and the data: two sweeps with one key are the same sweep.
  public var sweepKey: String {
    get throws {
      var hash = ContentHash(of: try JSONText.encoder.encode(configuration))
      for byte in dataHash.utf8 { hash.combine(byte) }
      return hash.hexadecimal
    }
  }

  /// For each arm that is not of the library: how many of its parameters start from the draws of a reference of one seed.
  /// Initial values follow from a parameter's name, shape and initializer, so layers that are wrapped are drawn anew.
  public func pairingNotes(reference: Arm) -> [String] {
    guard let depth = configuration.depths.min() else { return [] }
    func draws(_ arm: Arm) -> [(name: String, text: String)] {
      let cell = GridCell(arm: arm, depth: depth, condition: configuration.conditions[0])
      guard let network = try? arm.network(run(cell, rate: 1, seed: 1, .report).point) else {
        return []
      }
      func entries(of network: some Layer) -> [ParameterLayout.Entry] {
        ParameterLayout(of: network).entries
      }
      return entries(of: network).map { ($0.name, "\($0.shape) \($0.initializer)") }
    }
    let own = configuration.arms.filter { $0.definition != nil && $0 != reference }
    let shared = own.isEmpty ? [:] : Dictionary(uniqueKeysWithValues: draws(reference))
    return own.map { arm in
      let all = draws(arm)
      let count = all.count { shared[$0.name] == $0.text }
      return
        "\(arm.rawValue): \(count) of \(all.count) parameters start from the draws of \(reference.rawValue); pairs of "
        + "one seed share the order of the examples" + (count == 0 ? " only." : ", and those.")
    }
  }

  /// Whether a folder of another request holds a part of this one: the same but for more depths, arms, rates or seeds.
  ///
  /// - Throws: ``Problem`` where it holds some that are not asked for.
  public func grows(from recorded: GridConfiguration, dataHash: String?) throws(Problem) -> Bool {
    var same = recorded
    same.depths = configuration.depths
    // An arm of one's own is the same where its definition is.
    let definitions = configuration.armDefinitions ?? [:]
    guard
      (recorded.armDefinitions ?? [:]).allSatisfy({ definitions[$0.key] ?? $0.value == $0.value })
    else { return false }
    same.arms = configuration.arms
    same.factors = configuration.factors
    guard try holdsFactors(recorded) else { return false }
    same.learningRates = configuration.learningRates
    (same.seeds, same.reportSeeds) = (configuration.seeds, configuration.reportSeeds)
    guard same == configuration, dataHash == self.dataHash else { return false }
    func demand(_ left: [String], _ setting: Problem.Setting) throws(Problem) {
      guard !left.isEmpty else { return }
      throw Problem(
        setting: setting,
        problem: "the folder holds \(left.joined(separator: ",")) too, which would be left behind",
        remedy: "ask for that too, or give a new folder to --out")
    }
    try demand(
      recorded.depths.filter { !configuration.depths.contains($0) }.map(String.init), "depths")
    try demand(
      recorded.arms.map(\.rawValue).filter { !configuration.arms.map(\.rawValue).contains($0) },
      "arms")
    try demand(
      recorded.learningRates.filter { !configuration.learningRates.contains($0) }
        .map(NumberFormat.plain), "learningRates")
    try demand(
      recorded.seeds > configuration.seeds ? ["\(recorded.seeds) seeds"] : [], "seeds")
    try demand(
      recorded.reportSeeds > configuration.reportSeeds ? ["\(recorded.reportSeeds) seeds"] : [],
      "reportSeeds")
    return true
  }

  /// Whether the factors of another request are those of this one, with the same levels or fewer.
  private func holdsFactors(_ recorded: GridConfiguration) throws(Problem) -> Bool {
    let (own, others) = (configuration.factors ?? [], recorded.factors ?? [])
    // Where one factor is changed at a time the first levels are a part of every run.
    guard own.map(\.name) == others.map(\.name),
      configuration.design == nil
        || zip(own, others).allSatisfy({ $0.levels.first == $1.levels.first })
    else { return false }
    for (factor, other) in zip(own, others) {
      let left = other.levels.filter { !factor.levels.contains($0) }
      guard left.isEmpty else {
        throw Problem(
          setting: "vary",
          problem:
            "the folder holds \(factor.name)=\(left.map(\.description).joined(separator: ",")) too, which "
            + "would be left behind", remedy: "ask for that too, or give a new folder to --out")
      }
    }
    return true
  }

  /// The data as the record names them.
  ///
  /// - Parameter statement: Where the data come from, in words.
  public func dataRecord(statement: String) -> DataRecord {
    DataRecord(
      name: dataName, statement: statement, hash: dataHash, examples: data.train.count)
  }

  /// The cells in the order of the table.
  public var cells: [GridCell] {
    configuration.conditions.flatMap { condition in
      configuration.arms.flatMap { arm in
        configuration.depths.map { GridCell(arm: arm, depth: $0, condition: condition) }
      }
    }
  }

  /// The first seed of the report: far from those of the tuning, so that the two never meet.
  package static let firstReportSeed = 1001

  private func run(_ cell: GridCell, rate: Double, seed: Int, _ phase: GridRun.Phase) -> GridRun {
    let condition = cell.condition
    func number(_ name: String, _ value: Int) -> Int {
      condition[name]?.number.flatMap { Int(exactly: $0) } ?? value
    }
    let optimizer = condition["optimizer"].flatMap { OptimizerChoice(rawValue: $0.description) }
    let read = condition.omitting(idleFactors[cell.arm] ?? []).omitting(Set(Self.trainingFactors))
    let factors = Dictionary(uniqueKeysWithValues: read.settings.map { ($0.name, $0.level) })
    return GridRun(
      arm: cell.arm, armDefinition: cell.arm.definitionHash, depth: cell.depth,
      width: number("width", configuration.width),
      optimizer: optimizer ?? configuration.optimizer, learningRate: rate,
      batch: number("batch", configuration.batch), steps: number("steps", configuration.steps),
      seed: seed, phase: phase, data: dataName, dataHash: dataHash, features: featureCount,
      classes: classCount, factors: factors.isEmpty ? nil : factors,
      measures: phase == .report ? configuration.measures : nil)
  }

  private var reportSeeds: [Int] {
    (0..<configuration.reportSeeds).map { Self.firstReportSeed + $0 }
  }

  /// The runs of the report, with one rate for all cells.
  package func reportRuns(rate: Double) -> [GridRun] {
    cells.flatMap { cell in reportSeeds.map { run(cell, rate: rate, seed: $0, .report) } }
  }

  /// Carries the study out.
  public func results(in session: StudySession) throws -> GridResults {
    try results(in: session, keeping: nil)
  }

  /// Carries the study out, and keeps something of each run of the report.
  func results(in session: StudySession, keeping kept: KeptRuns?) throws -> GridResults {
    try results(of: cells, in: session, keeping: kept)
  }

  /// The losses of the steps of all cells, as far as they are kept.
  func learningCurves(_ results: GridResults, _ kept: KeptRuns) throws -> LearningCurves {
    var curves = LearningCurves()
    for result in results.cells {
      let losses = try reportSeeds.compactMap { seed in
        try kept.losses(run(result.cell, rate: result.learningRate, seed: seed, .report).key)
      }
      curves.add(result.cell, losses)
    }
    return curves
  }

  /// Carries out the cells of a part: each with the search for its rate, so that parts need nothing of one another.
  func carryOut(_ part: Shard, in session: StudySession, keeping kept: KeptRuns?) throws {
    let own = part.part(of: cells)
    if !own.isEmpty { _ = try results(of: own, in: session, keeping: kept) }
  }

  private func results(
    of cells: [GridCell], in session: StudySession, keeping kept: KeptRuns?
  ) throws -> GridResults {
    let sweep = session.sweep(of: GridRun.self, GridOutcome.self)
    func outcomes(_ asked: [GridRun], stage: String) throws -> [GridOutcome] {
      // Cells whose factors make no difference share their runs.
      var positions: [GridRun: Int] = [:]
      var runs: [GridRun] = []
      for run in asked where positions[run] == nil {
        positions[run] = runs.count
        runs.append(run)
      }
      func isKept(_ run: GridRun) throws -> Bool {
        try run.phase == .tuning || kept?.holds(run.key) ?? true
      }
      let outcomes = try sweep.outcomes(of: runs, stage: stage, isKept: isKept) {
        [data, measures] run, workers, report in
        // Reported in hundredths, so that a short step does not pay for a lock.
        let interval = max(1, run.steps / 100)
        var steps = 0
        return try run.outcome(
          on: data, measuring: run.measures == nil ? [] : measures,
          keeping: run.phase == .report ? kept : nil, workers: workers
        ) {
          steps += 1
          if steps.isMultiple(of: interval) { report(Double(interval) / Double(run.steps)) }
        }
      }
      return asked.compactMap { positions[$0].map { outcomes[$0] } }
    }

    // Choose the rates.
    var searches = cells.map { _ in LearningRateSearch(grid: configuration.learningRates) }
    if configuration.learningRates.count > 1 {
      var stage = "tuning"
      while case let open = cells.indices.flatMap({ index in
        searches[index].open.map { (index, $0) }
      }),
        !open.isEmpty
      {
        let runs = open.flatMap { index, rate in
          (1...configuration.seeds).map { run(cells[index], rate: rate, seed: $0, .tuning) }
        }
        let losses = try outcomes(runs, stage: stage).map(\.lossOrInfinity)
        for (slot, (index, rate)) in open.enumerated() {
          let start = slot * configuration.seeds
          searches[index].note(
            rate, loss: median(Array(losses[start..<start + configuration.seeds])))
        }
        stage = "widening"
      }
    }

    // Report on fresh seeds.
    let seeds = reportSeeds
    let runs = cells.indices.flatMap { index in
      seeds.map { run(cells[index], rate: searches[index].best, seed: $0, .report) }
    }
    let reported = try outcomes(runs, stage: "report")
    return GridResults(
      cells: cells.indices.map { index in
        let start = index * seeds.count
        return GridResults.CellResult(
          cell: cells[index], search: searches[index],
          outcomes: Array(reported[start..<start + seeds.count]))
      })
  }
}
