/// z = x where g > 0, else 0; dx = dz where g > 0, no gradient to g
struct Gate: BinaryOperation {
  static let name = "gate"
  static let functions: [BinaryFunction] = [.gate]
  var convention: String? { "closed at g = 0; no gradient to g" }
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[1]) }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 2 && inputs[0] == inputs[1],
      "gate takes a value and a gate of equal shape, not \(inputs)")
    return inputs[0]
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [gate(upstream, by: call.inputs[1]), nil]
  }
  static func tangent<S>(
    _ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>, _ dy: Tensor<S>, _ z: Tensor<S>
  ) -> Tensor<S> {
    gate(dx, by: y)
  }
}

/// Elements of `x` where `control` is above 0, zeros elsewhere; shapes must be equal.
public func gate<T: TensorProtocol>(_ x: T, by control: T) -> T {
  T.apply(Gate(), to: [x, control])
}
