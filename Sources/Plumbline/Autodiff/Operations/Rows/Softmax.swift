/// y = exp x / Σ exp x over axes, dx = y (dy - Σ y dy)
struct Softmax: RowOperation {
  static let name = "softmax"
  static let function = RowFunction.softmax
  let axes: [Int]
  var attributes: String { "axes \(axes)" }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let weighted = upstream * call.output
    return [weighted - call.output * weighted.sum(alongAxes: axes, keepingAxes: true)]
  }
  static func tangent<S>(_ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>) -> Tensor<S> {
    y * (dx - (y * dx).sum(alongAxes: [1], keepingAxes: true))
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 5 * output.elementCount }
}

/// exp x divided by its sum along an axis (the last by default).
public func softmax<T: TensorProtocol>(_ x: T, alongAxis axis: Int = -1) -> T {
  T.apply(Softmax(axes: [x.shape.normalized(axis)]), to: [x])
}
