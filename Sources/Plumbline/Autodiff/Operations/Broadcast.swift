/// y = x repeated to a shape, dx = Σ dy over the repeated axes
struct Broadcast: BuiltInOperation {
  static let name = "broadcast"
  let target: Shape
  var attributes: String { "to \(target)" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs[0].strides(broadcastTo: target) != nil,
      "shape \(inputs[0]) cannot be broadcast to \(target)")
    return target
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(
      .copy(
        extents: target.extents, from: site.shapes[0].strides(broadcastTo: target)!,
        to: target.strides))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.summed(to: call.inputs[0].shape)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

extension TensorProtocol {
  /// Repeated along axes of extent 1, and along new leading axes, to `shape`.
  public func broadcast(to shape: Shape) -> Self {
    self.shape == shape ? self : Self.apply(Broadcast(target: shape), to: [self])
  }

  /// Summed down to a shape that broadcasts to this one: the adjoint of ``broadcast(to:)``.
  public func summed(to target: Shape) -> Self {
    if shape == target { return self }
    let missing = shape.rank - target.rank
    let axes = (0..<shape.rank).filter {
      $0 < missing || (target.extents[$0 - missing] == 1 && shape.extents[$0] != 1)
    }
    // Trailing axes first, whose values are contiguous, and then the others: a sum over both at once, such as that over a channel's
    // images, would have to gather them with a copy.
    var start = shape.rank
    while axes.contains(start - 1) { start -= 1 }
    let groups = [axes.filter { $0 >= start }, axes.filter { $0 < start }]
    return groups.filter { !$0.isEmpty }.reduce(self) { Self.apply(Sum(axes: $1), to: [$0]) }
      .reshaped(to: target)
  }
}
