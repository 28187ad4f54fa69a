/// y = Φ(x), dx = φ(x) dy with φ(x) = exp(-x²/2) / √(2π)
struct NormalCDF: ActivationOperation {
  static let name = "normalCDF"
  static let functions: [UnaryFunction] = [.normalCDF]
  static let pullbackFunction = PullbackFunction.normalCDF
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    normalDensity(x)
  }
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T {
    d * normalDensity(x!)
  }
  static func curvature<T: TensorProtocol>(
    _ weight: T, _ x: T?, _ y: T?, _ a: Double
  ) -> (x: T?, y: T?) {
    (-(weight * x! * normalDensity(x!)), nil)
  }
}

/// φ(x) = exp(-x²/2) / √(2π)
func normalDensity<T: TensorProtocol>(_ x: T) -> T {
  exp(x.squared() * -0.5) * 0.398_942_280_401_432_677_94
}

/// The standard normal distribution function, accurate in the left tail.
public func normalCDF<T: TensorProtocol>(_ x: T) -> T { T.apply(NormalCDF(), to: [x]) }
