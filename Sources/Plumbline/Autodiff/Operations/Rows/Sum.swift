/// y = Σ x over axes, dx = dy repeated
struct Sum: RowOperation {
  static let name = "sum"
  static let function = RowFunction.sum
  let axes: [Int]
  var attributes: String { "axes \(axes)" }
  /// A sum over single values is those values.
  func viewOffset(_ inputs: [Shape], _ result: Shape) -> Int? {
    axes.allSatisfy { inputs[0].extents[$0] == 1 } ? 0 : nil
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let extents = site.shapes[0].extents
    guard axes == Array(0..<axes.count), axes.count < extents.count else { return rowCalls(site) }
    // Over leading axes, row by row.
    let columns = extents[axes.count...].reduce(1, *)
    return site.call(
      .sumRows(rows: extents[..<axes.count].reduce(1, *), columns: columns, rowStride: columns))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.broadcast(to: call.inputs[0].shape)]
  }
  static func tangent<S>(_ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>) -> Tensor<S> {
    dx.sum(alongAxes: [1], keepingAxes: true)
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { inputs[0].elementCount }
}

extension TensorProtocol {
  /// The sum over axes (all by default), which are removed from the shape unless kept with extent 1.
  public func sum(alongAxes axes: [Int]? = nil, keepingAxes: Bool = false) -> Self {
    reduction(axes, keepingAxes) { Self.apply(Sum(axes: $0), to: [self]) }
  }

  /// The mean over axes (all by default).
  public func mean(alongAxes axes: [Int]? = nil, keepingAxes: Bool = false) -> Self {
    let count = shape.normalized(axes).map { shape.extents[$0] }.reduce(1, *)
    require(count > 0, "the mean over no elements of shape \(shape) does not exist")
    return sum(alongAxes: axes, keepingAxes: keepingAxes) / Double(count)
  }

  /// The mean squared deviation from the mean over axes (all by default), computed in two passes. The
  /// sum of squares is divided by the number of elements minus `correction` (1 for a sample's unbiased
  /// variance).
  public func variance(
    alongAxes axes: [Int]? = nil, correction: Double = 0, keepingAxes: Bool = false
  ) -> Self {
    let count = Double(shape.normalized(axes).map { shape.extents[$0] }.reduce(1, *))
    require(
      count > correction, "the variance of \(Int(count)) elements with correction \(correction)")
    let deviation = self - mean(alongAxes: axes, keepingAxes: true)
    return deviation.squared().sum(alongAxes: axes, keepingAxes: keepingAxes) / (count - correction)
  }
}
