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
    Missing(operation: "min", kind: "minimumOverAxes", reason: "written as -max(-x)")
  ]

  /// Whether the library has no such operation.
  var isMissing: Bool {
    Self.missing.contains { $0.operation == operation } || hasSteps
  }

  /// Slices with a step other than 1 are missing too: a setting and not an operation.
  var hasSteps: Bool { attributes.steps?.contains { $0 != 1 } ?? false }

  /// The operation applied to inputs; `nil` for a name that is not known here.
  func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T? {
    guard let golden = Self.functions[operation], let written = golden.written else { return nil }
    let function = OperationFunction(at: inputs.map(\.tensor)) { written($0, attributes) }
    return function.map { $0(x) }
  }

  /// Those of the samples, and what the files have besides.
  private static let functions = Dictionary(
    uniqueKeysWithValues: (OperationSample.all.flatMap(\.golden) + compositions).map {
      ($0.name, $0)
    })

  /// What is made of several operations.
  private static let compositions: [OperationSample.Golden] = [
    // Elementwise in the file: the loss without its mean.
    .init("binary_cross_entropy_with_logits") { x, _ in softplus(x[0]) - x[1] * x[0] },
    .init("fan_out") { x, settings in
      switch settings.expression {
      case "x + x": x[0] + x[0]
      case "x * x": x[0] * x[0]
      case "x + tanh(x)": x[0] + tanh(x[0])
      case "x * tanh(x) + exp(x)": x[0] * tanh(x[0]) + exp(x[0])
      case "matmul(x, x)": matmul(x[0], x[0])
      case "concatenate(x, x, axis 0)": .concatenate([x[0], x[0]])
      case "tanh(x), y unused": tanh(x[0])
      default: nil
      }
    },
  ]
}

extension GoldenOperation.Attributes {
  /// Whether reduced axes are kept.
  var keepsAxes: Bool { keepDims ?? false }

  /// The indices, which have no gradient.
  var indexTensor: Tensor<Double>? { indices.map { Tensor(classes: $0) } }

  /// The mask.
  var maskTensor: Tensor<Double>? {
    guard let mask, let maskShape else { return nil }
    return Tensor(Shape(maskShape), mask.map { $0 ? 1 : 0 })
  }
}
