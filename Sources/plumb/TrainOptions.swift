import Console
import Datasets
import Findings
import Foundation
import Plumbline
import Training

/// The options of `plumb train` that say how a network is trained.
enum TrainOptions {
  static let optimizer = Option(
    "optimizer", "NAME", ValueForm<OptimizerChoice>.choice, default: .adam,
    help:
      "\(OptimizerChoice.allCases.map(\.rawValue).joined(separator: ", ")); with PyTorch's update formulas where available"
  )
  static let learningRate = Option(
    "learning-rate", "X", .positive,
    defaultText: customaryRates,
    help: "the step size")

  /// The rates of the optimizers, grouped by rate: `0.001 for rmsprop and adam, 0.1 for sgd`.
  private static let customaryRates: String = {
    let groups = Dictionary(grouping: OptimizerChoice.rules, by: \.customaryRate)
    return groups.sorted { $0.key < $1.key }.map { rate, rules in
      "\(NumberFormat.plain(rate)) for \(rules.map(\.title).joined(separator: ", "))"
    }.joined(separator: "; ")
  }()

  static let schedule = Option(setting: .schedule, default: .constant, defaultText: "constant")
  static let warmUp = Option(setting: .warmUp, default: 0)
  static let batch = Option(
    "batch", "N|full", batchSize, defaultText: "128, or 16 to 64 for fewer than 1024 examples",
    help: "the batch size")
  private static let count = ValueForm<Int>.integer(in: 0...TrainingSettings.mostSteps)
  static let epochs = Option(
    "epochs", "N", count, defaultText: "20, but at least 500 updates",
    help: "passes through the examples")
  static let steps = Option(
    "steps", "N", count, help: "updates, instead of epochs")
  static let order = Option(setting: .order, default: .shuffled)
  static let remainder = Option(setting: .remainder, default: .keep)
  static let seed = Option(
    "seed", "N", .integer(atLeast: 0), default: 1,
    help: "for initial parameters, order, masks and splits")
  static let clipNorm = Option<Double?>(setting: .clipNorm)
  static let patience = Option(
    "early-stopping", "N", .integer(atLeast: 1),
    help:
      "stops when the dev loss has reached no new minimum for N epochs, and keeps the best parameters"
  )

  static let augment = Option(
    "augment", "CHANGES", .text,
    help: "changes images at random in each epoch, after any normalization: "
      + "shift=2,rotate=15,zoom=0.1,flip,noise=0.05,fill=edge, or some of these")

  static let all: [any OptionDeclaration] =
    [
      optimizer, learningRate, schedule, warmUp, batch, epochs, steps, order, remainder, seed,
      clipNorm, patience, augment, NetworkOptions.l1, NetworkOptions.l2,
    ] + OptimizerSetting.all.map(\.declaration)

  private static let batchSize = ValueForm<Int>(
    accepted: "full or a whole number of at least 1", names: ["full"]
  ) { text in
    text == "full" ? Int.max : ValueForm<Int>.integer(atLeast: 1).read(text)
  }

  /// Batches by the number of examples, so that an epoch has several steps.
  private static func customaryBatch(_ examples: Int) -> Int {
    var batch = 128
    while batch > 16, batch * 8 > examples { batch /= 2 }
    return min(batch, examples)
  }

  /// What is minimized and how, in a line.
  static func text(_ settings: TrainingSettings, examples: Int) -> String {
    let batch = min(settings.batchSize ?? examples, examples)
    let perEpoch = (try? settings.batches(of: examples))?.batchesPerEpoch ?? 0
    let steps = settings.steps(batchesPerEpoch: perEpoch)
    return "training: \(settings.loss.rawValue), \(settings.optimizer.rawValue), learning rate "
      + "\(NumberFormat.plain(settings.learningRate)), batches of \(NumberFormat.count(batch)), "
      + "\(NumberFormat.count(steps)) steps"
  }

  /// How to train on this many examples with this loss.
  static func settings(
    _ options: ParsedOptions, loss: LossFunction, examples: Int
  ) throws -> TrainingSettings {
    var settings = TrainingSettings(loss: loss)
    settings.optimizer = options[optimizer]
    settings.optimizerOptions = try OptimizerSetting.given(options, for: options[optimizer])
    settings.learningRate = options[learningRate] ?? options[optimizer].rule.customaryRate
    settings.schedule.form = options[schedule]
    settings.schedule.warmUp = options[warmUp]
    (settings.l1, settings.l2) = (options[NetworkOptions.l1], options[NetworkOptions.l2])
    settings.clipNorm = options[clipNorm]
    if let batch = options[batch], batch != .max, batch > examples {
      throw Problem(
        setting: "--batch",
        problem: "a batch of \(batch) exceeds the \(examples) examples of the data",
        remedy: "give at most "
          + "\(examples), or full")
    }
    let batch = options[batch] ?? customaryBatch(examples)
    settings.batchSize = batch == .max ? nil : batch
    settings.order = options[order]
    settings.remainder = options[remainder]
    let perEpoch = max(1, try settings.batches(of: examples).batchesPerEpoch)
    settings.length =
      options[steps].map { .steps($0) }
      ?? .epochs(options[epochs] ?? max(20, (500 + perEpoch - 1) / perEpoch))
    settings.seed = options[seed]
    settings.augmentation = try options[augment].map { text throws(Problem) in
      try Augmentation(parsing: text)
    }
    settings.earlyStopping = options[patience].map { TrainingSettings.EarlyStopping(patience: $0) }
    return settings
  }
}

extension Option {
  /// The option for a setting of a training.
  init(
    setting: TrainingSettingOption<Value>, default value: Value, defaultText: String? = nil
  ) {
    self.init(
      setting.name, setting.placeholder, setting.form, default: value, defaultText: defaultText,
      help: setting.help)
  }

  /// The option for a setting of a training that is nil if it is not given.
  init<Wrapped: Sendable>(setting: TrainingSettingOption<Wrapped>) where Value == Wrapped? {
    self.init(setting.name, setting.placeholder, setting.form, help: setting.help)
  }
}
