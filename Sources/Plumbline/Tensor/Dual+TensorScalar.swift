extension Dual: TensorScalar {
  /// A constant.
  public init(_ value: Double) { self.init(Base(value), tangent: 0) }

  /// The value without the tangent.
  public var real: Double { value.real }

  /// Constants.
  public static func convert(
    fromDouble count: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Dual>
  ) {
    let value = Tensor<Base>([count]) { Base.convert(fromDouble: count, x, into: $0) }
    Lanes(value: value, tangent: .zeros([count])).write(to: y)
  }

  /// The values without the tangents.
  public static func convert(
    toDouble count: Int, _ x: UnsafePointer<Dual>, into y: UnsafeMutablePointer<Double>
  ) {
    Lanes(x, [count]).value.withValues { Base.convert(toDouble: count, $0, into: y) }
  }

  /// Whether value and tangent are finite.
  public var isFinite: Bool { value.isFinite && tangent.isFinite }

  /// c = a b + bias with c' = a' b + a b' + bias'.
  public static func product(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Dual>, rowStride aRow: Int, columnStride aColumn: Int,
    _ b: UnsafePointer<Dual>, rowStride bRow: Int, columnStride bColumn: Int,
    bias: UnsafePointer<Dual>?, into c: UnsafeMutablePointer<Dual>
  ) {
    let a = Lanes(a, [rows, inner], strides: [aRow, aColumn])
    let b = Lanes(b, [inner, columns], strides: [bRow, bColumn])
    var value = matmul(a.value, b.value)
    var tangent = matmul(a.tangent, b.value) + matmul(a.value, b.tangent)
    if let bias {
      let bias = Lanes(bias, [columns])
      value = value + bias.value
      tangent = tangent + bias.tangent
    }
    Lanes(value: value, tangent: tangent).write(to: c)
  }

  /// f(v) + f'(v) t ε.
  public static func apply(
    _ function: UnaryFunction, count: Int, _ x: UnsafePointer<Dual>,
    into y: UnsafeMutablePointer<Dual>
  ) {
    let x = Lanes(x, [count])
    let v = x.value
    let result = v.mapped(function)
    let slope: Tensor<Base>
    switch function {
    case .negate: slope = Tensor(repeating: -1.0, shape: v.shape)
    case .absolute: slope = v.mapped(.sign)
    case .sign: slope = .zeros(v.shape)
    case .square: slope = v * 2
    case .reciprocal: slope = -(result * result)
    case .sqrt: slope = 0.5 / result
    case .exp: slope = result
    case .expm1: slope = v.mapped(.exp)
    case .log: slope = v.mapped(.reciprocal)
    case .log1p: slope = (v + 1).mapped(.reciprocal)
    case .tanh:
      // 1 - tanh² written as sech² keeps its digits in the tails.
      let decay = (v.mapped(.absolute) * -2).mapped(.exp)
      slope = 4 * decay / (1 + decay).mapped(.square)
    case .sigmoid: slope = result * (-v).mapped(.sigmoid)
    case .softplus: slope = v.mapped(.sigmoid)
    case .normalCDF:
      slope = (v.mapped(.square) * -0.5).mapped(.exp) * 0.398_942_280_401_432_677_94
    case .relu: slope = v.combined(.greater, 0)
    }
    Lanes(value: result, tangent: slope * x.tangent).write(to: y)
  }

  /// f(v, w) with its tangent by the chain rule; comparisons have none.
  public static func apply(
    _ function: BinaryFunction, count: Int, _ x: UnsafePointer<Dual>, step xStep: Int,
    _ y: UnsafePointer<Dual>, step yStep: Int, into z: UnsafeMutablePointer<Dual>
  ) {
    let x = Lanes(x, [count], strides: [xStep])
    let y = Lanes(y, [count], strides: [yStep])
    let (v, w) = (x.value, y.value)
    let result = Tensor.combined(function, v, w)
    let tangent: Tensor<Base>
    switch function {
    case .add: tangent = x.tangent + y.tangent
    case .subtract: tangent = x.tangent - y.tangent
    case .multiply: tangent = x.tangent * w + v * y.tangent
    case .divide: tangent = x.tangent / w - result * y.tangent / w
    case .minimum, .maximum:
      let equal = Tensor.combined(.equal, v, w)
      let first =
        function == .maximum ? Tensor.combined(.greater, v, w) : Tensor.combined(.greater, w, v)
      let even = (x.tangent + y.tangent) * 0.5
      tangent = .selected(equal, even, .selected(first, x.tangent, y.tangent))
    case .power:
      let zero = Tensor<Base>.zeros(v.shape)
      let alongBase = w * Tensor.combined(.power, v, w - 1) * x.tangent
      let alongExponent = result * v.mapped(.log) * y.tangent
      tangent =
        Tensor.selected(w * x.tangent, alongBase, zero)
        + Tensor.selected(v * y.tangent, alongExponent, zero)
    case .greater, .greaterEqual, .equal: tangent = .zeros(v.shape)
    case .gate: tangent = Tensor.combined(.gate, x.tangent, w)
    }
    Lanes(value: result, tangent: tangent).write(to: z)
  }

  /// The selected number, tangent included.
  public static func select(
    count: Int, mask: UnsafePointer<Dual>, _ x: UnsafePointer<Dual>, _ y: UnsafePointer<Dual>,
    into z: UnsafeMutablePointer<Dual>
  ) {
    for index in 0..<count { z[index] = mask[index].value == 0 ? y[index] : x[index] }
  }

  /// The sums of the values and of the tangents.
  public static func sum(count: Int, _ x: UnsafePointer<Dual>) -> Dual {
    let x = Lanes(x, [count])
    return Dual(
      x.value.withValues { Base.sum(count: count, $0) },
      tangent: x.tangent.withValues { Base.sum(count: count, $0) })
  }

  /// The largest value with the mean tangent of those that reach it.
  public static func maximum(count: Int, _ x: UnsafePointer<Dual>) -> Dual {
    let x = Lanes(x, [count])
    let largest = Tensor(x.value.withValues { Base.maximum(count: count, $0) })
    let winners = Tensor.combined(.equal, x.value, largest)
    let tangent = (winners * x.tangent).summed(over: [0]) / winners.summed(over: [0])
    return Dual(largest.scalar, tangent: tangent.scalar)
  }

  /// The row sums of the values and of the tangents.
  public static func sumRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Dual>, rowStride: Int,
    into y: UnsafeMutablePointer<Dual>
  ) {
    let x = Lanes(x, [rows, columns], strides: [rowStride, 1])
    Lanes(value: x.value.summed(over: [0]), tangent: x.tangent.summed(over: [0])).write(to: y)
  }
}

