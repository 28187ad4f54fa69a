/// z = x + y, dx = dz, dy = dz
struct Add: BinaryOperation {
  static let name = "add"
  static let role: SignalRole? = .sum
  static let functions: [BinaryFunction] = [.add]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    call.inputs.enumerated().map { call.needs($0) ? upstream.summed(to: $1.shape) : nil }
  }
  static func tangent<S>(
    _ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>, _ dy: Tensor<S>, _ z: Tensor<S>
  ) -> Tensor<S> {
    dx + dy
  }
}

extension TensorProtocol {
  /// The element-wise sum, with broadcasting.
  public static func + (left: Self, right: Self) -> Self { apply(Add(), to: [left, right]) }

  /// Replaces the left operand by the sum. A recorded variable is not changed in place: the name then
  /// means a new value, and gradients of the old one stay right.
  public static func += (left: inout Self, right: Self) { left = left + right }
}
