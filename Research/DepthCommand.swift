import Console
import Datasets
import Experiments
import Foundation
import Plumbline
import Training

/// `research depth`: does training error rise with depth? Plain against residual nets and their controls.
enum DepthCommand {
  static let claim = "plain training error rises with depth, residual training error does not"
  static let source = "He et al. 2016 (arXiv:1512.03385), on dense nets"
  static let cost = (quick: "under 1 min", full: "about 10 min")

  private static let defaults = DepthStudy.Configuration()
  private static let data = Option(
    "data", "NAME|PATH", .text, defaultText: "mnist where its files are found, otherwise glyphs",
    help: "mnist, glyphs, or a folder or file of digits in IDX form")
  private static let depths = Option(
    "depths", "LIST", .list(of: .integer(in: 0...1_000_000), isDistinct: true),
    default: defaults.depths, help: "numbers of hidden weight layers")
  private static let arms = Option(
    "arms", "LIST", .list(of: ValueForm<DepthArm>.choice, isDistinct: true),
    default: defaults.arms, defaultText: "all six",
    help: "kinds of network: \(DepthArm.allCases.map(\.rawValue).joined(separator: ", "))")
  private static let width = Option(
    "width", "N", .integer(in: 1...65536), default: defaults.width, help: "units of a hidden layer")
  private static let batch = Option(
    "batch", "N", .integer(), default: defaults.batch, help: "examples in a batch")
  private static let steps = Option(
    "steps", "N", .integer(), default: defaults.steps, help: "batches of a run")
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
  private static let jobs = Option(
    "jobs", "N", .integer(in: 1...4096), defaultText: "the number of cores",
    help: "runs at a time; changes no result")
  private static let out = Option(
    "out", "DIR", .path, defaultText: "results/depth-<hash of the request>",
    help: "where the results go; a stopped sweep continues there")
  private static let json = Option("json", "FILE", .path, help: "writes the summary as JSON")
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
      data, depths, arms, width, batch, steps, optimizer, rates, seeds, reportSeeds, jobs, out,
      json,
      quick,
    ],
    examples: [
      Command.Example("research depth", "the whole study"),
      Command.Example("research depth --quick", "the effect within a minute"),
      Command.Example(
        "research depth --arms plain,highway --depths 10,20,50", "two kinds at three depths"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    try OutputFile.check(options[json], folder: options[out])
    let digits = try DataChoice.load(options[data])
    let study = try DepthStudy(
      configuration(options), trainingSet: digits.normalizedTrainingSet())
    let provenance = Provenance()
    let sweepKey = try study.sweepKey
    let folder = ResultsFolder(
      path: options[out]
        ?? "results/depth-\(sweepKey.prefix(8))-\((provenance.executableHash ?? "").prefix(4))")
    try folder.prepare(
      study: "depth", sweepKey: sweepKey, executableHash: provenance.executableHash)
    let journal = try Journal<DepthRun, DepthOutcome>(in: folder)
    var record = StudyRecord<DepthStudy.Configuration, DepthReport.Summary>(
      study: "depth", sweepKey: sweepKey, provenance: provenance,
      configuration: study.configuration, data: study.dataRecord(statement: digits.statement))
    try folder.write(json: record, to: "record.json")

    print("data: \(digits.statement)")
    print(
      "results: \(folder.path)" + (journal.count > 0 ? " (\(journal.count) runs are there)" : ""))
    let start = ContinuousClock.now
    let results = try study.results(
      jobs: options[jobs] ?? ProcessInfo.processInfo.activeProcessorCount, journal: journal,
      observer: ProgressObserver())
    let report = DepthReport(
      results, configuration: study.configuration, dataStatement: digits.statement)
    record = record.completed(with: report.summary)

    let command = (["research"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    let figure = report.figure(command: command).svg()
    try folder.write(Data(report.csv.utf8), to: "summary.csv")
    try folder.write(Data(figure.utf8), to: "figure.svg")
    try folder.write(
      Data(report.html(figure: figure, command: command).utf8), to: "report.html")
    try folder.write(json: record, to: "record.json")
    if let path = options[json] {
      try AtomicFile.write(JSONText.prettyEncoder.encode(report.summary), to: path)
    }

    print()
    print(table(results))
    if !results.comparisonsWithPlain.isEmpty { print(differences(results)) }
    for sentence in report.sentences { print(sentence) }
    print("\nfigure: \(folder.file("figure.svg"))")
    print("time: \(NumberFormat.duration(start.duration(to: .now)))")
    return results.claimHolds == false ? .answerIsNo : .done
  }

  /// What the options ask; with --quick, what is not given comes from the quick form.
  private static func configuration(_ options: ParsedOptions) -> DepthStudy.Configuration {
    let base = options[quick] ? DepthStudy.Configuration.quick : DepthStudy.Configuration()
    func value<Value>(_ option: Option<Value>, _ fallback: Value) -> Value {
      options.isGiven(option) ? options[option] : fallback
    }
    var configuration = base
    configuration.depths = value(depths, base.depths).sorted()
    configuration.arms = value(arms, base.arms)
    configuration.width = value(width, base.width)
    configuration.batch = value(batch, base.batch)
    configuration.steps = value(steps, base.steps)
    configuration.optimizer = value(optimizer, base.optimizer)
    configuration.learningRates = value(rates, base.learningRates)
    configuration.seeds = value(seeds, base.seeds)
    configuration.reportSeeds = value(reportSeeds, base.reportSeeds)
    return configuration
  }

  private static func table(_ results: DepthResults) -> String {
    let coverage = results.cells.map(\.loss.coverage).min() ?? 0
    var table = Table([
      Table.Column("arm", .left), "depth", "rate", "training error", "interval", "training loss",
      "interval", "diverged", "s/run",
    ])
    for arm in results.arms {
      if arm != results.arms[0] { table.addRule() }
      for cell in results.cells where cell.cell.arm == arm {
        table.add(
          arm.rawValue, "\(cell.cell.depth)",
          NumberFormat.plain(cell.learningRate) + (cell.isRateAtEdge ? " (edge)" : ""),
          NumberFormat.percent(cell.error.median, decimals: 2),
          "\(NumberFormat.percent(cell.error.low, decimals: 2)) to "
            + NumberFormat.percent(cell.error.high, decimals: 2),
          number(cell.loss.median), "\(number(cell.loss.low)) to \(number(cell.loss.high))",
          cell.divergedCount == 0 ? "" : "\(cell.divergedCount) of \(cell.outcomes.count)",
          NumberFormat.fixed(cell.seconds, decimals: 2))
      }
    }
    return table.text()
      + "Median over fresh seeds; the interval covers the true median with probability "
      + "\(NumberFormat.percent(coverage)) or more.\n"
  }

  private static func differences(_ results: DepthResults) -> String {
    var table = Table(
      [
        Table.Column("arm", .left), "depth", "error difference (points)", "interval",
        "loss difference", "interval",
      ],
      title: "paired difference from plain, seed by seed")
    for comparison in results.comparisonsWithPlain {
      let (error, loss) = (comparison.errorDifference, comparison.lossDifference)
      table.add(
        comparison.cell.arm.rawValue, "\(comparison.cell.depth)", points(error.median),
        "\(points(error.low)) to \(points(error.high))", difference(loss.median),
        "\(difference(loss.low)) to \(difference(loss.high))")
    }
    return table.text()
  }

  private static func points(_ value: Double) -> String {
    NumberFormat.fixed(100 * value, decimals: 2)
  }

  private static func number(_ value: Double) -> String {
    value.isFinite ? NumberFormat.significant(value, digits: 3) : "diverged"
  }

  /// A difference of losses: infinite below 0 where plain diverged, above where the other did.
  private static func difference(_ value: Double) -> String {
    value.isFinite ? number(value) : value < 0 ? "-infinite" : "+infinite"
  }
}
