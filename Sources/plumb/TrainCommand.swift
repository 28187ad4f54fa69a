import Console
import Datasets
import Experiments
import Findings
import Foundation
import Networks
import Plumbline
import Training

/// `plumb train`: your own network on your own data.
enum TrainCommand {
  private static let data = Option(
    required: "data", "FILE|NAME", DataOptions.source,
    help:
      "the examples, as plumb help files says: \(LabelledSets.formats.map(\.name).joined(separator: ", ")); or a name: "
      + "\(LabelledSets.sourceNames.joined(separator: ", ")), with settings as in moons:noise=0.2")
  private static let split = Option(
    "split", "TRAIN,DEV,TEST", parts, defaultText: "the sets in the data",
    help:
      "splits the training examples by shares, such as 60,20,20 or 98,1,1; stratified by class, drawn from the seed"
  )
  private static let parts = ValueForm<SplitSizes>(
    accepted: "three comma-separated numbers of at least 0, such as 60,20,20"
  ) { text in
    guard let shares = ValueForm<[Double]>.list(of: .number(in: 0 ... .infinity)).read(text),
      shares.count == 3
    else { return nil }
    return .ratios(train: shares[0], dev: shares[1], test: shares[2])
  }
  static let normalize = Option(
    "normalize", "SCOPE", scopes, defaultText: "not at all",
    help: "shifts and scales features by the training set's mean and standard deviation: global or "
      + "per-feature")
  private static let scopes = ValueForm<Normalization.Scope>(
    accepted: Normalization.Scope.allCases.map(\.optionName).joined(separator: " or "),
    names: Normalization.Scope.allCases.map(\.optionName)
  ) { name in Normalization.Scope.allCases.first { $0.optionName == name } }
  static let loss = Option(
    "loss", "NAME", ValueForm<LossFunction>.choice,
    defaultText: "the usual one for the output", help: "a mean over the examples")
  static let parameterFile = Option(
    "parameters", "FILE", .input("the initial parameters"),
    help: "starts from the parameters in an NPZ or safetensors file, including PyTorch's")
  static let layout = Option(
    "layout", "NAME", ValueForm<ArrayLayout>.choice,
    defaultText: "inferred from the file or the shapes",
    help: "how the weights in --parameters are laid out: \(ArrayLayout.explanation)"
  )
  static let precision = Option(
    "precision", "NAME", ValueForm<TrainingRequest.Precision>.choice, default: .float32,
    help: "float32 or float64")
  static let threads = Option(
    "threads", "N", .integer(in: 1...4096), defaultText: "the number of cores",
    help: "the maximum number of threads; does not change any result")
  static let out = Option(
    "out", "DIR", .outputFolder(TrainSession<Float>.fileNames), defaultText: "nothing is written",
    help:
      "writes parameters.npz, parameters.safetensors (in PyTorch's layout), record.json, runs.jsonl, "
      + "diagnosis.json, summary.csv, figure.svg, report.html; with --normalize, normalization.npz"
  )
  static let json = Option(
    "json", "FILE", .output(), help: "writes the result with the loss of every step as JSON")

  static let baseError = Option(
    "base-error", "X", .number(in: 0...1),
    defaultText: "unknown: bias is measured against nearest neighbors",
    help: "the lowest possible error, as a fraction; bias is measured from it")
  static let asWritten = Option(
    flag: "as-written",
    help:
      "trains as requested even if output, loss and labels do not match, and reports the consequences"
  )
  static let scaleTargets = Option(
    flag: "scale-targets",
    help:
      "shifts and scales real targets by the training set's mean and standard deviation; losses are on the scaled targets"
  )
  static let classWeights = Option(
    "class-weights", "NAME", .choice(["balanced"]), defaultText: "all examples weigh the same",
    help:
      "balanced: the rarer an example's class, the more it weighs in the loss, so that all classes weigh the same"
  )
  static let labelSmoothing = Option(
    "label-smoothing", "X", .number(in: 0...0.999), default: 0,
    help:
      "the share of each training label that is spread over all classes; evaluations do not use it")
  static let explain = Option(
    flag: "explain",
    help: "trains again with the remedy of each finding, and reports the result")

