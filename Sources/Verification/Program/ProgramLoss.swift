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
    /// (a - y)² / 2 where |a - y| < 1, and |a - y| - 1/2 beyond.
    case huber = "huber loss"
    /// max(0, 1 - y a), y being -1 or 1; with an output for each class max(0, 1 + a - b) over the wrong classes, b being the right
    /// class's.
    case hinge = "hinge loss"
    /// exp(a) - y a, of the logarithm of a rate.
    case poisson = "poisson loss"

    /// What follows customarily after an output.
    static func customary(after output: Nonlinearity) -> Kind {
      switch output {
      case .softmax: .crossEntropy
      case .elementwise(.sigmoid): .binaryCrossEntropy
      default: .squaredError
      }
    }

    /// Whether it takes the output as it is, and no function of it.
    var isOfScores: Bool { self == .hinge || self == .poisson }

    /// Whether targets `[examples, outputs]` are such as it compares.
    func isPossible(_ targets: Tensor<Double>) -> Bool {
      let values = targets.scalars
      return switch self {
      case .crossEntropy, .binaryCrossEntropy: values.allSatisfy { (0...1).contains($0) }
      case .hinge where targets.shape[1] == 1:
        Set(values).isSubset(of: [0, 1]) || Set(values).isSubset(of: [-1, 1])
      case .hinge:
        Set(values).isSubset(of: [0, 1])
          && targets.sum(alongAxes: [1]).scalars.allSatisfy { $0 == 1 }
      case .poisson: values.allSatisfy { $0 >= 0 && $0 == $0.rounded() }
      case .squaredError, .absoluteError, .huber: true
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
    case (.huber, _):
      (clip(activations - targets, to: -1...1)
        * ((activations - targets) - clip(activations - targets, to: -1...1) * 0.5)).sum()
    case (.hinge, _): hinge(activations, targets).sum()
    case (.poisson, _): (exp(activations) - targets * activations).sum()
    }
  }

  /// The hinge's terms; targets of 0 and 1 mean -1 and 1.
  private func hinge<T: TensorProtocol>(_ a: T, _ y: T) -> T {
    if a.shape[a.shape.rank - 1] == 1 {
      return relu(1 - sign(y - 0.5) * a)
    }
    let right = (a * y).sum(alongAxes: [-1], keepingAxes: true)
    // The right class is 1 above itself, whatever its output.
    return relu(a - right + 1) * (1 - y)
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
    case .huber, .hinge, .poisson:
      ProgramLoss(kind: kind, scale: 1).sum(outputs, .linear, of: outputs, targets: targets).scalar
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
    let customary =
      kind == .crossEntropy || kind == .hinge || outputs == 1 ? means : means.reversed()
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
    case .huber: LossFunction(HuberLoss())
    case .hinge: LossFunction(HingeLoss())
    case .poisson: LossFunction(PoissonLoss())
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
