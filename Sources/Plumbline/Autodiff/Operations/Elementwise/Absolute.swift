/// y = |x|, dx = sign(x) dy
struct Absolute: UnaryOperation {
  static let name = "absolute"
  static let functions: [UnaryFunction] = [.absolute]
  var convention: String? { "0 at 0" }
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * sign(call.inputs[0])] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    sign(x)
  }
}

/// The absolute value of each element; derivative 0 at 0.
public func abs<T: TensorProtocol>(_ x: T) -> T { T.apply(Absolute(), to: [x]) }
