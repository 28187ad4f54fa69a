import Plumbline

/// What somebody's program compares outputs and targets by: a sum over examples and outputs, times a scale.
public struct ProgramLoss: Sendable, Hashable {
  /// The terms that are summed.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// -y log a.
    case crossEntropy = "cross-entropy"
    /// -(y log a + (1 - y) log(1 - a)).
    case binaryCrossEntropy = "binary-cross-entropy"
    /// (a - y)².
    case squaredError = "squared error"
    /// |a - y|.
    case absoluteError = "absolute error"

    /// What follows customarily after an output.
    static func customary(after output: Nonlinearity) -> Kind {
      switch output {
      case .softmax: .crossEntropy
      case .elementwise(.sigmoid): .binaryCrossEntropy
      default: .squaredError
      }
    }

    /// Whether it compares shares, which lie between 0 and 1.
    var takesShares: Bool { self == .crossEntropy || self == .binaryCrossEntropy }
  }

  /// The terms.
  public var kind: Kind
  /// The factor on their sum.
  public var scale: Double

  /// The sum of the terms of outputs that are `output` of `preactivations`. Softmax and sigmoid are taken together with
  /// the logarithm, and a linear output is read as logits.
  func sum<T: TensorProtocol>(
    _ activations: T, _ output: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    switch (kind, output) {
    case (.crossEntropy, .softmax), (.crossEntropy, .linear):
      -(targets * logSoftmax(preactivations)).sum()
    case (.binaryCrossEntropy, .elementwise(.sigmoid)), (.binaryCrossEntropy, .linear):
      (softplus(preactivations) - targets * preactivations).sum()
    case (.crossEntropy, _): -(targets * log(activations)).sum()
    case (.binaryCrossEntropy, _):
      Plumbline.binaryCrossEntropy(probabilities: activations, targets: targets)
        * Double(targets.shape.elementCount)
    case (.squaredError, _): (activations - targets).squared().sum()
    case (.absoluteError, _): abs(activations - targets).sum()
    }
  }

  /// The sum of the terms of outputs as a program has them, each logarithm of a 0 that does not count left out.
  static func sum(
    _ kind: Kind, outputs: Tensor<Double>, targets: Tensor<Double>, areLogits: Bool
  ) -> Double {
    if areLogits && kind.takesShares {
      return ProgramLoss(kind: kind, scale: 1)
        .sum(outputs, .linear, of: outputs, targets: targets).scalar
    }
    func term(_ y: Double, _ p: Double) -> Double { y == 0 ? 0 : -y * scalarLog(p) }
    let pairs = zip(outputs.scalars, targets.scalars)
    return switch kind {
    case .crossEntropy: pairs.reduce(0) { $0 + term($1.1, $1.0) }
    case .binaryCrossEntropy:
      pairs.reduce(0) { $0 + term($1.1, $1.0) + term(1 - $1.1, 1 - $1.0) }
    case .squaredError: pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    case .absoluteError: pairs.reduce(0) { $0 + Swift.abs($1.0 - $1.1) }
    }
  }

  private static func scalarLog(_ x: Double) -> Double { Plumbline.log(Tensor<Double>(x)).scalar }

  /// The factors that people put on the sum, in the order of their frequency; each with its words.
  static func scales(
    _ kind: Kind, examples: Int, outputs: Int
  ) -> [(scale: Double, words: String)] {
    let (m, k) = (Double(examples), Double(outputs))
    let means = [
      (1 / m, "the mean over the examples"), (1 / (m * k), "the mean over examples and outputs"),
    ]
    let customary = kind == .crossEntropy || outputs == 1 ? means : means.reversed()
    return customary + [
      (0.5 / m, "half the mean over the examples"),
      (0.5 / (m * k), "half the mean over examples and outputs"), (1, "the sum"),
      (0.5, "half the sum"), (1 / k, "the sum over the examples, a mean over the outputs"),
      (0.5 / k, "half the sum over the examples, a mean over the outputs"),
    ]
  }
}

extension ProgramLoss.Kind {
  /// The library's loss.
  public var loss: LossFunction {
    switch self {
    case .crossEntropy: .crossEntropy
    case .binaryCrossEntropy: .binaryCrossEntropy
    case .squaredError: .meanSquaredError
    case .absoluteError: LossFunction(MeanAbsoluteErrorLoss())
    }
  }

  /// The names of all losses.
  public static let names = allCases.map(\.loss.rawValue)

  /// The loss of a name, in any usual spelling.
  public init?(spelled text: String) {
    let loss = LossFunction(rawValue: text)
    guard let kind = Self.allCases.first(where: { $0.loss == loss }) else { return nil }
    self = kind
  }
}

/// What is added to the cost for the size of the parameters: `squares` Σw² + `absolutes` Σ|w|.
public struct Penalty: Sendable, Hashable {
  /// The factors on the sums.
  public var squares = 0.0, absolutes = 0.0
  /// Whether biases count.
  public var countsBiases = false

  /// Whether there is none.
  public var isNone: Bool { squares == 0 && absolutes == 0 }

  /// Its value.
  func value(weights: [Tensor<Double>], biases: [Tensor<Double>]) -> Double {
    (weights + (countsBiases ? biases : [])).reduce(0) {
      $0 + (squares == 0 ? 0 : squares * $1.squared().sum().scalar)
        + (absolutes == 0 ? 0 : absolutes * abs($1).sum().scalar)
    }
  }

  /// What it adds to the gradient of a parameter.
  func gradient(of parameter: Tensor<Double>) -> Tensor<Double> {
    var gradient = Tensor<Double>.zeros(parameter.shape)
    if squares != 0 { gradient = gradient + 2 * squares * parameter }
    if absolutes != 0 { gradient = gradient + absolutes * sign(parameter) }
    return gradient
  }
}
