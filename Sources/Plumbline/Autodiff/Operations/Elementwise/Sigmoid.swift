/// y = 1 / (1 + exp(-x)), dx = y (1 - y) dy
struct Sigmoid: ActivationOperation {
  static let name = "sigmoid"
  static let functions: [UnaryFunction] = [.sigmoid]
  static let pullbackFunction = PullbackFunction.sigmoid
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    y * sigmoid(-x)
  }
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T {
    d * y! * (1 - y!)
  }
  static func curvature<T: TensorProtocol>(
    _ weight: T, _ x: T?, _ y: T?, _ a: Double
  ) -> (x: T?, y: T?) {
    (nil, weight * (1 - 2 * y!))
  }
}

/// 1 / (1 + exp(-x)) of each element, accurate in both tails.
public func sigmoid<T: TensorProtocol>(_ x: T) -> T { T.apply(Sigmoid(), to: [x]) }
