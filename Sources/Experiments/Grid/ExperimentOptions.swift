import Console
import Datasets
import Findings
import Plumbline
import Training

/// The command line of an experiment.
struct ExperimentOptions {
  private let experiment: Experiment
  private let data: Option<String?>
  private let depths: Option<[Int]>
  private let arms: Option<[NamedArm]>
  private let reference: Option<String?>
  private let width: Option<Int>
  private let batch: Option<Int>
  private let steps: Option<Int>
  private let optimizer: Option<OptimizerChoice>
  private let rates: Option<[Double]>
  private let seeds: Option<Int>
  private let reportSeeds: Option<Int>
  private let quick: Option<Bool>

  private static let scaling = Option(
    "normalize", "SCOPE", ValueForm<StudyData.Scaling>.choice,
    defaultText: "global for images, otherwise per-feature",
    help:
      "shifts and scales features by the training set's mean and standard deviation: global, per-feature or none"
  )
  private static let vary = Option(
    repeated: "vary", "FACTOR=LIST", factor,
    help:
      "also varies a factor: data, initializer, activation, anything another option sets (width, optimizer, schedule and so on), or one "
      + "that an arm reads")
  private static let design = Option(
    "design", "NAME", ValueForm<GridConfiguration.Design>.choice,
    defaultText: "grid",
    help:
      "how the levels of several factors are combined: grid, or one-at-a-time starting from the first level of each"
  )
  private static let keep = Option(
    "keep", "LIST", .list(of: ValueForm<KeptContent>.choice, isDistinct: true), default: [],
    defaultText: "only the line in runs.jsonl",
    help:
      "what to keep of each report run, in the folder kept: losses, layers (norms), parameters"
  )
  private static let curves = Option(
    flag: "curves", help: "keeps the loss of every step and shows it in the report")
  private static let factor = ValueForm<Factor>(
    accepted: "a factor and its levels, such as width=32,64 or initializer=he,orthogonal",
    files: { factor in
      let sources = factor.name == "data" ? factor.levels.map { "\($0)" } : []
      return sources.flatMap { LabelledSets.files(ofSource: $0) }.map { .reads($0, "the data") }
    }, read: { readFactor($0) })

  /// A factor as it is typed.
  private static func readFactor(_ text: String) -> Factor? {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, parts[0].wholeMatch(of: /[a-z][a-z0-9-]*/) != nil else { return nil }
    var levels = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard levels.allSatisfy({ !$0.isEmpty }) else { return nil }
    if parts[0] == "data" { levels = sources(levels) }
    return Factor(parts[0], levels.map { Factor.Level(parsing: $0) })
  }

  /// Names of data with their settings, which have commas between them too: `moons:noise=0.1,count=200,rings` is two.
  private static func sources(_ parts: [String]) -> [String] {
    parts.reduce(into: []) { sources, part in
      let isSetting =
        part.wholeMatch(of: /[a-z-]+=[^\/]*/) != nil && FilePaths.isFolder(part) == nil
      if isSetting, let last = sources.last, last.contains(":") {
        sources[sources.count - 1] = last + "," + part
      } else {
        sources.append(part)
      }
    }
  }
  /// What the options of `plumb train` set that have the same names here.
  private static let settings = (TrainingFactor.settings + TrainingFactor.optimizerSettings)
    .compactMap { factor in
      factor.option.map { option in
        (
          factor,
          Option<Factor.Level?>(
            factor.name, option.placeholder,
            ValueForm<Factor.Level>(accepted: option.accepted) { text in
              let level = Factor.Level(parsing: text)
              return factor.objection(level, .max) == nil ? level : nil
            }, help: option.help)
        )
      }
    }
  /// What arms of the library read, as options that set one level.
  private static let armSettings = [
    (
      "activation",
      Option<Factor.Level?>(
        "activation", "NAME", ValueForm<Factor.Level>(accepted: "a name") { .text($0) },
        help: "the activation of the hidden layers, in arms that read it (default: the arm's own)")
    ),
    (
      "initializer",
      Option<Factor.Level?>(
        "init", "NAME", ValueForm<Factor.Level>(accepted: "a name") { .text($0) },
        help:
          "how hidden weights are initialized, in arms that read it: "
          + "\(Initializer.names.map(\.usage).joined(separator: ", ")) (default: the arm's own)"
      )
    ),
    (
      "depth-scaling",
      Option<Factor.Level?>(
        "depth-scaling", "NAME", ValueForm<Factor.Level>(accepted: "a name") { .text($0) },
        help:
          "how branches and the optimizer's steps in them follow the depth, in arms that read it: "
          + "\(DepthScaling.names.joined(separator: ", ")) (default: the arm's own)"
      )
    ),
  ]
  private static let seed = Option(
    "seed", "N", .integer(in: 1...1_000_000_000), default: 1,
    help: "a different set of random draws, disjoint from those of any other number")
  private static let halving = Option(
    flag: "halving",
    help:
      "searches rates by successive halving: all for a fraction of the steps, then the better half for twice as many, and so on"
  )
  /// A list of rates, or a number of them between two.
  private static let rateForm: ValueForm<[Double]> = {
    let list = ValueForm<[Double]>.list(of: .positive, isDistinct: true)
    return ValueForm(
      accepted: list.accepted + ", or random:N:LOW..HIGH, such as random:8:1e-4..0.1", isList: true
    ) { text in
      guard let match = text.wholeMatch(of: /random:([0-9]+):(.+?)\.\.(.+)/) else {
        return list.read(text)
      }
      guard let count = Int(match.1), (2...1000).contains(count), let low = Double(match.2),
        let high = Double(match.3), low > 0, low < high, high.isFinite
      else { return nil }
      return LearningRates.drawn(count, from: low, to: high)
    }
  }()
  private let measure: Option<[String]>

