import Plumbline

/// The function at the end of a layer of somebody's program, with the slope or the form that its values show.
public enum Nonlinearity: Sendable, Hashable {
  /// An element-wise activation of the library.
  case elementwise(Activation)
  /// x where x > 0, and `slope` x elsewhere.
  case leaky(slope: Double)
  /// x where x > 0, and `alpha` (exp x - 1) elsewhere.
  case elu(alpha: Double)
  /// x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))).
  case geluByTanh
  /// One that the library has no activation for.
  case rarer(RarerFunction)
  /// exp z divided by its sum over the units of a sample; for the output only.
  case softmax

  /// The function of pre-activations `[examples, units]`.
  public func callAsFunction<T: TensorProtocol>(_ z: T) -> T {
    switch self {
    case .elementwise(let activation): activation(z)
    case .leaky(let slope): leakyRelu(z, slope: slope)
    case .elu(let alpha): Plumbline.elu(z, alpha: alpha)
    case .geluByTanh:
      0.5 * z
        * (1 + tanh((2 / Double.pi).squareRoot() * (z + 0.044715 * z * z * z)))
    case .rarer(let function): function(z)
    case .softmax: Plumbline.softmax(z)
    }
  }

  /// The element-wise derivative at `z`; `nil` for softmax, whose units depend on one another.
  func derivative(at z: Tensor<Double>) -> Tensor<Double>? {
    self == .softmax ? nil : self(z.dual(tangent: .ones(z.shape))).tangent()
  }

  /// Whether the function bends at 0.
  var hasKink: Bool {
    switch self {
    case .elementwise(let activation): activation.kinks.contains(0)
    case .leaky: true
    case .elu(let alpha): alpha != 1
    case .rarer(let function): function.hasKink
    default: false
    }
  }

  static let linear = Nonlinearity.elementwise(.linear)

  /// The name with what its values show, as in "leaky-relu (slope 0.2)".
  public var title: String {
    switch self {
    case .elementwise(let activation): activation.title
    case .leaky(let slope): "leaky-relu (slope \(slope.text))"
    case .elu(let alpha): alpha == 1 ? "elu" : "elu (alpha \(alpha.text))"
    case .geluByTanh: "gelu (in its tanh form)"
    case .rarer(let function): function.title
    case .softmax: "softmax"
    }
  }

  /// The right derivative as people write it.
  var formula: String {
    switch self {
    case .elementwise(.tanh): "(1 - A²)"
    case .elementwise(.sigmoid): "A (1 - A)"
    case .elementwise(.relu): "(Z > 0)"
    case .elementwise(.leakyRelu): "where(Z > 0, 1, 0.01)"
    case .leaky(let slope): "where(Z > 0, 1, \(slope.text))"
    case .elementwise(.elu): "where(Z > 0, 1, A + 1)"
    case .elu(let alpha): "where(Z > 0, 1, A + \(alpha.text))"
    case .elementwise(.softplus): "1 / (1 + exp(-Z))"
    case .geluByTanh: "gelu'(Z)"
    case .softmax: "(diag(A) - A Aᵀ) for each example"
    case .elementwise(let activation): "\(activation.title)'(Z)"
    case .rarer: "f'(Z)"
    }
  }

  /// The function that it is a form of, for what is true of all of them.
  var family: Activation? {
    switch self {
    case .elementwise(let activation): activation
    case .leaky: .leakyRelu
    case .elu: .elu
    case .geluByTanh: .gelu
    case .rarer(.scaled(let activation, _, _)): activation
    case .rarer(.scaledElu): .elu
    case .rarer, .softmax: nil
    }
  }
}

extension Nonlinearity {
  /// The names of all functions.
  public static let names =
    Activation.all.map(\.title) + ["gelu-tanh"]

  /// The function of a name, in any usual spelling.
  public init?(spelled text: String) {
    if ["gelu-tanh", "gelu-new", "gelu-approximate"].contains(where: { Spelling.isSame($0, text) })
    {
      self = .geluByTanh
    } else if let activation = Activation(rawValue: text) {
      self = activation == .softmax ? .softmax : .elementwise(activation)
    } else {
      return nil
    }
  }

  /// The functions of a list with any usual separator between its names; `nil` where one is not known, or there is none.
  public static func list(spelled text: String) -> [Nonlinearity]? {
    let names = text.split { ",;|/+ \t[]()'\"".contains($0) }
    let functions = names.compactMap { Nonlinearity(spelled: String($0)) }
    return functions.count == names.count && !names.isEmpty ? functions : nil
  }
}
