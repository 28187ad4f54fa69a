import Console
import Datasets
import Experiments
import Findings
import Foundation
import Networks
import Plumbline
import Training

/// `plumb train`: a network of one's own on one's own data.
enum TrainCommand {
  private static let data = Option(
    required: "data", "FILE|NAME", DataOptions.source,
    help:
      "the examples: NPZ (X and Y, or train_x, train_y, dev_x, ...), CSV and other tables, safetensors, IDX, CIFAR-10, a folder "
      + "with a folder of pictures for each class; or a name: \(LabelledSets.sourceNames.joined(separator: ", ")), with settings as in "
      + "moons:noise=0.2")
  private static let split = Option(
    "split", "TRAIN,DEV,TEST", parts, defaultText: "the sets that the data have",
    help:
      "divides the training examples by shares, such as 60,20,20 or 98,1,1; stratified by class, from the seed"
  )
  private static let parts = ValueForm<SplitSizes>(
    accepted: "three numbers of at least 0 with commas between them, such as 60,20,20"
  ) { text in
    guard let shares = ValueForm<[Double]>.list(of: .number(in: 0 ... .infinity)).read(text),
      shares.count == 3
    else { return nil }
    return .ratios(train: shares[0], dev: shares[1], test: shares[2])
  }
  static let normalize = Option(
    "normalize", "SCOPE", scopes, defaultText: "not at all",
    help: "shifts and scales features by the training set's mean and deviation: global or "
      + "per-feature")
  private static let scopes = ValueForm<Normalization.Scope>(
    accepted: "global or per-feature", names: ["global", "per-feature"]
  ) { ["global": .global, "per-feature": .perFeature][$0] }
  static let loss = Option(
    "loss", "NAME", ValueForm<LossFunction>.choice,
    defaultText: "what is customary after the output", help: "a mean over the examples")
  static let parameterFile = Option(
    "parameters", "FILE", .input("the initial parameters"),
    help: "starts from the parameters of an NPZ or safetensors file, PyTorch's too")
  static let layout = Option(
    "layout", "NAME", ValueForm<ArrayLayout>.choice, defaultText: "told by file or shapes",
    help: "how the weights of --parameters lie: rows is in x out, columns and torch are out x in")
  static let precision = Option(
    "precision", "NAME", ValueForm<TrainingRequest.Precision>.choice, default: .float32,
    help: "float32 or float64")
  static let threads = Option(
    "threads", "N", .integer(in: 1...4096), defaultText: "the number of cores",
    help: "threads that may take part; changes no number")
  static let out = Option(
    "out", "DIR", .outputFolder(TrainSession<Float>.fileNames), defaultText: "nothing is kept",
    help:
      "writes parameters.npz, parameters.safetensors (as PyTorch lays them), record.json, runs.jsonl, "
      + "diagnosis.json, summary.csv, figure.svg, report.html; with --normalize, normalization.npz"
  )
  static let json = Option(
    "json", "FILE", .output(), help: "writes the result with the loss of every step as JSON")

  static let baseError = Option(
    "base-error", "X", .number(in: 0...1),
    defaultText: "not known: bias is what neighbours do better",
    help: "the error, as a fraction, that nobody can go below; bias is measured from it")
  static let asWritten = Option(
    flag: "as-written",
    help:
      "trains what was asked for even where output, loss and labels do not go together, and says what comes of it"
  )
  static let scaleTargets = Option(
    flag: "scale-targets",
    help:
      "shifts and scales real targets by the training set's mean and deviation; losses are those of the scaled ones"
  )
  static let classWeights = Option(
    "class-weights", "NAME", .choice(["balanced"]), defaultText: "every example weighs the same",
    help:
      "balanced: examples weigh more in the loss the rarer their class is, so that all classes weigh the same"
  )
  static let labelSmoothing = Option(
    "label-smoothing", "X", .number(in: 0...0.999), default: 0,
    help:
      "trains on labels of which this share is spread over all classes; evaluations are without it")
  static let explain = Option(
    flag: "explain",
    help: "trains again with the remedy of each finding, and tells what came of it")

  static let force = Option(
    flag: "force",
    help: "trains again where --out holds the result of this very training, and replaces it")

  static let command = Command(
    "train", summary: "trains a network on your data, and says why where it does not learn",
    discussion:
      "Losses are means over the batch; --l2 X adds X/(2m) times the sum of squared weights and --l1 X adds X/m times "
      + "the sum of absolute ones, m the examples of the batch. With --precision float64 --parameters FILE --order "
      + "sequential the losses can be compared number by number with other tools. Exit status 1 means that a "
      + "loss was not finite; the last good parameters are kept then.",
    options: [data, split, normalize] + DataOptions.all + [NetworkOptions.hidden]
      + NetworkOptions.described + [loss, parameterFile, layout] + TrainOptions.all
      + LearningRateOptions.all
      + [
        asWritten, scaleTargets, classWeights, labelSmoothing, precision, baseError, explain,
        threads, out, force, StudyOptions.checkpoint, json,
      ],
    examples: [
      Command.Example(
        "plumb train --data table.csv", "a network that suits the table, which the output describes"
      ),
      Command.Example(
        "plumb train --data table.csv --hidden 16,16 --normalize per-feature",
        "a network whose inputs and outputs the data tell"),
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
        "generated data, with a dev set that decides when to stop"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    try LearningRateOptions.check(options)
    return switch options[precision] {
    case .float32: try TrainSession<Float>(options).carryOut()
    case .float64: try TrainSession<Double>(options).carryOut()
    }
  }

  /// Throws where an option says something of another that was not given.
  static func check(_ options: ParsedOptions) throws {
    if options.isGiven(layout), !options.isGiven(parameterFile) {
      throw Problem(
        problem: "--layout tells how the weights of a file lie, and there is none",
        remedy: "give --parameters, or leave it out")
    }
  }

  // MARK: Data, network and loss

  /// The sets of the data, and what was made of them for the sake of the network, where that is worth a line.
  static func sets(_ options: ParsedOptions) throws -> (sets: LabelledSets, note: String?) {
    let (whole, note) = try TrainedTable.sets(options[data], options)
    return (try divided(whole, options), note)
  }

  private static func divided(_ sets: LabelledSets, _ options: ParsedOptions) throws -> LabelledSets
  {
    guard let sizes = options[split] else { return sets }
    guard sets.dev == nil else {
      throw Problem(
        setting: "--split", problem: "\(options[data]) has a dev set already",
        remedy: "leave the option out")
    }
    let divided = try DataSplit(
      of: sets.train, sizes: sizes, key: Key(seed: options[TrainOptions.seed])["split"]
    ).sets(ofTraining: sets)
    guard let test = sets.test else { return divided }
    guard divided.test == nil else {
      throw Problem(
        setting: "--split", problem: "\(options[data]) has a test set already",
        remedy: "give no share to the test part, as in 80,20,0")
    }
    return divided.with(test: test)
  }
}
