import Plumbline

/// Normal features, labeled by a random dense tanh network: a task that a network of that
/// shape can solve without error.
///
/// Layer l has weights from N(0, `gain`² / fan-in) and no biases; the class is the largest output of
/// the last, linear, layer. The features enter as stored in the data set, rounded to Float, so the
/// labels are exactly the teacher's.
public struct TeacherNetwork: ExampleGenerator {
  /// The name of the data set.
  public let name = "teacher"
  /// The key from which every example is drawn.
  public let key: Key
  /// The sizes of all layers: features, hidden layers, classes.
  public let widths: [Int]
  /// The factor on the scale of the weights: 1 keeps signals small, more makes the task more nonlinear.
  public let gain: Double
  /// The weights of each layer, `[in, out]`.
  public let weights: [Tensor<Double>]

  /// The teacher with this key.
  public init(key: Key, widths: [Int] = [16, 32, 32, 10], gain: Double = 2) {
    guard widths.count >= 2, widths.allSatisfy({ $0 >= 1 }), widths[widths.count - 1] >= 2, gain > 0
    else {
      fatalError("teacher: layers \(widths) with gain \(gain)")
    }
    self.key = key
    self.widths = widths
    self.gain = gain
    weights = (0..<widths.count - 1).map { layer in
      let (rows, columns) = (widths[layer], widths[layer + 1])
      let scale = gain / Double(rows).squareRoot()
      let values = key["weights"][layer].normal(rows * columns).map { scale * $0 }
      return Tensor([rows, columns], values)
    }
  }

  /// The number of features of an example.
  public var featureCount: Int { widths[0] }
  /// The number of classes.
  public var classCount: Int { widths[widths.count - 1] }
  /// The settings in words, for records and messages.
  public var settings: String {
    "layers \(widths.map(String.init).joined(separator: ",")), gain \(gain)"
  }

  /// The features and the class of one example.
  public func example(at index: Int) -> (features: [Float], label: Int) {
    let features = key["features"][index].normal(featureCount).map { Float($0) }
    let outputs = outputs(for: Tensor([1, featureCount], features.map { Double($0) })).scalars
    var label = 0
    for (position, output) in outputs.enumerated() where output > outputs[label] {
      label = position
    }
    return (features, label)
  }

  /// The teacher's outputs `[examples, classes]` for features `[examples, features]`.
  public func outputs(for features: Tensor<Double>) -> Tensor<Double> {
    var signal = features
    for (layer, weight) in weights.enumerated() {
      signal = matmul(signal, weight)
      if layer < weights.count - 1 { signal = tanh(signal) }
    }
    return signal
  }
}
