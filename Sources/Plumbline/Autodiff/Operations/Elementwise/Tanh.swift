/// y = tanh x, dx = (1 - y²) dy
struct Tanh: ActivationOperation {
  static let name = "tanh"
  static let functions: [UnaryFunction] = [.tanh]
  static let pullbackFunction = PullbackFunction.tanh
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    // 1 - tanh² written as sech² keeps its digits in the tails.
    let decay = exp(abs(x) * -2)
    return 4 * decay / (1 + decay).squared()
  }
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T {
    d * (1 - y!.squared())
  }
  static func curvature<T: TensorProtocol>(
    _ weight: T, _ x: T?, _ y: T?, _ a: Double
  ) -> (x: T?, y: T?) {
    (nil, weight * y! * -2)
  }
}

/// The hyperbolic tangent of each element.
public func tanh<T: TensorProtocol>(_ x: T) -> T { T.apply(Tanh(), to: [x]) }
