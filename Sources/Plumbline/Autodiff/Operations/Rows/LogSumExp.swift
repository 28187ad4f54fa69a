/// y = log Σ exp x over axes, dx = softmax(x) dy
struct LogSumExp: RowOperation {
  static let name = "logSumExp"
  static let function = RowFunction.logSumExp
  let axes: [Int]
  var attributes: String { "axes \(axes)" }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    // Not exp(x - y): where x is large, y has lost the logarithm of the number of terms.
    [upstream * T.apply(Softmax(axes: axes), to: [call.inputs[0]])]
  }
  static func tangent<S>(_ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>) -> Tensor<S> {
    // As in the pullback, not by exp(x - y): y has lost the logarithm of the number of terms where x is large.
    (softmax(x) * dx).sum(alongAxes: [1], keepingAxes: true)
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 4 * inputs[0].elementCount }
}

extension TensorProtocol {
  /// log Σ exp over axes (all by default), without overflow.
  public func logSumExp(alongAxes axes: [Int]? = nil, keepingAxes: Bool = false) -> Self {
    reduction(axes, keepingAxes) { Self.apply(LogSumExp(axes: $0), to: [self]) }
  }
}
