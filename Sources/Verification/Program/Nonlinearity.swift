import Foundation
import Plumbline

/// The function at the end of a layer of a user's program, with the slope or form that its values show.
public enum Nonlinearity: Sendable, Hashable {
  /// An element-wise activation of the library.
  case elementwise(Activation)
  /// A function for which the library has no activation.
  case rarer(RarerFunction)
  /// exp z divided by its sum over the units of a sample; for the output only.
  case softmax

  /// An activation of the library.
  init(_ activation: Activation) {
    self = activation == .softmax ? .softmax : .elementwise(activation)
  }

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

  /// Whether the function has a kink at 0.
  var hasKink: Bool {
    switch self {
    case .elementwise(let activation): activation.kinks.contains(0)
    case .rarer(let function): function.form.hasKink
    case .softmax: false
    }
  }

  /// Whether its derivative only lets a gradient pass or stops it, like that of a ReLU.
  var isMask: Bool {
    if case .elementwise(let activation) = self { activation.isZeroBelowZero } else { false }
  }

  static let linear = Nonlinearity.elementwise(.linear)
  static let exponential = Nonlinearity.elementwise(.exponential)
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

  /// The right derivative as it is usually written.
  var formula: String {
    switch self {
    case .elementwise(let activation):
      WrittenActivation.of(activation)?.formula ?? "\(activation.title)'(Z)"
    case .rarer(let function): function.form.formula
    case .softmax: "(diag(A) - A Aᵀ) for each example"
    }
  }

  /// The function that it is a variant of, for statements that are true of the whole family.
  var family: Activation? {
    switch self {
    case .elementwise(let activation): activation
    case .rarer(let function): function.form.family
    case .softmax: nil
    }
  }
}

extension Nonlinearity {
  /// The functions that values are compared with first, the most common ones before the others.
  static let common =
    WrittenActivation.all.filter(\.isCommon).map { Nonlinearity.elementwise($0.activation) }
    + RarerFunction.common.map(Nonlinearity.rarer)
  /// The functions that are tried if no value shows which one it is.
  static let guesses = common + RarerFunction.guesses.map(Nonlinearity.rarer)
  /// Those of the library that are compared only with an array that is called the activation.
  static let uncommon =
    WrittenActivation.all.filter { !$0.isCommon }.map { Nonlinearity.elementwise($0.activation) }

  /// Derivatives with a part missing, at pre-activations and activations: those of the function itself, then those of its family.
  func halfWritten(_ z: Tensor<Double>, _ a: Tensor<Double>) -> [(Tensor<Double>, String)] {
    var all: [(Tensor<Double>, String)] = []
    if case .rarer(let function) = self { all += function.form.halfWritten(z, a) }
    return all + (family.flatMap(WrittenActivation.of)?.halfWritten(z, a) ?? [])
  }

  /// The names of all functions.
  public static let names = Activation.all.map(\.title) + RarerFunction.names

  /// The function of a name, in any usual spelling, with its number after a colon if it has one: `leaky-relu:0.2`.
  public init?(spelled text: String) {
    if let activation = Activation(rawValue: text) {
      self.init(activation)
    } else if let function = RarerFunction(spelled: text) {
      self = .rarer(function)
    } else {
      return nil
    }
  }

  /// The functions of a list with any usual separator between its names; `nil` if one is not known, or the list is empty.
  public static func list(spelled text: String) -> [Nonlinearity]? {
    // Titles contain blanks and brackets.
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
