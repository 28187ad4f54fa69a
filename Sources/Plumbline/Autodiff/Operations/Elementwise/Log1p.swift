/// y = log(1 + x), dx = dy / (1 + x)
struct Log1p: UnaryOperation {
  static let name = "log1p"
  static let functions: [UnaryFunction] = [.log1p]
  var convention: String? { "infinite at -1, the limit from above" }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream / (call.inputs[0] + 1)] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    pow(x + 1, -1)
  }
}

/// The natural logarithm of one plus each element, accurate near 0.
public func log1p<T: TensorProtocol>(_ x: T) -> T { T.apply(Log1p(), to: [x]) }