  /// What `--arms` names.
  private enum NamedArm: Sendable {
    /// An arm of the experiment.
    case named(Arm)
    /// The path of a description.
    case file(String)
  }

  init(of experiment: Experiment) {
    self.experiment = experiment
    let full = experiment.full
    data = Option(
      "data", "FILE|NAME", .input("the data", files: { LabelledSets.files(ofSource: $0) }),
      defaultText: experiment.defaultData ?? "mnist if its files are found, otherwise glyphs",
      help:
        "examples with classes: a file or folder that plumb train accepts, or a name: "
        + LabelledSets.sourceNames.joined(separator: ", "))
    depths = Option(
      "depths", "LIST", .list(of: .integer(in: 0...1_000_000), isDistinct: true),
      default: full.depths, help: "numbers of hidden weight layers")
    let names = experiment.arms.map(\.rawValue)
    arms = Option(
      "arms", "LIST", .list(of: Self.form(experiment.arms), isDistinct: true),
      default: full.arms.map(NamedArm.named),
      defaultText: full.arms.map(\.rawValue).joined(separator: ","),
      help:
        "kinds of network: \(names.joined(separator: ", ")); or a file that describes one "
        + "in JSON, with depth, width and factors as variables")
    reference = Option(
      "reference", "ARM", .text, defaultText: experiment.reference,
      help: "the arm that the others are compared with, seed by seed")
    width = Option(
      "width", "N", .integer(in: 1...65536), default: full.width, help: "units per hidden layer")
    batch = Option(
      "batch", "N", .integer(in: 1...1_000_000_000_000), default: full.batch,
      help: "the batch size")
    steps = Option(
      "steps", "N", .integer(in: 1...1_000_000_000_000), default: full.steps,
      help: "steps per run")
    optimizer = Option(
      "optimizer", "NAME", ValueForm<OptimizerChoice>.choice, default: full.optimizer,
      help: "one of \(OptimizerChoice.allCases.map(\.rawValue).joined(separator: ", "))")
    rates = Option(
      "learning-rates", "LIST", Self.rateForm,
      default: full.learningRates,
      help:
        "the grid for every cell, or random:N:LOW..HIGH for N rates drawn from an interval; widened while the best lies at its edge; a "
        + "single rate is not searched"
    )
    seeds = Option(
      "seeds", "N", .integer(in: 1...1000), default: full.seeds, help: "seeds for choosing the rate"
    )
    reportSeeds = Option(
      "report-seeds", "N", .integer(in: 1...100_000), default: full.reportSeeds,
      help: "fresh seeds for the report; a 90 % interval needs 5")
    let measures = experiment.measures + Measure.standard
    measure = Option(
      "measure", "LIST", .list(of: .choice(measures.map(\.name)), isDistinct: true),
      default: full.measures ?? [],
      defaultText: full.measures?.joined(separator: ",") ?? "loss and error on the training set",
      help: "additional measures: "
        + measures.map { "\($0.name), \($0.summary)" }.joined(separator: "; "))
    let small = experiment.quick
    quick = Option(
      flag: "quick",
      help:
        "a small form: depths \(small.depths.map { "\($0)" }.joined(separator: ", ")), arms "
        + "\(small.arms.map(\.rawValue).joined(separator: ", ")), \(small.steps) steps")
  }

  private static func form(_ arms: [Arm]) -> ValueForm<NamedArm> {
    let names = arms.map(\.rawValue)
    let file = ValueForm<String>.input("the description of an arm")
    return ValueForm(
      accepted: "one of \(names.joined(separator: ", ")), or a path that ends in .json",
      names: names,
      files: { arm in
        guard case .file(let path) = arm else { return [] }
        return file.files?(path) ?? []
      },
      read: { text in
        if text.lowercased().hasSuffix(".json") { return file.read(text).map(NamedArm.file) }
        return arms.first { $0.rawValue == text }.map(NamedArm.named)
      })
  }

