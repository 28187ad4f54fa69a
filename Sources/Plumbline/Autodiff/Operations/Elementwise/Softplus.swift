/// y = log(1 + exp x), dx = sigmoid(x) dy
struct Softplus: ActivationOperation {
  static let name = "softplus"
  static let functions: [UnaryFunction] = [.softplus]
  static let pullbackFunction = PullbackFunction.softplus
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    sigmoid(x)
  }
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T {
    d * sigmoid(x!)
  }
  static func curvature<T: TensorProtocol>(
    _ weight: T, _ x: T?, _ y: T?, _ a: Double
  ) -> (x: T?, y: T?) {
    (T.apply(ActivationGradient(of: Sigmoid.self), to: [weight, sigmoid(x!)]), nil)
  }
}

/// log(1 + exp x) of each element, accurate in both tails.
public func softplus<T: TensorProtocol>(_ x: T) -> T { T.apply(Softplus(), to: [x]) }
