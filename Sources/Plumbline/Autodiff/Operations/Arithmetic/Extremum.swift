/// z = min(x, y) or max(x, y); dz goes to the winner, half to each at a tie
protocol ExtremumOperation: BinaryOperation {
  /// 1 where x wins.
  static func wins<T: TensorProtocol>(_ x: T, _ y: T) -> T
}

extension ExtremumOperation {
  var convention: String? { "at x = y half of the gradient goes to each" }
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    Decisions(comparing: inputs[0], with: inputs[1])
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    let share = Self.wins(x, y) + 0.5 * compare(x, .equal, y)
    return [
      call.needs(0) ? (upstream * share).summed(to: x.shape) : nil,
      call.needs(1) ? (upstream * (1 - share)).summed(to: y.shape) : nil,
    ]
  }
  static func tangent<S>(
    _ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>, _ dy: Tensor<S>, _ z: Tensor<S>
  ) -> Tensor<S> {
    select(compare(x, .equal, y), (dx + dy) * 0.5, select(wins(x, y), dx, dy))
  }
}

/// z = min(x, y)
struct Minimum: ExtremumOperation {
  static let name = "minimum"
  static let functions: [BinaryFunction] = [.minimum]
  static func wins<T: TensorProtocol>(_ x: T, _ y: T) -> T { compare(y, .greater, x) }
}

/// z = max(x, y)
struct Maximum: ExtremumOperation {
  static let name = "maximum"
  static let functions: [BinaryFunction] = [.maximum]
  static func wins<T: TensorProtocol>(_ x: T, _ y: T) -> T { compare(x, .greater, y) }
}

/// The smaller of each pair of elements; at a tie half of the gradient goes to each.
public func minimum<T: TensorProtocol>(_ left: T, _ right: T) -> T {
  T.apply(Minimum(), to: [left, right])
}

/// The larger of each pair of elements; at a tie half of the gradient goes to each.
public func maximum<T: TensorProtocol>(_ left: T, _ right: T) -> T {
  T.apply(Maximum(), to: [left, right])
}
