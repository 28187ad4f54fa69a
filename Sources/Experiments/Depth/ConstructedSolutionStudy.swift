import Datasets
import Findings
import Plumbline
import Synchronization
import Training

/// By how much solvers miss a solution that is known: a trained shallow network inside a deeper one.
///
/// The rates of all networks are searched on one grid and the figures are those of fresh seeds, as ``GridStudy`` does
/// it. Seed by seed the shallow network is trained, put into the deep one, and compared with the deep one trained from
/// scratch for as many steps, and with the deep one trained for as many steps from there.
public struct ConstructedSolutionStudy: Sendable {
  /// What is asked. The first of its depths is the shallow one.
  public let configuration: GridConfiguration
  private let study: GridStudy
  private let data: Examples<Float>
  private let featureCount: Int, classCount: Int

  /// What came out for one arm and one deep network, in the order of the seeds.
  public struct Pair: Sendable {
    /// The kind of network, the layers of the shallow net and those of the deep one.
    public let arm: Arm, shallow: Int, deep: Int
    /// The chosen rates: of the shallow network, of the deep one from scratch, and from the constructed solution.
    public let shallowRate: Double, scratchRate: Double, continuedRate: Double
    /// Outputs on the training set whose bits are not those of the shallow network, of how many.
    public let differingOutputs: [Int], outputs: Int
    /// Loss and error on the training set: of the shallow net, of the deep one with the constructed values,
    /// after training from there, and after training from scratch. Infinite and 1 where a run diverged.
    public let trained: [Evaluation], constructed: [Evaluation], continued: [Evaluation]
    /// See ``trained``.
    public let scratch: [Evaluation]
    /// The same for the shallow network after as many steps more: what training longer gives without depth.
    public let shallowContinued: [Evaluation]

    /// Seed by seed, what one has more than another; 0 where both are equal, infinite ones too.
    public static func difference(
      _ value: (Evaluation) -> Double?, of one: [Evaluation], from other: [Evaluation]
    ) -> MedianInterval {
      MedianInterval(
        of: zip(one, other).map { one, other in
          let (one, other) = (value(one) ?? 1, value(other) ?? 1)
          return one == other ? 0 : one - other
        })
    }
  }

  /// A study on a training set, whose features are taken as they are (normalize first).
  ///
  /// - Throws: ``Problem`` where the configuration cannot be carried out.
  public init(
    _ configuration: GridConfiguration, trainingSet: LabelledSet
  ) throws(Problem) {
    study = try GridStudy(configuration, trainingSet: trainingSet)
    self.configuration = configuration
    data = Examples(trainingSet)
    featureCount = trainingSet.featureCount
    classCount = trainingSet.classCounts.count
  }

  /// Carries the study out.
  ///
  /// - Throws: ``Problem`` where an arm and its depths do not allow the construction.
  public func pairs(in session: StudySession) throws -> [Pair] {
    let depths = configuration.depths.sorted()
    guard let shallow = depths.first else { return [] }
    let solutions = try configuration.arms.flatMap { arm in
      try depths.dropFirst().map { deep in
        try ConstructedSolution(
          arm: arm, inputs: featureCount, width: configuration.width, classes: classCount,
          shallow: shallow, deep: deep)
      }
    }
    let results = try study.results(in: session)
    return try solutions.map { try pair($0, results, session) }
  }

  /// What one seed gives: the loss and the error of each training, and how many outputs differ in a bit.
  private struct SeedResult: Codable, Sendable {
    let differingOutputs: Int
    let trained: Evaluation, constructed: Evaluation, continued: Evaluation
    let shallowContinued: Evaluation
  }

