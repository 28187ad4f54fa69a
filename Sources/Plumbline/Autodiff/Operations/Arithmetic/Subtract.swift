/// z = x - y, dx = dz, dy = -dz
struct Subtract: BinaryOperation {
  static let name = "subtract"
  static let functions: [BinaryFunction] = [.subtract]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [
      call.needs(0) ? upstream.summed(to: call.inputs[0].shape) : nil,
      call.needs(1) ? (-upstream).summed(to: call.inputs[1].shape) : nil,
    ]
  }
  static func tangent<S>(
    _ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>, _ dy: Tensor<S>, _ z: Tensor<S>
  ) -> Tensor<S> {
    dx - dy
  }
}

extension TensorProtocol {
  /// The element-wise difference, with broadcasting.
  public static func - (left: Self, right: Self) -> Self { apply(Subtract(), to: [left, right]) }

  /// Replaces the left operand by the difference.
  public static func -= (left: inout Self, right: Self) { left = left - right }
}
