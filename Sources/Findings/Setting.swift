/// Something that a request sets, by the name of its property or of its option: `batchSize`, `learning-rate`.
///
/// A library names what is to be set and leaves the spelling to this type: interpolated into a text, a setting reads as the option of
/// that name, `"take larger steps: \(Setting.learningRate) 0.1"`. Those that texts of the libraries name are members, so that the
/// compiler finds a wrong name; a test finds a member that no command takes.
public struct Setting: RawRepresentable, ExpressibleByStringLiteral, Sendable, Hashable, Codable {
  /// The name.
  public let rawValue: String

  /// The setting that files and messages call so.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// A setting written as a text.
  public init(stringLiteral value: String) { rawValue = value }

  /// How a command line spells it: `--batch-size` of `batchSize`; a name with dashes in front is left as it is.
  public var option: String {
    if rawValue.hasPrefix("-") { return rawValue }
    return "--"
      + rawValue.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
  }
}

extension Setting: CustomStringConvertible {
  /// The option.
  public var description: String { option }
}

extension Setting {
  public static let activation: Setting = "activation"
  public static let activations: Setting = "activations"
  public static let all: Setting = "all"
  public static let arms: Setting = "arms"
  public static let augment: Setting = "augment"
  public static let batch: Setting = "batch"
  public static let branchScale: Setting = "branch-scale"
  public static let classWeights: Setting = "class-weights"
  public static let clipNorm: Setting = "clip-norm"
  public static let control: Setting = "control"
  public static let data: Setting = "data"
  public static let dateOrder: Setting = "date-order"
  public static let decimal: Setting = "decimal"
  public static let depths: Setting = "depths"
  public static let drop: Setting = "drop"
  public static let dropout: Setting = "dropout"
  public static let earlyStopping: Setting = "early-stopping"
  public static let epsilon: Setting = "epsilon"
  public static let from: Setting = "from"
  public static let hidden: Setting = "hidden"
  public static let initializer: Setting = "init"
  public static let jobs: Setting = "jobs"
  public static let l1: Setting = "l1"
  public static let l2: Setting = "l2"
  public static let labelColumn: Setting = "label-column"
  public static let labelSmoothing: Setting = "label-smoothing"
  public static let layout: Setting = "layout"
  public static let learningRate: Setting = "learning-rate"
  public static let learningRateDecay: Setting = "learning-rate-decay"
  public static let learningRates: Setting = "learning-rates"
  public static let loss: Setting = "loss"
  public static let missing: Setting = "missing"
  public static let missingValues: Setting = "missing-values"
  public static let name: Setting = "name"
  public static let network: Setting = "network"
  public static let normalization: Setting = "normalization"
  public static let normalize: Setting = "normalize"
  public static let oneHotLimit: Setting = "one-hot-limit"
  public static let optimizer: Setting = "optimizer"
  public static let order: Setting = "order"
  public static let out: Setting = "out"
  public static let output: Setting = "output"
  public static let precision: Setting = "precision"
  public static let quick: Setting = "quick"
  public static let remainder: Setting = "remainder"
  public static let reportSeeds: Setting = "report-seeds"
  public static let residual: Setting = "residual"
  public static let retry: Setting = "retry"
  public static let scaleTargets: Setting = "scale-targets"
  public static let schedule: Setting = "schedule"
  public static let seed: Setting = "seed"
  public static let separator: Setting = "separator"
  public static let split: Setting = "split"
  public static let steps: Setting = "steps"
  public static let targets: Setting = "targets"
  public static let vary: Setting = "vary"
  public static let warmUp: Setting = "warm-up"
  public static let weightDecay: Setting = "weight-decay"
}
