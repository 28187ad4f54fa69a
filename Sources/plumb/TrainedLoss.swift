import Console
import Datasets
import Findings
import Plumbline

/// The loss of a training with what the options set about it.
enum TrainedLoss {
  /// The loss with smoothed labels and weights of the classes, as far as they are asked for.
  ///
  /// - Throws: An option that the loss or the targets do not take.
  static func loss(
    _ loss: LossFunction, _ options: ParsedOptions, for data: LabelledSet, outputs: Int
  ) throws -> LossFunction {
    let smoothing = options[TrainCommand.labelSmoothing]
    let isBalanced = options[TrainCommand.classWeights] != nil
    guard smoothing > 0 || isBalanced else { return loss }
    let asked: Problem.Setting = isBalanced ? "--class-weights" : "--label-smoothing"
    let weights = isBalanced ? try balanced(data) : []
    switch loss.form {
    case var form as CrossEntropyLoss:
      form.labelSmoothing = smoothing
      // Outputs beyond the classes have no examples to weigh.
      form.classWeights =
        weights.isEmpty
        ? [] : (0..<outputs).map { weights.indices.contains($0) ? weights[$0] : 1 }
      return LossFunction(form)
    case var form as BinaryCrossEntropyLoss:
      guard weights.isEmpty || weights.count == 2 else {
        throw Problem(
          setting: "--class-weights",
          problem: "each of the \(weights.count) classes is answered by a yes or no of its own",
          remedy: "give --output softmax, or leave the option out")
      }
      (form.labelSmoothing, form.classWeights) = (smoothing, weights)
      return LossFunction(form)
    default:
      throw Problem(
        setting: asked, problem: "the loss \(loss.rawValue) knows no classes",
        remedy: "leave the option out, or give --loss cross-entropy or binary-cross-entropy")
    }
  }

  /// Weights with which every class that there is counts alike, and the examples 1 in the mean: examples / (classes · count).
  private static func balanced(_ data: LabelledSet) throws -> [Double] {
    guard data.classCount != nil else {
      throw Problem(
        setting: "--class-weights", problem: "there is not one class to an example",
        remedy: "leave the option out")
    }
    let counts = data.classCounts
    let present = Double(counts.count { $0 > 0 })
    let weights = counts.map { count in
      count == 0 ? 1 : Double(data.exampleCount) / (present * Double(count))
    }
    // A yes or no has two weights, even where all labels are no.
    return weights.count == 1 ? weights + [1] : weights
  }

  /// The weights in words; `nil` where there are none.
  static func note(_ loss: LossFunction, _ data: LabelledSet) -> String? {
    let weights =
      (loss.form as? CrossEntropyLoss)?.classWeights
      ?? (loss.form as? BinaryCrossEntropyLoss)?.classWeights ?? []
    guard !weights.isEmpty else { return nil }
    let shown = weights.prefix(8).enumerated().map { index, weight in
      let name = data.classNames.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      return "\(name ?? "\(index)") \(NumberFormat.significant(weight, digits: 3))"
    }
    return "balanced: an example weighs by its class: " + shown.joined(separator: ", ")
      + (weights.count > 8 ? ", ..." : "")
  }
}
