/// z = 1 where x > y (or >=, or ==), else 0; no gradient
struct Compare: BinaryOperation {
  static let name = "compare"
  static let functions: [BinaryFunction] = Relation.allCases.map(\.function)
  let relation: Relation
  var function: BinaryFunction { relation.function }
  var attributes: String { relation.rawValue }
  var convention: String? { "no gradient anywhere" }
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    Decisions(comparing: inputs[0], with: inputs[1])
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [nil, nil] }
  static func tangent<S>(
    _ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>, _ dy: Tensor<S>, _ z: Tensor<S>
  ) -> Tensor<S> {
    .zeros(z.shape)
  }
}

/// A comparison of two numbers.
public enum Relation: String, Sendable, CaseIterable {
  /// x > y.
  case greater = ">"
  /// x >= y.
  case greaterOrEqual = ">="
  /// x == y.
  case equal = "=="

  fileprivate var function: BinaryFunction {
    switch self {
    case .greater: .greater
    case .greaterOrEqual: .greaterEqual
    case .equal: .equal
    }
  }
}

/// 1 where the relation holds, 0 elsewhere, with broadcasting. No gradient.
public func compare<T: TensorProtocol>(_ left: T, _ relation: Relation, _ right: T) -> T {
  T.apply(Compare(relation: relation), to: [left, right])
}
