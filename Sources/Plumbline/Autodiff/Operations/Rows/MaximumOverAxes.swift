/// y = max x over axes; dy is divided evenly among the elements that reach the maximum
struct MaximumOverAxes: RowOperation {
  static let name = "maximumOverAxes"
  static let function = RowFunction.maximum
  let axes: [Int]
  var attributes: String { "axes \(axes)" }
  var convention: String? { "at a tie the winners share the gradient evenly" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      axes.allSatisfy { inputs[0].extents[$0] > 0 },
      "the maximum over an axis of extent 0 of shape \(inputs[0]) does not exist")
    return inputs[0].reduced(over: axes, keepingAxes: true)
  }
  var isPiecewise: Bool { true }
  /// The position of the winner among the reduced elements; at a tie a number below 0 that encodes all winners.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    let largest = forward(inputs)
    return Decisions(winnersOf: inputs[0], alongAxes: axes, largest)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let winners = compare(call.inputs[0], .equal, call.output)
    return [upstream / winners.sum(alongAxes: axes, keepingAxes: true) * winners]
  }
  static func tangent<S>(_ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>) -> Tensor<S> {
    let winners = compare(x, .equal, y)
    return (winners * dx).sum(alongAxes: [1], keepingAxes: true)
      / winners.sum(alongAxes: [1], keepingAxes: true)
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { inputs[0].elementCount }
}

extension TensorProtocol {
  /// The largest element over axes (all by default); the winners of a tie share the gradient evenly.
  public func max(alongAxes axes: [Int]? = nil, keepingAxes: Bool = false) -> Self {
    reduction(axes, keepingAxes) { Self.apply(MaximumOverAxes(axes: $0), to: [self]) }
  }
}
