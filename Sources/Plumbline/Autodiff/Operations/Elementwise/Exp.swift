/// y = exp x, dx = y dy
struct Exp: UnaryOperation {
  static let name = "exp"
  static let functions: [UnaryFunction] = [.exp]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * call.output] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    y
  }
}

/// e to each element.
public func exp<T: TensorProtocol>(_ x: T) -> T { T.apply(Exp(), to: [x]) }
