import Console
import Findings

/// An experiment: arms, depths and factors, a claim about them, and measures. Everything else follows from it: the command line
/// with its help, the search for learning rates, pairs by seed, intervals, sentences, figure, report, and folders that are resumed,
/// grown and verified.
///
/// ```swift
/// let scaled = Arm("scaled", summary: "blocks with a learned scale", layersOfABlock: 2) { point in
///   Sequential([Dense(point.inputs, point.width), Activation.relu] + blocks(point) + [...])
/// }
/// Experiment(
///   "layer-scale", claim: "blocks with a learned scale stay below plain nets",
///   arms: [.plain, .residual, scaled], predictions: [.isBelow("scaled", "plain")]
/// ).main()
/// ```
public struct Experiment: Study {
  /// The name of the command, and the claim in one sentence.
  public let name: String, claim: String
  /// The publication; empty for none.
  public let source: String
  /// The topic.
  public let topic: StudyTopic
  /// The cost of the quick and the full form on two cores, in words.
  public let cost: (quick: String, full: String)
  /// All arms that can be requested by name.
  public let arms: [Arm]
  /// The arm that the others are compared with, unless an option says otherwise.
  public let reference: String
  /// The claim in a form that intervals can decide. It is decided if the arms are requested.
  public let predictions: [Prediction]
  /// Whether intervals can decide anything.
  public var makesClaim: Bool { !predictions.isEmpty }
  /// The available measures in addition to ``Measure/standard``.
  public let measures: [Measure]
  /// How the claim is deliberately broken; `nil` if it is not.
  public let control: Control?
  /// The data if `--data` is not given; `nil` for MNIST or glyphs.
  public let defaultData: String?
  /// How features are scaled if `--normalize` is not given; `nil` for what suits the data.
  public let scaling: StudyData.Scaling?
  /// The request without options, and with `--quick`.
  public let full: GridConfiguration, quick: GridConfiguration
  /// Arms for which the claim is false, so that its checks must fail: checks that cannot fail are worthless.
  public struct Control: Sendable {
    /// How they differ, in words.
    let summary: String
    /// They replace the arms of the same names.
    let arms: [Arm]

    /// A control.
    public init(_ summary: String, arms: [Arm]) { (self.summary, self.arms) = (summary, arms) }
  }

  /// The title of figure and report if the claim holds, and otherwise.
  let titles: (finding: String, question: String)

  /// An experiment.
  ///
  /// - Parameters:
  ///   - name: Its name on the command line and in its folder.
  ///   - claim: The claim, as a sentence.
  ///   - source: The paper, if there is one.
  ///   - topic: The section in which a list of studies shows it.
  ///   - cost: The time it takes with `--quick`, and in full, as phrases.
  ///   - arms: The arms, in the order of tables.
  ///   - depths: Hidden weight layers; with `--quick` the first, the middle and the last of them.
  ///   - factors: Further variables, varied in every combination.
  ///   - reference: The arm that the others are compared with; `nil` for the first.
  ///   - predictions: What the intervals must show for the claim to hold.
  ///   - measures: Custom measures, which are always taken.
  ///   - control: Arms for which the claim is false, for `--control`.
  ///   - finding: The title if the claim holds; `nil` for the claim.
  ///   - data: The default of `--data`; `nil` for MNIST or glyphs.
  ///   - normalize: The default of `--normalize`; `nil` for what suits the data. Class numbers are not to be scaled.
  ///   - full: Changes the defaults of options: width, batch, steps, optimizer, rates, seeds, standard measures.
  ///   - quick: Changes what is requested with `--quick`.
  /// - Precondition: Arms have different names, and there is at least one arm and one depth.
  public init(
    _ name: String, claim: String, source: String = "", topic: StudyTopic = .optimization,
    cost: (quick: String, full: String) = ("not known", "not known"), arms: [Arm],
    depths: [Int] = [2, 4, 8, 16, 32, 64], factors: [Factor] = [], reference: String? = nil,
    predictions: [Prediction] = [], measures: [Measure] = [],
    control: Control? = nil, finding: String? = nil, data: String? = nil,
    normalize: StudyData.Scaling? = nil,
    full: (inout GridConfiguration) -> Void = { _ in },
    quick: (inout GridConfiguration) -> Void = { _ in }
  ) {
    guard let first = arms.first, !depths.isEmpty else {
      fatalError("the experiment \(name) has no arm or no depth")
    }
    guard Set(arms.map(\.rawValue)).count == arms.count else {
      fatalError("two arms of the experiment \(name) have one name: \(arms.map(\.rawValue))")
    }
    self.name = name
    self.claim = claim
    self.source = source
    self.topic = topic
    self.cost = cost
    self.arms = arms
    self.reference = reference ?? first.rawValue
    self.predictions = predictions
    self.measures = measures
    self.control = control
    (defaultData, scaling) = (data, normalize)
    titles = (
      finding ?? claim.prefix(1).uppercased() + claim.dropFirst(), "Training error against depth"
    )
    func configured(_ change: (inout GridConfiguration) -> Void) -> GridConfiguration {
      var configuration = GridConfiguration()
      configuration.arms = arms
      configuration.depths = depths.sorted()
      configuration.factors = factors.isEmpty ? nil : factors
      configuration.measures = measures.isEmpty ? nil : measures.map(\.name)
      change(&configuration)
      return configuration
    }
    self.full = configured(full)
    self.quick = configured { configuration in
      let depths = configuration.depths
      let chosen: Set = [depths[0], depths[depths.count / 2], depths[depths.count - 1]]
      configuration.depths = chosen.sorted()
      configuration.learningRates = GridConfiguration.quick.learningRates
      configuration.steps = GridConfiguration.quick.steps
      configuration.seeds = 1
      quick(&configuration)
    }
  }

  /// The kind of the lines in `runs.jsonl`.
  public var runKind: any RunConfiguration.Type { GridRun.self }

  /// The request of a command line.
  public func request(_ options: ParsedOptions) throws -> GridRequest {
    try ExperimentOptions(of: self).request(options)
  }

  /// The command.
  public var command: Command { ExperimentOptions(of: self).command }
}

extension Experiment: RepeatableStudy {
  package var controlSummary: String? { control?.summary }
  /// It trains networks, which takes long.
  package var isRepeatedUnasked: Bool { false }

  package func failedChecks(_ conditions: ClaimConditions, jobs: Int) throws -> [String] {
    let words =
      ["\(Setting.seed)", "\(conditions.seed)"]
      + (conditions.effort == .quick ? ["\(Setting.quick)"] : [])
      + (conditions.isControl ? ["\(Setting.control)"] : [])
    let request = try request(command.adding(StudyOptions.all).parse(words))
    try request.check(jobs: jobs)
    return try request.result(in: StudySession(of: request.sweepKey, jobs: jobs)).failedChecks
  }
}
