/// y = x - log Σ exp x along an axis, dx = dy - exp(y) Σ dy
struct LogSoftmax: RowOperation {
  static let name = "logSoftmax"
  static let function = RowFunction.logSoftmax
  let axis: Int
  var axes: [Int] { [axis] }
  var attributes: String { "axis \(axis)" }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream - exp(call.output) * upstream.sum(alongAxes: [axis], keepingAxes: true)]
  }
  static func tangent<S>(_ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>) -> Tensor<S> {
    dx - (exp(y) * dx).sum(alongAxes: [1], keepingAxes: true)
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 5 * output.elementCount }
}

/// The logarithm of ``softmax(_:alongAxis:)``, accurate where that underflows.
public func logSoftmax<T: TensorProtocol>(_ x: T, alongAxis axis: Int = -1) -> T {
  T.apply(LogSoftmax(axis: x.shape.normalized(axis)), to: [x])
}
