import Console
import Datasets
import Findings
import Foundation
import Plumbline
import Training

/// The runs of an experiment: every arm at every depth and under every condition, each with its learning rate searched in the
/// same way.
public struct GridStudy: Sendable {
  /// What is requested.
  public let configuration: GridConfiguration
  let sets: GridSets
  let measures: [Measure]
  /// For each arm, the factors that make no difference to its networks: its runs are shared by all their levels.
  private let idleFactors: [Arm: Set<String>]

  /// A study on a training set, whose features are taken as they are (normalize first).
  ///
  /// - Parameters:
  ///   - configuration: The request: arms, depths, factors, rates, seeds and how runs are trained.
  ///   - trainingSet: The training set.
  ///   - dev: A set for the measures that need one.
  ///   - test: A set for the measures that need one.
  ///   - measures: All available measures; the configuration lists those that are taken.
  /// - Throws: ``/Findings/Problem`` if the configuration cannot be carried out.
  public init(
    _ configuration: GridConfiguration, trainingSet: LabelledSet, dev: LabelledSet? = nil,
    test: LabelledSet? = nil, measures: [Measure] = Measure.standard
  ) throws(Problem) {
    let data = StudyData(train: trainingSet, dev: dev, test: test, statement: trainingSet.name)
    try self.init(configuration, GridSets([(Condition(), data)]), measures: measures)
  }

