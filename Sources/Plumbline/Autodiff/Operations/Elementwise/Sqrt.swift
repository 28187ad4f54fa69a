/// y = √x, dx = dy / (2 y)
struct Sqrt: UnaryOperation {
  static let name = "sqrt"
  static let functions: [UnaryFunction] = [.sqrt]
  var convention: String? { "infinite at 0, the limit from above" }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream / call.output * 0.5] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    pow(y, -1) * 0.5
  }
}

/// The square root of each element; NaN below 0.
public func sqrt<T: TensorProtocol>(_ x: T) -> T { T.apply(Sqrt(), to: [x]) }
