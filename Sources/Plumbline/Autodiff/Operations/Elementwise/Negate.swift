/// y = -x, dx = -dy
struct Negate: UnaryOperation {
  static let name = "negate"
  static let functions: [UnaryFunction] = [.negate]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [-upstream] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    Tensor(repeating: -1, shape: x.shape)
  }
}

extension TensorProtocol {
  /// The element-wise negative.
  public static prefix func - (operand: Self) -> Self { apply(Negate(), to: [operand]) }
}
