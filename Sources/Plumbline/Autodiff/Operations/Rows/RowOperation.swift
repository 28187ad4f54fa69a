/// A built-in function of the rows of one input: of its values along some axes, which together are treated as one axis.
protocol RowOperation: BuiltInOperation {
  /// The kernel.
  static var function: RowFunction { get }

  /// The axes, normalized; a reduced one is kept with extent 1.
  var axes: [Int] { get }

  /// The derivative of y = f(x), of rows `[rows, length]` to `[rows, length]` or `[rows, 1]`, when x changes by dx, by calculus and
  /// independently of the pullback: the tangent of dual numbers.
  static func tangent<S>(_ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>) -> Tensor<S>
}

extension RowOperation {
  /// The shape of the input, if the function keeps the length of a row; otherwise with extent 1 along the axes.
  public func shape(of inputs: [Shape]) -> Shape {
    Self.function.keepsLength ? inputs[0] : inputs[0].reduced(over: axes, keepingAxes: true)
  }

  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    rowCalls(site)
  }

  /// The call on rows in any memory order.
  func rowCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let (shape, function) = (site.shapes[0], Self.function)
    let rows = StridedRows(shape, along: axes)
    require(
      rows.length > 0 || function == .sum,
      "a softmax or log-sum over an axis of extent 0 of shape \(shape) does not exist")
    // Trailing axes, whose values are contiguous.
    if axes == Array(shape.rank - axes.count..<shape.rank) {
      return site.call(.rows(function, rows: rows.rows, length: rows.length))
    }
    return site.call(.stridedRows(function, rows))
  }
}

extension TensorProtocol {
  /// The reduction over axes (all by default), which are removed from the shape unless kept with extent 1.
  func reduction(_ axes: [Int]?, _ keepingAxes: Bool, _ reduce: ([Int]) -> Self) -> Self {
    let axes = shape.normalized(axes)
    let result = reduce(axes)
    return keepingAxes ? result : result.reshaped(to: shape.reduced(over: axes, keepingAxes: false))
  }
}
