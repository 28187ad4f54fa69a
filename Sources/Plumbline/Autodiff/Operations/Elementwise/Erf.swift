/// y = erf x, dx = 2 / √π exp(-x²) dy
struct Erf: UnaryOperation {
  static let name = "erf"
  static let functions: [UnaryFunction] = [.erf]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream * exp(-call.inputs[0].squared()) * 1.128_379_167_095_512_573_9]
  }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    // By the normal density at x √2, whose distribution function erf is.
    normalDensity(x * 2.0.squareRoot()) * 8.0.squareRoot()
  }
}

/// The error function of each element, 2 / √π times the integral of exp(-t²) from 0 to x.
public func erf<T: TensorProtocol>(_ x: T) -> T { T.apply(Erf(), to: [x]) }
