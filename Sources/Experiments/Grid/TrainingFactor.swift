import Datasets
import Findings
import Plumbline
import Training

/// A factor that every experiment has: which data are used, how wide its networks are, or how they are trained. All other factors
/// are read by arms.
struct TrainingFactor: Sendable {
  /// The name that `--vary` takes; that of an option, if there is one.
  let name: String
  /// What an option of that name takes and says; `nil` if the option has its own form.
  let option: (placeholder: String, accepted: String, help: String)?
  /// What is wrong with a level on a training set of this many examples, and what to give instead; `nil` if it is valid.
  let objection: @Sendable (Factor.Level, _ examples: Int) -> (problem: String, remedy: String)?
  /// Sets a run to a valid level.
  let set: @Sendable (inout GridRun, Factor.Level) -> Void
  /// What a run is set to; `nil` if that is the default of every run.
  let level: @Sendable (GridRun) -> Factor.Level?
  /// Sets how a run is trained; `nil` if the level is a field of the run.
  var apply: (@Sendable (inout TrainingSettings, Factor.Level) -> Bool)?

  /// The factors whose meaning depends on nothing else, in the order in which they name a cell.
  static let all =
    [
      data, scaling, count("width", \.width, atMost: { _ in 65536 }), optimizer,
      count("batch", \.batch, atMost: { $0 }),
      count("steps", \.steps, atMost: { _ in TrainingSettings.mostSteps }),
    ] + settings

  /// Further settings of training, for which `plumb train` has options of the same names.
  static let settings = [
    setting(.schedule, default: "constant"), setting(.warmUp, default: "0"),
    setting(.l1, default: "0"), setting(.l2, default: "0"), setting(.clipNorm, default: "none"),
    setting(.order, default: "shuffled"), setting(.remainder, default: "drop"),
  ]

  /// The settings of the optimizers, by their names as options: which ones exist depends on the optimizer.
  static let optimizerSettings: [TrainingFactor] = {
    OptimizerChoice.settings.map { name, isFlag, takers in
      setting(
        name.replacing("_", with: "-"), isFlag ? "YES|NO" : "X", isFlag ? "yes or no" : "a number",
        "of " + takers.joined(separator: ", ")
      ) { settings, level in
        let flag: Double? = ["yes": 1, "no": 0]["\(level)"]
        guard let value = level.number ?? (isFlag ? flag : nil) else { return false }
        settings.optimizerOptions[name] = value
        return true
      }
    }
  }()

  /// The factor of a name; `nil` if it is one that arms read.
  /// - Parameter optimizers: The requested optimizers: a name such as `alpha` is a setting of an optimizer only if one of them has
  ///   it.
  static func named(_ name: String, _ optimizers: [OptimizerChoice]) -> TrainingFactor? {
    if let factor = all.first(where: { $0.name == name }) { return factor }
    let own = name.replacing("-", with: "_")
    guard optimizers.contains(where: { $0.takenOptions.contains(own) }) else { return nil }
    return optimizerSettings.first { $0.name == name }
  }

  // MARK: The factors

  /// Which data: the study holds them, and sets what a run says about them.
  private static let data = TrainingFactor(
    name: "data", option: nil, objection: { _, _ in nil }, set: { _, _ in },
    level: { .text($0.data) })

  /// How features are scaled, which is a part of the data.
  private static let scaling = TrainingFactor(
    name: "normalize", option: nil,
    objection: { level, _ in
      StudyData.Scaling(rawValue: "\(level)") != nil
        ? nil
        : (
          "normalize=\(level)",
          "give some of "
            + StudyData.Scaling.allCases.map(\.rawValue).joined(separator: ", ")
        )
    }, set: { _, _ in }, level: { _ in nil })

  private static let optimizer = TrainingFactor(
    name: "optimizer", option: nil,
    objection: { level, _ in
      OptimizerChoice(rawValue: "\(level)") != nil
        ? nil
        : (
          "there is no optimizer \"\(level)\"",
          "give some of " + OptimizerChoice.allCases.map(\.rawValue).joined(separator: ", ")
        )
    },
    set: { $0.optimizer = OptimizerChoice(rawValue: "\($1)") ?? $0.optimizer },
    level: { .text($0.optimizer.rawValue) })

  /// A count of at least one.
  private static func count(
    _ name: String, _ path: WritableKeyPath<GridRun, Int> & Sendable,
    atMost limit: @escaping @Sendable (_ examples: Int) -> Int
  ) -> TrainingFactor {
    TrainingFactor(
      name: name, option: nil,
      objection: { level, examples in
        let limit = limit(examples)
        if let number = level.whole, 1 <= number, number <= limit { return nil }
        return ("\(name)=\(level)", "give whole numbers from 1 to \(limit)")
      },
      set: { $0[keyPath: path] = $1.whole ?? $0[keyPath: path] },
      level: { .number(Double($0[keyPath: path])) })
  }

  /// A setting of `plumb train`.
  private static func setting<Value>(
    _ setting: TrainingSettingOption<Value>, default standard: String
  ) -> TrainingFactor {
    self.setting(
      setting.name, setting.placeholder, setting.form.accepted,
      "\(setting.help) (default: \(standard))"
    ) { settings, level in
      let text = level.whole.map { "\($0)" } ?? level.number.map { "\($0)" } ?? "\(level)"
      guard let value = setting.form.read(text) else { return false }
      setting.set(&settings, value)
      return true
    }
  }

  /// Something about how a run is trained. A level that changes nothing is not written into the run, so that it stays the same run.
  private static func setting(
    _ name: String, _ placeholder: String, _ accepted: String, _ help: String,
    _ apply: @escaping @Sendable (inout TrainingSettings, Factor.Level) -> Bool
  ) -> TrainingFactor {
    var usual = TrainingSettings(loss: .crossEntropy)
    usual.remainder = .drop
    let standard = usual
    return TrainingFactor(
      name: name, option: (placeholder, accepted, help),
      objection: { level, _ in
        var settings = standard
        return apply(&settings, level) ? nil : ("\(name)=\(level)", "\(name) takes \(accepted)")
      },
      set: { run, level in
        var settings = standard
        let changes = apply(&settings, level) && settings != standard
        run.training = (run.training ?? [:]).merging([name: level]) { $1 }
        if !changes { run.training?[name] = nil }
        if run.training?.isEmpty == true { run.training = nil }
      },
      level: { $0.training?[name] }, apply: apply)
  }
}

extension GridConfiguration {
  /// The optimizers that are requested.
  private var optimizers: [OptimizerChoice] {
    let varied = (factors ?? []).first { $0.name == "optimizer" }?.levels ?? []
    return [optimizer] + varied.compactMap { OptimizerChoice(rawValue: "\($0)") }
  }

  /// The factor of a name; `nil` if it is one that arms read.
  func trainingFactor(_ name: String) -> TrainingFactor? {
    TrainingFactor.named(name, optimizers)
  }
}

extension Factor.Level {
  /// The whole number; `nil` for other numbers and for texts.
  fileprivate var whole: Int? { number.flatMap { Int(exactly: $0) } }
}
