/// z = x where the mask is not 0, y elsewhere; dz goes to the selected operand, none to the mask
struct Select: BuiltInOperation {
  static let name = "select"
  var convention: String? { "no gradient to the mask" }
  var isPiecewise: Bool { true }
  /// 1 where the first operand was taken, 0 where the second was.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    Decisions(inputs[0]) { $0 != 0 ? 1 : 0 }
  }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 3 && inputs.allSatisfy { $0 == inputs[0] },
      "select takes a mask and two operands of equal shape, not \(inputs)")
    return inputs[0]
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(.select(count: site.count))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let zero = upstream.constant(.zeros(upstream.shape))
    return [
      nil,
      call.needs(1) ? select(call.inputs[0], upstream, zero) : nil,
      call.needs(2) ? select(call.inputs[0], zero, upstream) : nil,
    ]
  }
}

/// Elements of `first` where `mask` is not 0, of `second` elsewhere, after broadcasting the three.
public func select<T: TensorProtocol>(_ mask: T, _ first: T, _ second: T) -> T {
  guard let operands = Shape.broadcast(first.shape, second.shape),
    let shape = Shape.broadcast(mask.shape, operands)
  else {
    fatalError("select cannot broadcast \(mask.shape), \(first.shape) and \(second.shape)")
  }
  return T.apply(
    Select(),
    to: [mask.broadcast(to: shape), first.broadcast(to: shape), second.broadcast(to: shape)])
}
