/// y = x sigmoid(x), dx = s (1 + x (1 - s)) dy with s = sigmoid(x). Source: Elfwing et al., arXiv:1702.03118
struct Silu: ActivationOperation {
  static let name = "silu"
  static let functions: [UnaryFunction] = [.silu]
  static let pullbackFunction = PullbackFunction.silu
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    let (s, rest) = (sigmoid(x), sigmoid(-x))
    return s + x * s * rest
  }
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T {
    let s = sigmoid(x!)
    return d * s * (x! * (1 - s) + 1)
  }
  static func curvature<T: TensorProtocol>(
    _ weight: T, _ x: T?, _ y: T?, _ a: Double
  ) -> (x: T?, y: T?) {
    let s = sigmoid(x!)
    return (weight * s * (1 - s) * (x! * (1 - 2 * s) + 2), nil)
  }
}

/// x sigmoid(x).
public func silu<T: TensorProtocol>(_ x: T) -> T { T.apply(Silu(), to: [x]) }
