// Matrix products. With A' = A or its transpose and B' likewise, C = A' B' has dA' = dC B'ᵀ and
// dB' = A'ᵀ dC; both stay products in one of the four forms, so nothing is ever transposed in memory.

/// C = A' B' over the last two axes, the leading axes broadcast
struct Matmul: BuiltInOperation {
  static let name = "matmul"
  static let role: SignalRole? = .product
  let transposesFirst: Bool
  let transposesSecond: Bool
  var attributes: String {
    (transposesFirst ? "Aᵀ" : "A") + (transposesSecond ? "Bᵀ" : "B")
  }

  private func extents(_ inputs: [Shape]) -> (rows: Int, inner: Int, columns: Int, batch: Shape) {
    let (a, b) = (inputs[0], inputs[1])
    require(
      a.rank >= 2 && b.rank >= 2, "matmul takes matrices or stacks of them, not \(a) and \(b)")
    let (rows, inner) = transposesFirst ? (a[-1], a[-2]) : (a[-2], a[-1])
    let (second, columns) = transposesSecond ? (b[-1], b[-2]) : (b[-2], b[-1])
    // Two matrices, the common case, without a stack to broadcast.
    let batch =
      a.rank == 2 && b.rank == 2
      ? Shape.scalar
      : Shape.broadcast(Shape(a.extents.dropLast(2)), Shape(b.extents.dropLast(2)))
    guard inner == second, let batch else {
      fatalError("matmul \(attributes) does not fit shapes \(a) and \(b)")
    }
    return (rows, inner, columns, batch)
  }

  func shape(of inputs: [Shape]) -> Shape {
    let extents = extents(inputs)
    return extents.batch.appending(extents.rows, extents.columns)
  }

  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let (rows, inner, columns, batch) = extents(site.shapes)
    let (a, b) = (site.shapes[0], site.shapes[1])
    let sizes = ProductSizes(
      rows: rows, columns: columns, inner: inner, a: transposesFirst ? (1, a[-1]) : (a[-1], 1),
      b: transposesSecond ? (1, b[-1]) : (b[-1], 1))
    if batch.rank == 0 {
      return site.call(.product(FusedProduct(sizes: sizes)))
    }
    // Each operand's matrices are numbered along the broadcast batch, one matrix per step.
    let aBatch = Shape(Array(a.extents.dropLast(2)))
    let bBatch = Shape(Array(b.extents.dropLast(2)))
    let loop = Loop(
      extents: batch.extents + [1],
      strides: [
        aBatch.strides(broadcastTo: batch)!.map { $0 * rows * inner } + [1],
        bBatch.strides(broadcastTo: batch)!.map { $0 * inner * columns } + [1],
      ])
    var starts: [MatrixStarts] = []
    loop.forEachRun { offsets in
      for step in 0..<loop.innerExtent {
        starts.append(
          MatrixStarts(
            a: offsets[0] + step * loop.innerStrides[0],
            b: offsets[1] + step * loop.innerStrides[1]))
      }
    }
    return site.call(.products(sizes, starts: starts))
  }

  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (a, b) = (call.inputs[0], call.inputs[1])
    func product(_ x: T, _ xTransposed: Bool, _ y: T, _ yTransposed: Bool) -> T {
      matmul(x, y, transposingFirst: xTransposed, transposingSecond: yTransposed)
    }
    let first =
      transposesFirst
      ? { product(b, transposesSecond, upstream, true) }
      : { product(upstream, false, b, !transposesSecond) }
    let second =
      transposesSecond
      ? { product(upstream, true, a, transposesFirst) }
      : { product(a, !transposesFirst, upstream, false) }
    return [
      call.needs(0) ? first().summed(to: a.shape) : nil,
      call.needs(1) ? second().summed(to: b.shape) : nil,
    ]
  }

  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int {
    2 * output.elementCount * (transposesFirst ? inputs[0][-2] : inputs[0][-1])
  }
}

/// Y = X W + b for X [..., in], W [in, out], b [out]; dX = dY Wᵀ, dW = Xᵀ dY, db = Σ dY over rows
struct Linear: BuiltInOperation {
  static let name = "linear"
  static let role: SignalRole? = .product

  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 3 && inputs[0].rank >= 1 && inputs[1].rank == 2 && inputs[2].rank == 1
        && inputs[0][-1] == inputs[1][0] && inputs[1][1] == inputs[2][0],
      "linear takes x [..., in], weight [in, out] and bias [out]; x is \(inputs[0]), weight "
        + "\(inputs[1]), bias \(inputs[2])")
    return inputs[0].replacingLast(with: inputs[1][1])
  }

  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let (inner, columns) = (site.shapes[1][0], site.shapes[1][1])
    let sizes = ProductSizes(
      rows: site.shapes[0].rowCount, columns: columns, inner: inner, a: (inner, 1),
      b: (columns, 1))
    return site.call(.product(FusedProduct(sizes: sizes, parts: .bias)))
  }

  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, weight, bias) = (call.inputs[0], call.inputs[1], call.inputs[2])
    let rows = x.shape.rowCount
    let flat = upstream.reshaped(to: [rows, bias.shape[0]])
    return [
      call.needs(0) ? matmul(flat, weight, transposingSecond: true).reshaped(to: x.shape) : nil,
      call.needs(1)
        ? matmul(x.reshaped(to: [rows, weight.shape[0]]), flat, transposingFirst: true) : nil,
      call.needs(2) ? flat.sum(alongAxes: [0]) : nil,
    ]
  }

  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int {
    output.elementCount * (2 * inputs[1][0] + 1)
  }
}

// MARK: - Notation

/// The matrix product over the last two axes, either operand transposed first if requested. Leading axes
/// broadcast; a vector is a row on the left and a column on the right, and its axis is removed again.
public func matmul<T: TensorProtocol>(
  _ left: T, _ right: T, transposingFirst: Bool = false, transposingSecond: Bool = false
) -> T {
  require(
    left.shape.rank > 0 && right.shape.rank > 0,
    "matmul takes vectors or matrices, not \(left.shape) and \(right.shape)")
  let leftIsVector = left.shape.rank == 1
  let rightIsVector = right.shape.rank == 1
  let a = leftIsVector ? left.reshaped(to: [1, left.shape[0]]) : left
  let b = rightIsVector ? right.reshaped(to: [right.shape[0], 1]) : right
  let product = T.apply(
    Matmul(
      transposesFirst: transposingFirst && !leftIsVector,
      transposesSecond: transposingSecond && !rightIsVector), to: [a, b])
  if !leftIsVector && !rightIsVector { return product }
  var extents = product.shape.extents
  if rightIsVector { extents.removeLast() }
  if leftIsVector { extents.remove(at: extents.count - (rightIsVector ? 1 : 2)) }
  return product.reshaped(to: Shape(extents))
}

/// x W + b: x is `[..., in]`, the weight `[in, out]`, the bias `[out]`; the result `[..., out]`.
public func linear<T: TensorProtocol>(_ x: T, _ weight: T, _ bias: T) -> T {
  T.apply(Linear(), to: [x, weight, bias])
}
