/// A loss by name: how a network's outputs are compared with targets, as a mean over the examples.
public enum LossFunction: String, Sendable, Hashable, CaseIterable, Codable {
  /// -log softmax of the right class; outputs are logits `[examples, classes]`, targets class numbers
  /// `[examples]` or distributions `[examples, classes]`.
  case crossEntropy = "cross-entropy"
  /// -(t log s + (1 - t) log(1 - s)) with s = sigmoid(output), a mean over the outputs too; targets from 0 to
  /// 1, of the outputs' shape.
  case binaryCrossEntropy = "binary-cross-entropy"
  /// (output - target)², a mean over the outputs too; targets of the outputs' shape.
  case meanSquaredError = "mse"

  /// The loss of outputs, before any softmax or sigmoid, for targets.
  public func callAsFunction<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    switch self {
    case .crossEntropy where targets.shape.rank < outputs.shape.rank:
      softmaxCrossEntropy(outputs, labels: targets)
    case .crossEntropy: softmaxCrossEntropy(outputs, targets: targets)
    case .binaryCrossEntropy: Plumbline.binaryCrossEntropy(logits: outputs, targets: targets)
    case .meanSquaredError: Plumbline.meanSquaredError(outputs, targets)
    }
  }

  /// The loss that is customary for outputs that are read in this way.
  public static func customary(for output: OutputFunction) -> LossFunction {
    switch output {
    case .softmax: .crossEntropy
    case .sigmoid: .binaryCrossEntropy
    case .linear: .meanSquaredError
    }
  }
}
