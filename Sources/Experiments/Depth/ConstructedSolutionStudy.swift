import Datasets
import Plumbline
import Training

/// By how much solvers miss a solution that is known: a trained shallow network inside a deeper one.
///
/// The rates of all networks are searched on one grid and the figures are those of fresh seeds, as ``DepthStudy`` does
/// it. Seed by seed the shallow network is trained, put into the deep one, and compared with the deep one trained from
/// scratch for as many steps, and with the deep one trained for as many steps from there.
public struct ConstructedSolutionStudy: Sendable {
  /// What is asked. The first of its depths is the shallow one.
  public let configuration: DepthStudy.Configuration
  private let study: DepthStudy
  private let data: Examples<Float>
  private let featureCount: Int, classCount: Int

  /// What came out for one arm and one deep network, in the order of the seeds.
  public struct Pair: Sendable {
    /// The kind of network, the layers of the shallow net and those of the deep one.
    public let arm: DepthArm, shallow: Int, deep: Int
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
  /// - Throws: ``DepthStudy/Invalid`` where the configuration cannot be carried out.
  public init(
    _ configuration: DepthStudy.Configuration, trainingSet: LabelledSet
  ) throws(DepthStudy.Invalid) {
    study = try DepthStudy(configuration, trainingSet: trainingSet)
    self.configuration = configuration
    data = Examples(trainingSet)
    featureCount = trainingSet.featureCount
    classCount = trainingSet.classCounts.count
  }

  /// Carries the study out, on `jobs` threads, which change no number.
  ///
  /// - Throws: ``ConstructedSolution/Impossible`` where an arm and its depths do not allow the construction.
  public func pairs(jobs: Int) throws -> [Pair] {
    let depths = configuration.depths.sorted()
    guard let shallow = depths.first else { return [] }
    let solutions = try configuration.arms.flatMap { arm in
      try depths.dropFirst().map { deep in
        try ConstructedSolution(
          arm: arm, inputs: featureCount, width: configuration.width, classes: classCount,
          shallow: shallow, deep: deep)
      }
    }
    let results = try study.results(jobs: jobs)
    return try solutions.map { try pair($0, results) }
  }

  private func pair(_ solution: ConstructedSolution, _ results: DepthResults) throws -> Pair {
    let (arm, deep) = (solution.deep.arm, solution.deep.hidden.count)
    let shallow = solution.shallow.hidden.count
    guard let shallowCell = results[arm, shallow], let deepCell = results[arm, deep] else {
      fatalError("no cell of \(arm) at \(shallow) or \(deep) layers")
    }
    let tuning = try starts(solution, seeds: 1...configuration.seeds, shallowCell.learningRate)
    var search = LearningRateSearch(grid: configuration.learningRates)
    while let rate = search.open.first {
      let losses = try evaluations(
        zip(tuning, 1...).map { (solution.deep, $0.constructed, rate, $1) }
      ).map(\.loss)
      search.note(rate, loss: median(losses))
    }
    let first = DepthStudy.firstReportSeed
    let seeds = first...first + configuration.reportSeeds - 1
    let reported = try starts(solution, seeds: seeds, shallowCell.learningRate)
    let outputs = reported.map { self.outputs(of: solution, $0) }
    return Pair(
      arm: arm, shallow: shallow, deep: deep, shallowRate: shallowCell.learningRate,
      scratchRate: deepCell.learningRate, continuedRate: search.best,
      differingOutputs: outputs.map { shallow, deep in
        zip(shallow, deep).count { $0.bitPattern != $1.bitPattern }
      },
      outputs: data.count * classCount,
      trained: reported.map { evaluation(solution.shallow, $0.trained) },
      constructed: reported.map { evaluation(solution.deep, $0.constructed) },
      continued: try evaluations(
        zip(reported, seeds).map { (solution.deep, $0.constructed, search.best, $1) }),
      scratch: deepCell.outcomes.map {
        Evaluation(loss: $0.lossOrInfinity, error: $0.errorOrOne)
      },
      shallowContinued: try evaluations(
        zip(reported, seeds).map { (solution.shallow, $0.trained, shallowCell.learningRate, $1) }))
  }

  /// A trained shallow network, and its values inside the deep one.
  private typealias Start = (trained: Parameters<Float>, constructed: Parameters<Float>)

  private func starts(
    _ solution: ConstructedSolution, seeds: ClosedRange<Int>, _ rate: Double
  ) throws -> [Start] {
    try draws(seeds.count) { draw in
      Result { () throws -> Start in
        let settings = settings(rate, seed: seeds.lowerBound + draw)
        let trained = try result(of: solution.shallow, settings, from: nil).parameters
        let key = settings.key["parameters"]
        return (trained, solution.parameters(from: trained, key: key))
      }
    }.map { try $0.get() }
  }

  /// What trainings from given values come to.
  private func evaluations(
    _ runs: [(network: DepthNetwork, from: Parameters<Float>, rate: Double, seed: Int)]
  ) throws -> [Evaluation] {
    try draws(runs.count) { draw in
      Result {
        let run = runs[draw]
        let result = try result(
          of: run.network, settings(run.rate, seed: run.seed), from: run.from)
        if case .finished = result.ending, result.train.isFinite { return result.train }
        return Evaluation(loss: .infinity, error: 1)
      }
    }.map { try $0.get() }
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
