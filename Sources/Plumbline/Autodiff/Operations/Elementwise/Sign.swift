/// y = -1, 0 or 1; no gradient
struct Sign: UnaryOperation {
  static let name = "sign"
  static let functions: [UnaryFunction] = [.sign]
  var convention: String? { "0 everywhere, including at the step" }
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [nil] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    .zeros(x.shape)
  }
}

/// -1, 0 or 1 by each element's sign. No gradient.
public func sign<T: TensorProtocol>(_ x: T) -> T { T.apply(Sign(), to: [x]) }