  private func pair(
    _ solution: ConstructedSolution, _ results: GridResults, _ session: StudySession
  ) throws -> Pair {
    let (arm, deep) = (solution.arm, solution.deep.hidden.count)
    let shallow = solution.shallow.hidden.count
    guard let shallowCell = results[arm, shallow], let deepCell = results[arm, deep] else {
      fatalError("no cell of \(arm) at \(shallow) or \(deep) layers")
    }
    let label = "\(arm.rawValue), \(shallow) in \(deep)"
    let starts = Starts { seed in try start(solution, seed: seed, shallowCell.learningRate) }
    let tuning = Array(1...configuration.seeds)
    var search = LearningRateSearch(grid: configuration.learningRates)
    while let rate = search.open.first {
      let losses: [Double] = try session.values(
        tuning.map { "\(label): loss at rate \(rate), seed \($0)" }, stage: "tuning, \(label)"
      ) { index in
        let from = try starts[tuning[index]].constructed
        return try evaluation(solution.deep, from: from, rate, seed: tuning[index]).loss
      }
      search.note(rate, loss: median(losses))
    }
    let best = search.best
    let seeds = (0..<configuration.reportSeeds).map { GridStudy.firstReportSeed + $0 }
    let reported: [SeedResult] = try session.values(
      seeds.map { "\(label): seed \($0)" }, stage: "report, \(label)"
    ) { index in
      let start = try starts[seeds[index]]
      let outputs = outputs(of: solution, start)
      return SeedResult(
        differingOutputs: zip(outputs.shallow, outputs.deep).count {
          $0.bitPattern != $1.bitPattern
        },
        trained: evaluation(solution.shallow, start.trained),
        constructed: evaluation(solution.deep, start.constructed),
        continued: try evaluation(
          solution.deep, from: start.constructed, best, seed: seeds[index]),
        shallowContinued: try evaluation(
          solution.shallow, from: start.trained, shallowCell.learningRate, seed: seeds[index]))
    }
    return Pair(
      arm: arm, shallow: shallow, deep: deep, shallowRate: shallowCell.learningRate,
      scratchRate: deepCell.learningRate, continuedRate: best,
      differingOutputs: reported.map(\.differingOutputs), outputs: data.count * classCount,
      trained: reported.map(\.trained), constructed: reported.map(\.constructed),
      continued: reported.map(\.continued),
      scratch: deepCell.outcomes.map {
        Evaluation(loss: $0.lossOrInfinity, error: $0.errorOrOne)
      },
      shallowContinued: reported.map(\.shallowContinued))
  }

  /// A trained shallow network, and its values inside the deep one.
  private struct Start: Sendable {
    let trained: Parameters<Float>, constructed: Parameters<Float>
  }

  /// The starts of seeds, each made when it is first asked for: a study that goes on needs those of what is open only.
  private final class Starts: Sendable {
    private let made = Mutex<[Int: Start]>([:])
    private let make: @Sendable (Int) throws -> Start

    init(_ make: @escaping @Sendable (Int) throws -> Start) { self.make = make }

    subscript(seed: Int) -> Start {
      get throws {
        if let start = made.withLock({ $0[seed] }) { return start }
        let start = try make(seed)
        made.withLock { $0[seed] = start }
        return start
      }
    }
  }

  private func start(
    _ solution: ConstructedSolution, seed: Int, _ rate: Double
  ) throws -> Start {
    let settings = settings(rate, seed: seed)
    let trained = try result(of: solution.shallow, settings, from: nil).parameters
    return Start(
      trained: trained,
      constructed: solution.parameters(from: trained, key: settings.key["parameters"]))
  }

  /// What a training from given values comes to.
  private func evaluation(
    _ network: DepthNetwork, from initial: Parameters<Float>, _ rate: Double, seed: Int
  ) throws -> Evaluation {
    let result = try result(of: network, settings(rate, seed: seed), from: initial)
    if case .finished = result.ending, result.train.isFinite { return result.train }
    return Evaluation(loss: .infinity, error: 1)
  }

  private func result(
    of network: DepthNetwork, _ settings: TrainingSettings, from initial: Parameters<Float>?
  ) throws -> TrainingResult<Float> {
    try TrainingRun(network, on: data, settings, from: initial, evaluationInterval: 0).result()
  }

  private func settings(_ rate: Double, seed: Int) -> TrainingSettings {
    var settings = TrainingSettings(loss: .crossEntropy)
    settings.optimizer = configuration.optimizer
    settings.learningRate = rate
    settings.batchSize = configuration.batch
    settings.remainder = .drop
    settings.length = .steps(configuration.steps)
    settings.seed = seed
    return settings
  }

  private func evaluation(
    _ network: DepthNetwork, _ parameters: Parameters<Float>
  ) -> Evaluation {
    Evaluation(of: network, parameters, on: data, loss: .crossEntropy)
  }

  private func outputs(
    of solution: ConstructedSolution, _ start: Start
  ) -> (shallow: [Float], deep: [Float]) {
    (
      solution.shallow(data.features, start.trained.pass()).scalars,
      solution.deep(data.features, start.constructed.pass()).scalars
    )
  }
}
