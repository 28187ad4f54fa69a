import Console
import Datasets
import Findings
import Plumbline

/// The loss of a training with the options that apply to it.
enum TrainedLoss {
  /// The loss with smoothed labels and weights of the classes, as far as they are requested.
  ///
  /// - Throws: An option that the loss or the targets do not take.
  static func loss(
    _ loss: LossFunction, _ options: ParsedOptions, for data: LabelledSet, outputs: Int
  ) throws -> LossFunction {
    let smoothing = options[TrainCommand.labelSmoothing]
    let isBalanced = options[TrainCommand.classWeights] != nil
    guard smoothing > 0 || isBalanced else { return loss }
    let asked: Setting = isBalanced ? "--class-weights" : "--label-smoothing"
    guard var form = loss.form as? any ClassLossForm else {
      throw Problem(
        setting: asked, problem: "the loss \(loss.rawValue) has no classes",
        remedy: "leave the option out, or give --loss cross-entropy or binary-cross-entropy")
    }
    form.labelSmoothing = smoothing
    if isBalanced {
      let classes = try balanced(data)
      guard let weights = form.classWeights(of: classes, outputs: outputs) else {
        throw Problem(
          setting: "--class-weights",
          problem: "each of the \(classes.count) classes has its own yes/no output",
          remedy: "give --output softmax, or leave the option out")
      }
      form.classWeights = weights
    }
    return LossFunction(form)
  }

  /// The weights with which every class counts equally.
  private static func balanced(_ data: LabelledSet) throws -> [Double] {
    guard data.classCount != nil else {
      throw Problem(
        setting: "--class-weights", problem: "examples do not have exactly one class each",
        remedy: "leave the option out")
    }
    let weights = LossFunction.balancedWeights(counts: data.classCounts)
    // Yes/no labels have two weights, even if all labels are no.
    return weights.count == 1 ? weights + [1] : weights
  }

  /// Whether an option says how targets are predicted: a loss, or an output.
  static func isChosen(_ options: ParsedOptions) -> Bool {
    options.isGiven(TrainCommand.loss) || options.isGiven(NetworkOptions.reading)
  }

  /// A note that classes are not predicted as such; `nil` if they are, or if there are none.
  static func noteOnClasses(
    _ loss: LossFunction, _ output: OutputFunction, _ data: LabelledSet
  ) -> String? {
    guard let count = data.classCount, loss.targets == .reals, loss.output == .linear else {
      return nil
    }
    if output != .linear {
      let usual: LossFunction = count > 2 ? .crossEntropy : .binaryCrossEntropy
      return
        "the \(output.rawValue)'s answers are fitted to the numbers of the \(count) classes, by \(loss.rawValue); --loss "
        + "\(usual.rawValue) is made for probabilities"
    }
    return "the \(count) classes are fitted as numbers, by \(loss.rawValue); --output "
      + "\(count > 2 ? "softmax" : "sigmoid") predicts a class and its probability"
  }

  /// The weights in words; `nil` if there are none.
  static func note(_ loss: LossFunction, _ data: LabelledSet) -> String? {
    let weights = loss.classWeights
    guard !weights.isEmpty else { return nil }
    let shown = weights.prefix(8).enumerated().map { index, weight in
      let name = data.classNames.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      return "\(name ?? "\(index)") \(NumberFormat.significant(weight, digits: 3))"
    }
    return "balanced: example weights by class: " + shown.joined(separator: ", ")
      + (weights.count > 8 ? ", ..." : "")
  }
}