/// Values and tangents of a run of dual numbers as two tensors, so that the kernels of the base type
/// do the work.
struct Lanes<Base: TensorScalar> {
  let value: Tensor<Base>
  let tangent: Tensor<Base>

  init(value: Tensor<Base>, tangent: Tensor<Base>) {
    self.value = value
    self.tangent = tangent
  }

  /// The numbers at `pointer` read with `strides` (contiguous by default).
  init(_ pointer: UnsafePointer<Dual<Base>>, _ shape: Shape, strides: [Int]? = nil) {
    let count = shape.elementCount
    let strides = (strides ?? shape.strides).map { 2 * $0 }
    // In memory a dual number is its value followed by its tangent.
    let base = UnsafeRawPointer(pointer).assumingMemoryBound(to: Base.self)
    value = Tensor(shape) { target in
      if count == 0 { return }
      StridedCopy.gather(base, strides: strides, extents: shape.extents, into: target)
    }
    tangent = Tensor(shape) { target in
      if count == 0 { return }
      StridedCopy.gather(base + 1, strides: strides, extents: shape.extents, into: target)
    }
  }

  func write(to pointer: UnsafeMutablePointer<Dual<Base>>) {
    if value.count == 0 { return }
    let base = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Base.self)
    let extents = [value.count]
    value.withValues { StridedCopy.scatter($0, extents: extents, into: base, strides: [2]) }
    tangent.withValues { StridedCopy.scatter($0, extents: extents, into: base + 1, strides: [2]) }
  }
}
