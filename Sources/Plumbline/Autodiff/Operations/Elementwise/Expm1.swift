/// y = exp x - 1, dx = (y + 1) dy
struct Expm1: UnaryOperation {
  static let name = "expm1"
  static let functions: [UnaryFunction] = [.expm1]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * (call.output + 1)] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    exp(x)
  }
}

/// e to each element, minus 1, accurate near 0.
public func expm1<T: TensorProtocol>(_ x: T) -> T { T.apply(Expm1(), to: [x]) }