  /// A study with data for each level of the factors that choose among them.
  init(
    _ configuration: GridConfiguration, _ sets: GridSets, measures: [Measure]
  ) throws(Problem) {
    try configuration.check(examples: sets.exampleCount)
    self.configuration = configuration
    self.sets = sets
    self.measures = try Self.chosen(
      configuration.measures ?? [], among: measures,
      hasDev: sets.entries.allSatisfy { $0.data.dev != nil },
      hasTest: sets.entries.allSatisfy { $0.data.test != nil })
    idleFactors = try configuration.idleFactors(
      features: sets.entries[0].features, classes: sets.entries[0].classes)
    for name in (configuration.training ?? [:]).keys.sorted()
    where configuration.trainingFactor(name) == nil {
      throw Problem(
        setting: Setting(rawValue: name),
        problem: "none of the requested optimizers has such a setting",
        remedy: "leave it out, or choose an \(Setting.optimizer) that has it")
    }
    for condition in configuration.conditions {
      try run(
        GridCell(arm: configuration.arms[0], depth: 1, condition: condition), rate: 1, seed: 1,
        .report
      ).checkSettings()
    }
    for arm in configuration.arms {
      for depth in configuration.depths {
        let cell = GridCell(arm: arm, depth: depth, condition: configuration.conditions[0])
        _ = try arm.network(run(cell, rate: 1, seed: 1, .report).point)
      }
    }
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
          setting: "measure", problem: "\(name) needs a \(missing) set, but the data have none",
          remedy:
            "leave it out, or give data with \(missing) examples (plumb data split creates them)")
      }
      chosen.append(measure)
    }
    return chosen
  }

  /// The hash of the configuration and the data: two sweeps with the same key are the same sweep.
  public var sweepKey: String {
    get throws {
      // Data are known by their content, wherever their file is.
      var asked = configuration
      asked.factors = configuration.factors?.map { factor in
        factor.name == "data" ? Factor("data", [.number(Double(factor.levels.count))]) : factor
      }
      var hash = ContentHash(of: try JSONText.encoder.encode(asked))
      for byte in sets.hash.utf8 { hash.combine(byte) }
      return hash.hexadecimal
    }
  }

  /// The data as described in the record.
  public var dataRecord: DataRecord { sets.record }

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

  func run(_ cell: GridCell, rate: Double, seed: Int, _ phase: GridRun.Phase) -> GridRun {
    let idle = idleFactors[cell.arm] ?? []
    let read = cell.condition.settings.filter {
      !idle.contains($0.name) && configuration.trainingFactor($0.name) == nil
    }
    let factors = Dictionary(uniqueKeysWithValues: read.map { ($0.name, $0.level) })
    let data = sets[cell.condition]
    var run = GridRun(
      arm: cell.arm, armDefinition: cell.arm.definitionHash, depth: cell.depth,
      width: configuration.width, optimizer: configuration.optimizer, learningRate: rate,
      batch: configuration.batch, steps: configuration.steps, seed: seed, phase: phase,
      data: data.name, dataHash: data.hash, features: data.features, classes: data.classes,
      factors: factors.isEmpty ? nil : factors, training: nil,
      measures: phase == .report ? configuration.measures : nil)
    for (name, level) in (configuration.training ?? [:]).sorted(by: { $0.key < $1.key }) {
      configuration.trainingFactor(name)?.set(&run, level)
    }
    for setting in cell.condition.settings {
      configuration.trainingFactor(setting.name)?.set(&run, setting.level)
    }
    return run
  }

  /// The run of a line, repeated: its line as it is now, and its values at the end; `nil` if not requested.
  func repeated(_ line: RunLine, workers: Workers) throws -> RepeatedRun? {
    let recorded = try line.configuration(as: GridRun.self)
    for cell in cells where cell.arm == recorded.arm && cell.depth == recorded.depth {
      var run = run(cell, rate: recorded.learningRate, seed: recorded.seed, recorded.phase)
      // A search by halving has shorter runs than the report.
      run.steps = recorded.steps
      guard try run.key == line.key else { continue }
      var parameters: Parameters<Float>?
      let outcome = try run.outcome(
        on: sets.data(of: run), measuring: run.measures == nil ? [] : measures,
        finished: { parameters = $0.result.parameters }, workers: workers, stepDone: {})
      return try parameters.map { RepeatedRun(line: try RunLine(run, outcome), parameters: $0) }
    }
    return nil
  }

  /// The seeds of the search.
  var tuningSeeds: [Int] { (1...configuration.seeds).map { seedOffset + $0 } }

  /// Fresh seeds for the report.
  var reportSeeds: [Int] {
    (0..<configuration.reportSeeds).map { seedOffset + Self.firstReportSeed + $0 }
  }

  /// The offset between the seeds of two sets of draws: more than a set has.
  private var seedOffset: Int { ((configuration.seed ?? 1) - 1) * 1_000_000 }

  /// Whether a folder of another request contains a part of this one: the same with fewer depths, arms, rates or seeds.
  ///
  /// - Throws: ``/Findings/Problem`` if it contains runs that are not requested.
  public func grows(from recorded: GridConfiguration, data: DataRecord?) throws(Problem) -> Bool {
    guard sets.hold(data) else { return false }
    return try configuration.grows(from: recorded)
  }

  /// For each arm outside the library: the number of its parameters that start from the same draws as a reference with the same
  /// seed. Initial values follow from a parameter's name, shape and initializer, so wrapped layers are redrawn.
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
      guard arm.start == nil else {
        return
          "\(arm.rawValue): has its own starting values; pairs with the same seed share only the order of the examples."
      }
      return
        "\(arm.rawValue): \(count) of \(all.count) parameters start from the draws of \(reference.rawValue); pairs with "
        + "the same seed share "
        + (count == 0 ? "only the order of the examples." : "those and the order of the examples.")
    }
  }

  /// Throws if this many of the largest runs at a time need more memory than is available.
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
        return "give \(Setting.jobs) \(max(1, Int(bytes / largest.memory.bytes)))"
      }
      // Memory grows in proportion to depth, and with the square of the width.
      let share = bytes / largest.memory.bytes
      let depth = Int(Double(largest.depth) * share * 0.9)
      let width = Double(largest.width)
      return depth >= 2
        ? "with one job, depths up to about \(depth) fit"
        : "with one job, a width of about \(max(1, Int(width * share.squareRoot() * 0.9))) fits"
    }
  }
}
