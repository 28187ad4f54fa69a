/// z = x / y, dx = dz / y, dy = -dz z / y
struct Divide: BinaryOperation {
  static let name = "divide"
  static let role: SignalRole? = .factor
  static let functions: [BinaryFunction] = [.divide]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    let share = upstream / y
    return [
      call.needs(0) ? share.summed(to: x.shape) : nil,
      call.needs(1) ? (-(share * call.output)).summed(to: y.shape) : nil,
    ]
  }
  static func tangent<S>(
    _ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>, _ dy: Tensor<S>, _ z: Tensor<S>
  ) -> Tensor<S> {
    dx / y - z * dy / y
  }
}

extension TensorProtocol {
  /// The element-wise quotient, with broadcasting.
  public static func / (left: Self, right: Self) -> Self { apply(Divide(), to: [left, right]) }

  /// Each element divided by a number.
  public static func / (left: Self, right: Double) -> Self {
    left / left.constant(Tensor(Scalar(right)))
  }

  /// Replaces the left operand by the quotient.
  public static func /= (left: inout Self, right: Self) { left = left / right }
}
