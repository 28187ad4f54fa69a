import Console
import Datasets
import Experiments
import Findings
import Plumbline
import Training

/// Does training error rise with depth? Plain against residual nets and their controls.
struct Depth: Study {
  static let name = "depth"
  static let claim = "plain training error rises with depth, residual training error does not"
  static let source = "He et al. 2016 (arXiv:1512.03385), on dense nets"
  static let cost = (quick: "under 1 min", full: "about 10 min")

  private static let defaults = DepthStudy.Configuration()
  private static let data = Option(
    "data", "NAME|PATH", .input("the data", files: { LabelledSets.files(ofSource: $0) }),
    defaultText: "mnist where its files are found, otherwise glyphs",
    help: "mnist, glyphs, or a folder or file of digits in IDX form")
  private static let depths = Option(
    "depths", "LIST", .list(of: .integer(in: 0...1_000_000), isDistinct: true),
    default: defaults.depths, help: "numbers of hidden weight layers")
  private static let arms = Option(
    "arms", "LIST", .list(of: arm, isDistinct: true), default: defaults.arms.map(Arm.named),
    defaultText: "all six",
    help:
      "kinds of network: \(DepthArm.allCases.map(\.rawValue).joined(separator: ", ")); or a file that describes one "
      + "in JSON, with depth and width as variables")

  /// What `--arms` names.
  private enum Arm: Sendable {
    /// An arm of the library.
    case named(DepthArm)
    /// The path of a description.
    case file(String)

    func arm() throws(Problem) -> DepthArm {
      switch self {
      case .named(let arm): arm
      case .file(let path): try DepthArm(contentsOfFile: path)
      }
    }
  }

  private static let armNames = DepthArm.allCases.map(\.rawValue)
  private static let armFile = ValueForm<String>.input("the description of an arm")
  private static let arm = ValueForm<Arm>(
    accepted: "one of \(armNames.joined(separator: ", ")), or a path that ends in .json",
    names: armNames, files: files(of:)
  ) { text in
    if text.lowercased().hasSuffix(".json") { return armFile.read(text).map(Arm.file) }
    return DepthArm(rawValue: text).map(Arm.named)
  }

  @Sendable private static func files(of arm: Arm) -> [FileUse] {
    guard case .file(let path) = arm else { return [] }
    return armFile.files?(path) ?? []
  }
  private static let width = Option(
    "width", "N", .integer(in: 1...65536), default: defaults.width, help: "units of a hidden layer")
  private static let batch = Option(
    "batch", "N", .integer(in: 1...1_000_000_000_000), default: defaults.batch,
    help: "examples in a batch")
  private static let steps = Option(
    "steps", "N", .integer(in: 1...1_000_000_000_000), default: defaults.steps,
    help: "batches of a run")
  private static let optimizer = Option(
    "optimizer", "NAME", ValueForm<OptimizerChoice>.choice, default: defaults.optimizer,
    help: "one of \(OptimizerChoice.allCases.map(\.rawValue).joined(separator: ", "))")
  private static let rates = Option(
    "learning-rates", "LIST", .list(of: .positive, isDistinct: true),
    default: defaults.learningRates,
    help:
      "the grid for every cell; widened while the best lies at its edge; one rate is not searched")
  private static let seeds = Option(
    "seeds", "N", .integer(in: 1...1000), default: defaults.seeds,
    help: "seeds for choosing the rate")
  private static let reportSeeds = Option(
    "report-seeds", "N", .integer(in: 1...100_000), default: defaults.reportSeeds,
    help: "fresh seeds for the report; an interval of 90 % needs 5")
  private static let quick = Option(
    flag: "quick", help: "a small form within a minute: depths 4, 16 and 64, plain and residual")

  static let command = Command(
    "depth", summary: "training error against depth: plain, residual and control networks",
    discussion:
      "Trains every kind of network at every depth, each with its learning rate searched on the "
      + "same grid, and reports training loss and error over fresh seeds. Depth counts the hidden weight "
      + "layers (width x width); the input and the output layer come in addition in every kind. Exit "
      + "status 1 means that the claim (\(claim)) did not hold.",
    options: [
      data, depths, arms, width, batch, steps, optimizer, rates, seeds, reportSeeds, quick,
    ],
    examples: [
      Command.Example("research depth", "the whole study"),
      Command.Example("research depth --quick", "the effect within a minute"),
      Command.Example(
        "research depth --arms plain,highway --depths 10,20,50", "two kinds at three depths"),
    ])

  static let runKind: any RunConfiguration.Type = DepthRun.self

  private let study: DepthStudy
  private let digits: DataChoice

  init(_ options: ParsedOptions) throws {
    digits = try DataChoice.load(options[Self.data])
    study = try DepthStudy(
      try Self.configuration(options), trainingSet: digits.normalizedTrainingSet())
  }

  var configuration: DepthStudy.Configuration { study.configuration }
  var data: DataRecord? { study.dataRecord(statement: digits.statement) }
  var inputs: [FileUse] { digits.files.map { .reads($0, "the data") } }
  var sweepKey: String { get throws { try study.sweepKey } }
  var defaultFolder: String { get throws { "results/depth-\(try sweepKey.prefix(8))" } }

  func grows(
    from recorded: DepthStudy.Configuration, data: DataRecord?
  ) throws(Problem) -> Bool {
    try study.grows(from: recorded, dataHash: data?.hash)
  }

  func check(jobs: Int) throws { try study.checkMemory(jobs: jobs) }

  func result(in session: StudySession) throws -> DepthReport {
    DepthReport(
      try study.results(in: session), configuration: configuration,
      dataStatement: digits.statement, pairingNotes: study.pairingNotes)
  }

  /// What the options ask; with --quick, what is not given comes from the quick form.
  private static func configuration(
    _ options: ParsedOptions
  ) throws(Problem) -> DepthStudy.Configuration {
    let base = options[quick] ? DepthStudy.Configuration.quick : DepthStudy.Configuration()
    func value<Value>(_ option: Option<Value>, _ fallback: Value) -> Value {
      options.isGiven(option) ? options[option] : fallback
    }
    var configuration = base
    configuration.depths = value(depths, base.depths).sorted()
    if options.isGiven(arms) {
      var own: [DepthArm] = []
      for arm in options[arms] { own.append(try arm.arm()) }
      configuration.arms = own
    }
    configuration.width = value(width, base.width)
    configuration.batch = value(batch, base.batch)
    configuration.steps = value(steps, base.steps)
    configuration.optimizer = value(optimizer, base.optimizer)
    configuration.learningRates = value(rates, base.learningRates)
    configuration.seeds = value(seeds, base.seeds)
    configuration.reportSeeds = value(reportSeeds, base.reportSeeds)
    return configuration
  }
}
