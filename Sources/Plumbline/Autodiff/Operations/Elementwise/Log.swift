/// y = log x, dx = dy / x
struct Log: UnaryOperation {
  static let name = "log"
  static let functions: [UnaryFunction] = [.log]
  var convention: String? { "infinite at 0, the limit from above" }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream / call.inputs[0]] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    pow(x, -1)
  }
}

/// The natural logarithm of each element; -infinity at 0, NaN below.
public func log<T: TensorProtocol>(_ x: T) -> T { T.apply(Log(), to: [x]) }