  static let force = Option(
    flag: "force",
    help: "trains again even if --out already holds this training's result, and replaces it")

  static let command = Command(
    "train", summary: "trains a network on your data, and explains why if it does not learn",
    discussion:
      "Losses are means over the batch; --l2 X adds X/(2m) times the sum of squared weights and --l1 X adds X/m times "
      + "the sum of absolute weights, where m is the batch size. With --precision float64 --parameters FILE --order "
      + "sequential, losses can be compared number by number with other tools. Exit status 1 means that a "
      + "loss was not finite; the last good parameters are then kept.",
    options: [data, split, normalize] + DataOptions.all + [NetworkOptions.hidden]
      + NetworkOptions.described + [loss, parameterFile, layout] + TrainOptions.all
      + LearningRateOptions.all
      + [
        asWritten, scaleTargets, classWeights, labelSmoothing, precision, baseError, explain,
        threads, out, force, StudyOptions.checkpoint, json,
      ],
    examples: [
      Command.Example(
        "plumb train --data table.csv",
        "a network chosen to suit the table, described in the output"
      ),
      Command.Example(
        "plumb train --data table.csv --hidden 16,16 --normalize per-feature",
        "a network whose inputs and outputs come from the data"),
      Command.Example(
        "plumb train --data digits.npz --network 784,64,64,10 --out digits", "a classifier"),
      Command.Example(
        "plumb train --data d.csv --network 8,7,7,1 --optimizer sgd --batch full --steps 3000",
        "gradient descent on a table whose last column is 0 or 1"),
      Command.Example(
        "plumb train --data digits.npz --network 784,64,10 --learning-rate 0.03 --ladder 5",
        "the best of five rates"),
      Command.Example(
        "plumb train --data moons --network 2,16,16,1 --split 80,20,0 --early-stopping 5",
        "generated data, with a dev set for early stopping"),
    ])

  /// The options on which it depends how the data are read and divided.
  static let readingOptions: [any OptionDeclaration] =
    [
      data, split, NetworkOptions.hidden, NetworkOptions.network, NetworkOptions.reading, loss,
      scaleTargets, asWritten, TrainOptions.seed,
    ] + DataOptions.all

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    try LearningRateOptions.check(options)
    return switch options[precision] {
    case .float32: try TrainSession<Float>(options).carryOut()
    case .float64: try TrainSession<Double>(options).carryOut()
    }
  }

  /// Throws if an option refers to another that was not given.
  static func check(_ options: ParsedOptions) throws {
    if options.isGiven(layout), !options.isGiven(parameterFile) {
      throw Problem(
        problem: "--layout describes the weights in a file, but there is none",
        remedy: "give --parameters, or leave --layout out")
    }
  }

  // MARK: Data, network and loss

  /// The sets of the data, and how they were adapted to the network, if that is worth a line.
  static func sets(_ options: ParsedOptions) throws -> (sets: LabelledSets, note: String?) {
    let (whole, note) = try TrainedTable.sets(options[data], options)
    return (try divided(whole, options), note)
  }

  private static func divided(_ sets: LabelledSets, _ options: ParsedOptions) throws -> LabelledSets
  {
    guard let sizes = options[split] else { return sets }
    guard sets.dev == nil else {
      throw Problem(
        setting: "--split", problem: "\(options[data]) already has a dev set",
        remedy: "leave the option out")
    }
    let divided = try DataSplit(
      of: sets.train, sizes: sizes, key: Key(seed: options[TrainOptions.seed])["split"]
    ).sets(ofTraining: sets)
    guard let test = sets.test else { return divided }
    guard !sizes.hasTest else {
      throw Problem(
        setting: "--split", problem: "\(options[data]) already has a test set",
        remedy: "give no share to the test part, as in 80,20,0")
    }
    // That of a table is prepared anew, like the training part.
    return divided.test == nil ? divided.with(test: test) : divided
  }
}
