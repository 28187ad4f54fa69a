/// y = x Φ(x), dx = (Φ(x) + x φ(x)) dy, the exact form. Source: Hendrycks and Gimpel, arXiv:1606.08415
struct Gelu: ActivationOperation {
  static let name = "gelu"
  static let functions: [UnaryFunction] = [.gelu]
  static let pullbackFunction = PullbackFunction.gelu
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    normalCDF(x) + x * normalDensity(x)
  }
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T {
    d * (normalCDF(x!) + x! * normalDensity(x!))
  }
  static func curvature<T: TensorProtocol>(
    _ weight: T, _ x: T?, _ y: T?, _ a: Double
  ) -> (x: T?, y: T?) {
    (weight * normalDensity(x!) * (2 - x!.squared()), nil)
  }
}

/// x Φ(x), the exact form.
public func gelu<T: TensorProtocol>(_ x: T) -> T { T.apply(Gelu(), to: [x]) }
