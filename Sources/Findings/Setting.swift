/// Something that a request sets, by the name of its property or of its option: `batchSize`, `learning-rate`.
///
/// A library says what to set and leaves the spelling to this type: interpolated into text, a setting reads as the option of
/// that name, `"take larger steps: \(Setting.learningRate) 0.1"`. Settings mentioned in the libraries' texts are members, so that
/// the compiler catches a wrong name; a test catches a member that no command takes.
public struct Setting: RawRepresentable, ExpressibleByStringLiteral, Sendable, Hashable, Codable {
  /// The name.
  public let rawValue: String

  /// The setting with this name in files and messages.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// A setting written as text.
  public init(stringLiteral value: String) { rawValue = value }

  /// Its command-line spelling: `--batch-size` for `batchSize`; a name with dashes in front is left as it is.
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
  /// The function of the hidden layers.
  public static let activation: Setting = "activation"
  /// The functions of all layers, in order.
  public static let activations: Setting = "activations"
  /// Every run, in commands that by default choose a sample of them.
  public static let all: Setting = "all"
  /// The compared networks.
  public static let arms: Setting = "arms"
  /// The random augmentation of images.
  public static let augment: Setting = "augment"
  /// The batch size.
  public static let batch: Setting = "batch"
  /// The factor on the branch of a residual block.
  public static let branchScale: Setting = "branch-scale"
  /// The factors on the losses of classes.
  public static let classWeights: Setting = "class-weights"
  /// The norm to which gradients are clipped.
  public static let clipNorm: Setting = "clip-norm"
  /// Arms, or a law, for which the claim is false.
  public static let control: Setting = "control"
  /// A file, a folder or a name of data.
  public static let data: Setting = "data"
  /// The order of day, month and year in a table.
  public static let dateOrder: Setting = "date-order"
  /// The decimal mark of numbers.
  public static let decimal: Setting = "decimal"
  /// How branches and steps follow the depth.
  public static let depthScaling: Setting = "depth-scaling"
  /// Numbers of hidden weight layers.
  public static let depths: Setting = "depths"
  /// Columns that are left out.
  public static let drop: Setting = "drop"
  /// The probability that a unit is set to zero.
  public static let dropout: Setting = "dropout"
  /// The evaluations without improvement after which a run ends.
  public static let earlyStopping: Setting = "early-stopping"
  /// The number that keeps an optimizer's divisor away from 0.
  public static let epsilon: Setting = "epsilon"
  /// The address that data are fetched from.
  public static let from: Setting = "from"
  /// Whether a table begins with the names of its columns.
  public static let header: Setting = "header"
  /// The widths of the hidden layers.
  public static let hidden: Setting = "hidden"
  /// The initialization of weights.
  public static let initializer: Setting = "init"
  /// The number of threads that share the runs.
  public static let jobs: Setting = "jobs"
  /// λ of λ/m Σ|w|.
  public static let l1: Setting = "l1"
  /// λ of λ/2m Σw².
  public static let l2: Setting = "l2"
  /// The label column of a table.
  public static let labelColumn: Setting = "label-column"
  /// The share of a label that is spread over all classes.
  public static let labelSmoothing: Setting = "label-smoothing"
  /// How weights are laid out in a file.
  public static let layout: Setting = "layout"
  /// The learning rate.
  public static let learningRate: Setting = "learning-rate"
  /// Adagrad's decay of its rate.
  public static let learningRateDecay: Setting = "learning-rate-decay"
  /// The rates to try.
  public static let learningRates: Setting = "learning-rates"
  /// The loss function.
  public static let loss: Setting = "loss"
  /// How missing values are handled.
  public static let missing: Setting = "missing"
  /// The code for a missing value.
  public static let missingValues: Setting = "missing-values"
  /// How an array in a file is interpreted.
  public static let name: Setting = "name"
  /// Widths, or a JSON description of a network.
  public static let network: Setting = "network"
  /// A normalization after each hidden layer.
  public static let normalization: Setting = "normalization"
  /// Whether, and how, features are scaled.
  public static let normalize: Setting = "normalize"
  /// The maximum number of names in a category that become features.
  public static let oneHotLimit: Setting = "one-hot-limit"
  /// The optimizer.
  public static let optimizer: Setting = "optimizer"
  /// Whether examples are shuffled in each epoch.
  public static let order: Setting = "order"
  /// The folder of the results.
  public static let out: Setting = "out"
  /// The function of the last layer.
  public static let output: Setting = "output"
  /// Single or double precision.
  public static let precision: Setting = "precision"
  /// A short form.
  public static let quick: Setting = "quick"
  /// Whether a smaller last batch is kept.
  public static let remainder: Setting = "remainder"
  /// How many seeds are reported.
  public static let reportSeeds: Setting = "report-seeds"
  /// Whether hidden layers of equal width form residual blocks.
  public static let residual: Setting = "residual"
  /// Whether failed runs are retried.
  public static let retry: Setting = "retry"
  /// Whether real targets are scaled.
  public static let scaleTargets: Setting = "scale-targets"
  /// How the learning rate changes with the steps.
  public static let schedule: Setting = "schedule"
  /// The seed from which all random numbers are drawn.
  public static let seed: Setting = "seed"
  /// The field separator of a table.
  public static let separator: Setting = "separator"
  /// The shares of train, dev and test set.
  public static let split: Setting = "split"
  /// The number of updates.
  public static let steps: Setting = "steps"
  /// Whether targets are classes or values.
  public static let targets: Setting = "targets"
  /// A factor and its levels.
  public static let vary: Setting = "vary"
  /// The warm-up steps in which the rate rises from 0.
  public static let warmUp: Setting = "warm-up"
  /// The factor on the parameters in an optimizer's update.
  public static let weightDecay: Setting = "weight-decay"
}
