/// y = sin x, dx = cos x dy
struct Sine: UnaryOperation {
  static let name = "sin"
  static let functions: [UnaryFunction] = [.sin]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * cos(call.inputs[0])] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    cos(x)
  }
}

/// y = cos x, dx = -sin x dy
struct Cosine: UnaryOperation {
  static let name = "cos"
  static let functions: [UnaryFunction] = [.cos]
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [-(upstream * sin(call.inputs[0]))] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    -sin(x)
  }
}

/// The sine of each element, an angle in radians. By the C library: unlike those of `exp` and `tanh`, the bits may differ between
/// systems.
public func sin<T: TensorProtocol>(_ x: T) -> T { T.apply(Sine(), to: [x]) }

/// The cosine of each element, an angle in radians; by the C library, like ``sin(_:)-(T)``.
public func cos<T: TensorProtocol>(_ x: T) -> T { T.apply(Cosine(), to: [x]) }
