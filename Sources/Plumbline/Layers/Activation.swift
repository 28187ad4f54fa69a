/// An element-wise activation function, as a value that names it and as a layer.
public enum Activation: String, Layer, CaseIterable, Codable {
  /// The identity.
  case linear
  /// max(x, 0).
  case relu
  /// x where x > 0, 0.01 x elsewhere.
  case leakyRelu = "leaky-relu"
  /// x where x > 0, exp x - 1 elsewhere.
  case elu
  /// x Φ(x).
  case gelu
  /// x sigmoid(x).
  case silu
  /// log(1 + exp x).
  case softplus
  /// The hyperbolic tangent.
  case tanh
  /// 1 / (1 + exp(-x)).
  case sigmoid

  /// The function of each element.
  public func callAsFunction<T: TensorProtocol>(_ x: T) -> T {
    switch self {
    case .linear: x
    case .relu: Plumbline.relu(x)
    case .leakyRelu: Plumbline.leakyRelu(x)
    case .elu: Plumbline.elu(x)
    case .gelu: Plumbline.gelu(x)
    case .silu: Plumbline.silu(x)
    case .softplus: Plumbline.softplus(x)
    case .tanh: Plumbline.tanh(x)
    case .sigmoid: Plumbline.sigmoid(x)
    }
  }

  /// The function of each element.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { self(input) }

  /// The factor on an initial weight's standard deviation that keeps the second moment of the signal:
  /// exactly √2 for ReLU (He et al., arXiv:1502.01852) and √(2 / (1 + slope²)) for its leaky form; 5/3 for
  /// tanh, the customary value; 1 elsewhere, as PyTorch's `calculate_gain` has it for linear and sigmoid.
  public var gain: Double {
    switch self {
    case .relu: 2.0.squareRoot()
    case .leakyRelu: (2 / (1 + 0.01 * 0.01)).squareRoot()
    case .tanh: 5.0 / 3
    case .linear, .elu, .gelu, .silu, .softplus, .sigmoid: 1
    }
  }
}

extension Initializer {
  /// Var W = gain² / fan with the gain of the activation that follows: 2 / fan for ReLU. Source: He et
  /// al., arXiv:1502.01852.
  public static func he(
    _ distribution: Distribution = .normal, fan: Fan = .input, for activation: Activation
  ) -> Initializer {
    varianceScaling(gain: activation.gain, distribution, fan: fan)
  }
}
