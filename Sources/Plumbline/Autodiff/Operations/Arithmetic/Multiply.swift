/// z = x y, dx = dz y, dy = dz x
struct Multiply: BinaryOperation {
  static let name = "multiply"
  static let role: SignalRole? = .factor
  static let functions: [BinaryFunction] = [.multiply]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    return [
      call.needs(0) ? (upstream * y).summed(to: x.shape) : nil,
      call.needs(1) ? (upstream * x).summed(to: y.shape) : nil,
    ]
  }
  static func tangent<S>(
    _ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>, _ dy: Tensor<S>, _ z: Tensor<S>
  ) -> Tensor<S> {
    dx * y + x * dy
  }
}

extension TensorProtocol {
  /// The element-wise product, with broadcasting.
  public static func * (left: Self, right: Self) -> Self { apply(Multiply(), to: [left, right]) }

  /// Replaces the left operand by the product.
  public static func *= (left: inout Self, right: Self) { left = left * right }
}
