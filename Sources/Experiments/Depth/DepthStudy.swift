import Console
import Datasets
import Findings
import Foundation
import Plumbline
import Training

/// The headline study: training error against depth, for several kinds of network, each with its learning
/// rate searched in the same way.
public struct DepthStudy: Sendable {
  /// What is asked. Together with the data it determines every number of the result.
  public struct Configuration: Codable, Sendable, Hashable {
    /// Hidden weight layers, ascending.
    public var depths: [Int] = [2, 4, 8, 16, 32, 64, 128]
    /// The kinds of network.
    public var arms: [DepthArm] = DepthArm.allCases {
      didSet { armDefinitions = Self.definitions(of: arms) }
    }
    /// The texts that define arms which are not of the library, by their names; `nil` where there are none.
    public private(set) var armDefinitions: [String: String]?
    /// The width of every hidden layer.
    public var width = 64
    /// Examples in a batch, and batches.
    public var batch = 128, steps = 400
    /// The algorithm.
    public var optimizer = OptimizerChoice.adam
    /// The grid of learning rates, the same for every cell. A single rate is not searched but used.
    public var learningRates = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2]
    /// Seeds for choosing the rate, and fresh ones for the report.
    public var seeds = 3, reportSeeds = 5

    /// The default configuration.
    public init() {}

    private static func definitions(of arms: [DepthArm]) -> [String: String]? {
      let own = arms.compactMap { arm in arm.definition.map { (arm.rawValue, $0) } }
      return own.isEmpty ? nil : Dictionary(own, uniquingKeysWith: { first, _ in first })
    }

    /// A small form that ends within a minute on two cores and still shows the effect.
    public static var quick: Configuration {
      var configuration = Configuration()
      configuration.depths = [4, 16, 64]
      configuration.arms = [.plain, .residual]
      configuration.learningRates = [3e-4, 1e-3, 3e-3]
      configuration.steps = 200
      configuration.seeds = 1
      return configuration
    }
  }

  /// A kind of network at a depth.
  public struct Cell: Codable, Sendable, Hashable {
    /// The kind.
    public let arm: DepthArm
    /// Hidden weight layers.
    public let depth: Int

    package init(arm: DepthArm, depth: Int) {
      self.arm = arm
      self.depth = depth
    }
  }

  /// What is asked.
  public let configuration: Configuration
  private let data: Examples<Float>
  private let dataName: String, dataHash: String
  private let featureCount: Int, classCount: Int

  /// A study on a training set, whose features are taken as they are (normalize first).
  public init(
    _ configuration: Configuration, trainingSet: LabelledSet
  ) throws(Problem) {
    try Self.check(configuration, examples: trainingSet.exampleCount)
    guard let classCount = trainingSet.classCount else {
      throw Problem(
        setting: "data", problem: "the targets are real values", remedy: "give data with classes")
    }
    self.configuration = configuration
    data = Examples(trainingSet)
    dataName = trainingSet.name
    dataHash = trainingSet.contentHash
    featureCount = trainingSet.featureCount
    self.classCount = classCount
  }

  private static func check(_ configuration: Configuration, examples: Int) throws(Problem) {
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

  /// For each arm that is not of the library: how many of its parameters start from the draws of plain nets of one seed.
  /// Initial values follow from a parameter's name, shape and initializer, so layers that are wrapped are drawn anew.
  public var pairingNotes: [String] {
    guard let depth = configuration.depths.min() else { return [] }
    func draws(_ arm: DepthArm) -> [(name: String, text: String)] {
      let shape = DepthArm.Shape(
        inputs: featureCount, width: configuration.width, classes: classCount, depth: depth)
      guard let network = try? arm.network(shape) else { return [] }
      func entries(of network: some Layer) -> [ParameterLayout.Entry] {
        ParameterLayout(of: network).entries
      }
      return entries(of: network).map { ($0.name, "\($0.shape) \($0.initializer)") }
    }
    let own = configuration.arms.filter { $0.definition != nil }
    let plain = own.isEmpty ? [:] : Dictionary(uniqueKeysWithValues: draws(.plain))
    return own.map { arm in
      let all = draws(arm)
      let shared = all.count { plain[$0.name] == $0.text }
      return
        "\(arm.rawValue): \(shared) of \(all.count) parameters start from the draws of plain; pairs of one seed share "
        + "the order of the examples"
        + (shared == 0 ? " only." : ", and those.")
    }
  }

  /// Whether a folder of another request holds a part of this one: the same but for more depths, arms, rates or seeds.
  ///
  /// - Throws: ``Problem`` where it holds some that are not asked for.
  public func grows(from recorded: Configuration, dataHash: String?) throws(Problem) -> Bool {
    var same = recorded
    same.depths = configuration.depths
    // An arm of one's own is the same where its definition is.
    let definitions = configuration.armDefinitions ?? [:]
    guard
      (recorded.armDefinitions ?? [:]).allSatisfy({ definitions[$0.key] ?? $0.value == $0.value })
    else { return false }
    same.arms = configuration.arms
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

  /// The data as the record names them.
  ///
  /// - Parameter statement: Where the data come from, in words.
  public func dataRecord(statement: String) -> DataRecord {
    DataRecord(name: dataName, statement: statement, hash: dataHash, examples: data.count)
  }

  /// The cells in the order of the table.
  public var cells: [Cell] {
    configuration.arms.flatMap { arm in configuration.depths.map { Cell(arm: arm, depth: $0) } }
  }

  /// The first seed of the report: far from those of the tuning, so that the two never meet.
  package static let firstReportSeed = 1001

  private func run(_ cell: Cell, rate: Double, seed: Int, _ phase: DepthRun.Phase) -> DepthRun {
    DepthRun(
      arm: cell.arm, armDefinition: cell.arm.definitionHash, depth: cell.depth,
      width: configuration.width,
      optimizer: configuration.optimizer, learningRate: rate, batch: configuration.batch,
      steps: configuration.steps, seed: seed, phase: phase, data: dataName, dataHash: dataHash,
      features: featureCount, classes: classCount)
  }

  private var reportSeeds: [Int] {
    (0..<configuration.reportSeeds).map { Self.firstReportSeed + $0 }
  }

  /// The runs of the report, with one rate for all cells.
  package func reportRuns(rate: Double) -> [DepthRun] {
    cells.flatMap { cell in reportSeeds.map { run(cell, rate: rate, seed: $0, .report) } }
  }

  /// Carries the study out.
  public func results(in session: StudySession) throws -> DepthResults {
    let sweep = session.sweep(of: DepthRun.self, DepthOutcome.self)
    func outcomes(_ runs: [DepthRun], stage: String) throws -> [DepthOutcome] {
      try sweep.outcomes(of: runs, stage: stage) { [data] run, workers, report in
        // Reported in hundredths, so that a short step does not pay for a lock.
        let interval = max(1, run.steps / 100)
        var steps = 0
        return try run.outcome(on: data, workers: workers) {
          steps += 1
          if steps.isMultiple(of: interval) { report(Double(interval) / Double(run.steps)) }
        }
      }
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
    return DepthResults(
      cells: cells.indices.map { index in
        let start = index * seeds.count
        return DepthResults.CellResult(
          cell: cells[index], search: searches[index],
          outcomes: Array(reported[start..<start + seeds.count]))
      })
  }
}
