import Foundation
import Plumbline

/// The function at the end of a layer of somebody's program, with the slope or the form that its values show.
public enum Nonlinearity: Sendable, Hashable {
  /// An element-wise activation of the library.
  case elementwise(Activation)
  /// One that the library has no activation for.
  case rarer(RarerFunction)
  /// exp z divided by its sum over the units of a sample; for the output only.
  case softmax

  /// The function of pre-activations `[examples, units]`.
  public func callAsFunction<T: TensorProtocol>(_ z: T) -> T {
    switch self {
    case .elementwise(let activation): activation(z)
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
    case .rarer(let function): function.form.hasKink
    case .softmax: false
    }
  }

  static let linear = Nonlinearity.elementwise(.linear)
  static let exponential = Nonlinearity.elementwise(.exponential)
  static let geluByTanh = Nonlinearity.rarer(.geluByTanh)
  static func leaky(slope: Double) -> Nonlinearity { .rarer(.leaky(slope: slope)) }
  static func elu(alpha: Double) -> Nonlinearity { .rarer(.elu(alpha: alpha)) }

  /// The name with what its values show, as in "leaky-relu (slope 0.2)".
  public var title: String {
    switch self {
    case .elementwise(let activation): activation.title
    case .rarer(let function): function.title
    case .softmax: "softmax"
    }
  }

  /// As an option takes it, as in `leaky-relu:0.2`.
  public var spelling: String {
    if case .rarer(let function) = self { function.spelling } else { title }
  }

  /// The right derivative as people write it.
  var formula: String {
    switch self {
    case .elementwise(.tanh): "(1 - A²)"
    case .elementwise(.sigmoid): "A (1 - A)"
    case .elementwise(.relu): "(Z > 0)"
    case .elementwise(.leakyRelu): "where(Z > 0, 1, 0.01)"
    case .elementwise(.elu): "where(Z > 0, 1, A + 1)"
    case .elementwise(.softplus): "1 / (1 + exp(-Z))"
    case .elementwise(.exponential): "A"
    case .softmax: "(diag(A) - A Aᵀ) for each example"
    case .elementwise(let activation): "\(activation.title)'(Z)"
    case .rarer(let function): function.form.formula
    }
  }

  /// The function that it is a form of, for what is true of all of them.
  var family: Activation? {
    switch self {
    case .elementwise(let activation): activation
    case .rarer(let function): function.form.family
    case .softmax: nil
    }
  }
}

extension Nonlinearity {
  /// The names of all functions.
  public static let names = Activation.all.map(\.title) + RarerFunction.names

  /// The function of a name, in any usual spelling, with its number behind a colon where it has one: `leaky-relu:0.2`.
  public init?(spelled text: String) {
    if let activation = Activation(rawValue: text) {
      self = activation == .softmax ? .softmax : .elementwise(activation)
    } else if let function = RarerFunction(spelled: text) {
      self = .rarer(function)
    } else {
      return nil
    }
  }

  /// The functions of a list with any usual separator between its names; `nil` where one is not known, or there is none.
  public static func list(spelled text: String) -> [Nonlinearity]? {
    // Titles have blanks and brackets in them.
    let titles = text.split { ",;|/".contains($0) }
    let titled = titles.compactMap {
      Nonlinearity(spelled: $0.trimmingCharacters(in: .whitespaces))
    }
    if titled.count == titles.count, !titles.isEmpty { return titled }
    let names = text.split { ",;|/+ \t[]()'\"".contains($0) }
    let functions = names.compactMap { Nonlinearity(spelled: String($0)) }
    return functions.count == names.count && !names.isEmpty ? functions : nil
  }
}