  var command: Command {
    Command(
      experiment.name, summary: experiment.claim,
      discussion: (experiment.source.isEmpty ? "" : "Source: \(experiment.source). ")
        + "Trains every kind of network at every depth, each with its learning rate searched on the "
        + "same grid, and reports training loss and error over fresh seeds. Depth counts the hidden weight "
        + "layers (width x width), excluding the input and output layers. A run equals, to the bit, one of "
        + "plumb train with the same network, data, seed and settings; only the defaults of "
        + "\(Setting.normalize), \(Setting.remainder) and \(Setting.steps) differ, so that images need no option and every step has a "
        + "full batch. Exit "
        + "status 1 means that the claim did not hold"
        + (experiment.control.map { ", as it must with \(Setting.control): \($0.summary)" } ?? "")
        + ".",
      options: [
        data, Self.scaling, depths, arms, reference, Self.vary, Self.design, measure,
        Self.keep, Self.curves, Self.halving, width, batch,
        steps, optimizer, rates, seeds, reportSeeds, Self.seed, quick,
      ] + (experiment.control == nil ? [] : [ClaimOptions.control]) + Self.armSettings.map(\.1)
        + Self.settings.map(\.1),
      examples: [
        Command.Example(
          "\(Provenance.program) \(experiment.name) --quick \(Setting.depths) 4 \(Setting.steps) 20",
          "a small one, of seconds")
      ])
  }

  /// What a command line asks for; with --quick, what is not given comes from the quick form.
  func request(_ options: ParsedOptions) throws -> GridRequest {
    let base = options[quick] ? experiment.quick : experiment.full
    func value<Value>(_ option: Option<Value>, _ fallback: Value) -> Value {
      options.isGiven(option) ? options[option] : fallback
    }
    var configuration = base
    configuration.depths = value(depths, base.depths).sorted()
    // A factor that the experiment varies itself takes the levels that are given.
    let given = options[Self.vary]
    let own = (base.factors ?? []).map { factor in given.first { $0.name == factor.name } ?? factor
    }
    var factors = own + given.filter { factor in !own.contains { $0 == factor } }
    for (name, option) in Self.armSettings {
      guard let level = options[option] else { continue }
      if let other = factors.first(where: { $0.name == name }) {
        throw Problem(
          setting: "vary", problem: "\(other.name) is also given by its own option",
          remedy: "give only one of the two")
      }
      factors.append(Factor(name, [level]))
    }
    configuration.factors = factors.isEmpty ? nil : factors
    configuration.design = options[Self.design] ?? base.design
    if configuration.design == .grid { configuration.design = nil }
    configuration.width = value(width, base.width)
    if options.isGiven(arms) {
      configuration.arms = try options[arms].map { arm throws(Problem) in
        switch arm {
        case .named(let arm): arm
        case .file(let path):
          try Arm(contentsOfFile: path, factors: factors, width: configuration.width)
        }
      }
    }
    if let control = experiment.control, options[ClaimOptions.control] {
      configuration.arms = configuration.arms.map { arm in
        control.arms.first { $0.rawValue == arm.rawValue } ?? arm
      }
    }
    configuration.batch = value(batch, base.batch)
    configuration.steps = value(steps, base.steps)
    configuration.optimizer = value(optimizer, base.optimizer)
    configuration.learningRates = value(rates, base.learningRates)
    configuration.seeds = value(seeds, base.seeds)
    configuration.reportSeeds = value(reportSeeds, base.reportSeeds)
    if options[Self.seed] != 1 { configuration.seed = options[Self.seed] }
    if options.isGiven(measure) { configuration.measures = options[measure] }
    if options[Self.halving] { configuration.halving = true }
    let training = Self.settings.compactMap { factor, option in
      options[option].map { (factor.name, $0) }
    }
    if !training.isEmpty {
      configuration.training = (base.training ?? [:]).merging(training) { $1 }
    }
    return try GridRequest(
      experiment, configuration, reference: reference(options, configuration),
      data: data(options, configuration),
      keeping: Set(options[Self.keep]), showsCurves: options[Self.curves])
  }

  /// The data for each level of the factors that choose among them.
  private func data(
    _ options: ParsedOptions, _ configuration: GridConfiguration
  ) throws -> [(condition: Condition, data: StudyData)] {
    var seen: Set<Condition> = []
    let conditions = configuration.conditions.map { $0.keeping(GridSets.factors) }
    return try conditions.filter { seen.insert($0).inserted }.map { condition in
      let scaling = condition["normalize"].flatMap { StudyData.Scaling(rawValue: "\($0)") }
      let source = condition["data"]?.description ?? options[data] ?? experiment.defaultData
      return (
        condition,
        try StudyData.load(source, scaling: scaling ?? options[Self.scaling] ?? experiment.scaling)
      )
    }
  }

  /// The arm that is requested, the experiment's own, or the first where that one is not asked.
  private func reference(_ options: ParsedOptions, _ configuration: GridConfiguration) -> String {
    if let name = options[reference] { return name }
    let names = configuration.arms.map(\.rawValue)
    return names.contains(experiment.reference) ? experiment.reference : names[0]
  }
}
