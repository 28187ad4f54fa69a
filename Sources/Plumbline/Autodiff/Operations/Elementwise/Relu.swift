/// y = max(x, 0), dx = dy where x > 0, else 0
struct Relu: UnaryOperation {
  static let name = "relu"
  static let functions: [UnaryFunction] = [.relu]
  var convention: String? { "0 at 0" }
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [gate(upstream, by: call.output)] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    compare(x, .greater, Tensor(0))
  }
}

/// max(x, 0) of each element; derivative 0 at 0, NaN stays NaN.
public func relu<T: TensorProtocol>(_ x: T) -> T { T.apply(Relu(), to: [x]) }
