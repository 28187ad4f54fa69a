import Plumbline

/// A case of operations.json.
struct GoldenOperation: Decodable, Sendable {
  let name: String
  let operation: String
  let attributes: Attributes
  let inputs: [GoldenTensor]
  let upstream: GoldenTensor?
  let output: GoldenTensor
  let gradients: [GoldenTensor]
  let directions: [GoldenTensor]?
  let hessianProducts: [GoldenTensor]?
  let convention: String?

  struct Attributes: Decodable, Sendable {
    let exponent, slope, alpha, lower, upper, correction: Double?
    let axis, classes: Int?
    let axes, shape, permutation, starts, ends, steps, indices, maskShape: [Int]?
    let keepDims, transposeLeft, transposeRight: Bool?
    let mask: [Bool]?
    let expression: String?
  }

  /// What the library does not have, and why.
  struct Missing: Sendable {
    /// The operation in the files.
    let operation: String
    /// The name that such an operation would have here.
    let kind: String
    let reason: String
  }

  /// The operations that the tests leave out. The list is checked: a name that exists is an error.
  static let missing = [
    Missing(operation: "sin", kind: "sin", reason: "no network of the studies uses it"),
    Missing(operation: "cos", kind: "cos", reason: "no network of the studies uses it"),
    Missing(operation: "min", kind: "minimumOverAxes", reason: "written as -max(-x)"),
  ]

  /// Whether the library has no such operation.
  var isMissing: Bool {
    Self.missing.contains { $0.operation == operation } || hasSteps
  }

  /// Slices with a step other than 1 are missing too: a setting and not an operation.
  var hasSteps: Bool { attributes.steps?.contains { $0 != 1 } ?? false }

  /// The operation applied to inputs; `nil` for a name that is not known here.
  func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T? {
    let axes = attributes.axes
    let keepingAxes = attributes.keepDims ?? false
    switch operation {
    case "add": return x[0] + x[1]
    case "subtract": return x[0] - x[1]
    case "multiply": return x[0] * x[1]
    case "divide": return x[0] / x[1]
    case "minimum": return minimum(x[0], x[1])
    case "maximum": return maximum(x[0], x[1])
    case "power": return attributes.exponent.map { pow(x[0], $0) }
    case "power_of_tensors": return pow(x[0], x[1])
    case "negate": return -x[0]
    case "exp": return exp(x[0])
    case "log": return log(x[0])
    case "log1p": return log1p(x[0])
    case "expm1": return expm1(x[0])
    case "sqrt": return sqrt(x[0])
    case "square": return x[0].squared()
    case "reciprocal": return 1 / x[0]
    case "tanh": return tanh(x[0])
    case "sigmoid": return sigmoid(x[0])
    case "softplus": return softplus(x[0])
    case "erf": return erf(x[0])
    case "relu": return relu(x[0])
    case "gelu": return gelu(x[0])
    case "silu": return silu(x[0])
    case "abs": return abs(x[0])
    case "sign": return sign(x[0])
    case "leaky_relu": return attributes.slope.map { leakyRelu(x[0], slope: $0) }
    case "elu": return attributes.alpha.map { elu(x[0], alpha: $0) }
    case "clip":
      guard let lower = attributes.lower, let upper = attributes.upper else { return nil }
      return clip(x[0], to: lower...upper)
    case "sum": return x[0].sum(alongAxes: axes, keepingAxes: keepingAxes)
    case "mean": return x[0].mean(alongAxes: axes, keepingAxes: keepingAxes)
    case "max": return x[0].max(alongAxes: axes, keepingAxes: keepingAxes)
    case "logsumexp": return x[0].logSumExp(alongAxes: axes, keepingAxes: keepingAxes)
    case "variance":
      return attributes.correction.map {
        x[0].variance(alongAxes: axes, correction: $0, keepingAxes: keepingAxes)
      }
    case "softmax": return attributes.axis.map { softmax(x[0], alongAxis: $0) }
    case "log_softmax": return attributes.axis.map { logSoftmax(x[0], alongAxis: $0) }
    case "concatenate": return attributes.axis.map { .concatenate(x, alongAxis: $0) }
    case "reshape": return attributes.shape.map { x[0].reshaped(to: Shape($0)) }
    case "broadcast_to": return attributes.shape.map { x[0].broadcast(to: Shape($0)) }
    case "transpose": return attributes.permutation.map { x[0].transposed(permutation: $0) }
    case "slice":
      guard let starts = attributes.starts, let ends = attributes.ends else { return nil }
      return x[0].sliced(zip(starts, ends).map { $0..<$1 })
    case "gather_class": return indices().map { x[0].gathered(at: x[0].constant($0)) }
    case "where": return mask().map { select(x[0].constant($0), x[0], x[1]) }
    case "matmul":
      return matmul(
        x[0], x[1], transposingFirst: attributes.transposeLeft ?? false,
        transposingSecond: attributes.transposeRight ?? false)
    case "linear": return linear(x[0], x[1], x[2])
    case "fan_out": return fanOut(x)
    case "cross_entropy":
      return indices().map { softmaxCrossEntropy(x[0], labels: x[0].constant($0)) }
    case "binary_cross_entropy_with_logits":
      // Elementwise in the file: the loss without its mean.
      return softplus(x[0]) - x[1] * x[0]
    default: return nil
    }
  }

  private func fanOut<T: TensorProtocol>(_ x: [T]) -> T? {
    switch attributes.expression {
    case "x + x": x[0] + x[0]
    case "x * x": x[0] * x[0]
    case "x + tanh(x)": x[0] + tanh(x[0])
    case "x * tanh(x) + exp(x)": x[0] * tanh(x[0]) + exp(x[0])
    case "matmul(x, x)": matmul(x[0], x[0])
    case "concatenate(x, x, axis 0)": T.concatenate([x[0], x[0]])
    case "tanh(x), y unused": tanh(x[0])
    default: nil
    }
  }

  private func indices<Scalar: TensorScalar>() -> Tensor<Scalar>? {
    attributes.indices.map { Tensor(classes: $0) }
  }

  private func mask<Scalar: TensorScalar>() -> Tensor<Scalar>? {
    guard let mask = attributes.mask, let shape = attributes.maskShape else { return nil }
    return Tensor(Shape(shape), mask.map { $0 ? 1 : 0 })
  }
}
