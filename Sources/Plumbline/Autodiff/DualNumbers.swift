// The kernels on dual numbers. Each operation's slopes and tangents are written by calculus in its own file, independently of its
// pullback; a formula that consists of several kernels is computed by those.

extension Dual: TensorScalar {
  /// A constant.
  public init(_ value: Double) { self.init(Base(value), tangent: 0) }

  /// The value without the tangent.
  public var real: Double { value.real }

  /// Whether value and tangent are finite.
  public var isFinite: Bool { value.isFinite && tangent.isFinite }

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

  /// f(v) + f'(v) t ε.
  public static func unary(
    _ function: UnaryFunction, count: Int, _ a: Double, _ b: Double, _ x: UnsafePointer<Dual>,
    into y: UnsafeMutablePointer<Dual>
  ) {
    guard let operation = BuiltInOperations.ofUnary[function] else {
      fatalError("no operation has the slope of \(function)")
    }
    let x = Lanes(x, [count])
    let value = Tensor<Base>([count]) { target in
      x.value.withValues { Base.unary(function, count: count, a, b, $0, into: target) }
    }
    Lanes(value: value, tangent: operation.slope(x.value, value, a, b) * x.tangent).write(to: y)
  }

  /// f(v, w) with its tangent by the chain rule; comparisons have none.
  public static func binary(
    _ function: BinaryFunction, count: Int, _ x: UnsafePointer<Dual>, step xStep: Int,
    _ y: UnsafePointer<Dual>, step yStep: Int, into z: UnsafeMutablePointer<Dual>
  ) {
    guard let operation = BuiltInOperations.ofBinary[function] else {
      fatalError("no operation has the tangent of \(function)")
    }
    let x = Lanes(x, [count], strides: [xStep])
    let y = Lanes(y, [count], strides: [yStep])
    let value = Tensor<Base>([count]) { target in
      x.value.withValues { v in
        y.value.withValues { w in
          Base.binary(function, count: count, v, step: 1, w, step: 1, into: target)
        }
      }
    }
    let tangent = operation.tangent(x.value, x.tangent, y.value, y.tangent, value)
    Lanes(value: value, tangent: tangent).write(to: z)
  }

  /// The formula of the backward pass in dual numbers.
  public static func pullback(
    _ function: PullbackFunction, count: Int, _ a: Double, _ d: UnsafePointer<Dual>,
    input: UnsafePointer<Dual>?, output: UnsafePointer<Dual>?, into dx: UnsafeMutablePointer<Dual>
  ) {
    guard let operation = BuiltInOperations.ofPullback[function] else {
      fatalError("no operation has the backward pass \(function)")
    }
    func vector(_ pointer: UnsafePointer<Dual>?) -> Tensor<Dual>? {
      pointer.map { pointer in Tensor([count]) { $0.update(from: pointer, count: count) } }
    }
    let result = operation.gradient(vector(d)!, vector(input), vector(output), a)
    result.withValues { dx.update(from: $0, count: count) }
  }

  /// The selected number, tangent included.
  public static func select(
    count: Int, mask: UnsafePointer<Dual>, _ x: UnsafePointer<Dual>, _ y: UnsafePointer<Dual>,
    into z: UnsafeMutablePointer<Dual>
  ) {
    for index in 0..<count { z[index] = mask[index].value == 0 ? y[index] : x[index] }
  }

  /// f of each row with its tangent.
  public static func rows(
    _ function: RowFunction, rows: Int, length: Int, _ x: UnsafePointer<Dual>,
    into y: UnsafeMutablePointer<Dual>
  ) {
    guard let operation = BuiltInOperations.ofRows[function] else {
      fatalError("no operation has the tangent of \(function)")
    }
    let x = Lanes(x, [rows, length])
    let value = Tensor<Base>([rows, function.keepsLength ? length : 1]) { target in
      x.value.withValues { Base.rows(function, rows: rows, length: length, $0, into: target) }
    }
    Lanes(value: value, tangent: operation.tangent(x.value, x.tangent, value)).write(to: y)
  }

  /// The row sums of the values and of the tangents.
  public static func sumRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Dual>, rowStride: Int,
    into y: UnsafeMutablePointer<Dual>
  ) {
    let x = Lanes(x, [rows, columns], strides: [rowStride, 1])
    Lanes(value: x.value.sum(alongAxes: [0]), tangent: x.tangent.sum(alongAxes: [0])).write(to: y)
  }

  /// c = a b with c' = a' b + a b', followed by the parts of the epilogue in order: the definition that a fused
  /// kernel must match bit for bit.
  public static func product(
    _ sizes: ProductSizes, _ a: UnsafePointer<Dual>, _ b: UnsafePointer<Dual>,
    _ epilogue: ProductEpilogue<Dual>, into c: UnsafeMutablePointer<Dual>
  ) {
    let (m, n, k) = (sizes.rows, sizes.columns, sizes.inner)
    let shape: Shape = [m, n]
    func tensor(_ pointer: UnsafePointer<Dual>, _ shape: Shape) -> Tensor<Dual> {
      Tensor(shape) { $0.update(from: pointer, count: shape.elementCount) }
    }
    func write(_ tensor: Tensor<Dual>, _ target: UnsafeMutablePointer<Dual>) {
      tensor.withValues { target.update(from: $0, count: tensor.count) }
    }
    let (left, right) = (
      Lanes(a, [m, k], strides: [sizes.aRow, sizes.aColumn]),
      Lanes(b, [k, n], strides: [sizes.bRow, sizes.bColumn])
    )
    let value = matmul(left.value, right.value)
    let tangent = matmul(left.tangent, right.value) + matmul(left.value, right.tangent)
    var result = Tensor<Dual>(shape) { Lanes(value: value, tangent: tangent).write(to: $0) }
    if let bias = epilogue.bias { result = result + tensor(bias, [n]) }
    if epilogue.scale != 1 { result = result * epilogue.scale }
    if let skip = epilogue.skip { result = tensor(skip, shape) + result }
    if epilogue.appliesRelu { result = relu(result) }
    if let control = epilogue.gate { result = gate(result, by: tensor(control, shape)) }
    write(result, c)
    if let scaled = epilogue.scaled { write(result * epilogue.scaledFactor, scaled) }
    if let sums = epilogue.columnSums {
      sumRows(rows: k, columns: n, b, rowStride: sizes.bRow, into: sums)
    }
  }

  /// By the logarithm of a softmax.
  public static func logLikelihood(
    rows: Int, length: Int, _ x: UnsafePointer<Dual>, classes: UnsafePointer<Dual>,
    logProbabilities: UnsafeMutablePointer<Dual>, into y: UnsafeMutablePointer<Dual>
  ) -> Int {
    self.rows(.logSoftmax, rows: rows, length: length, x, into: logProbabilities)
    for row in 0..<rows {
      guard let index = classes[row].index(below: length) else { return row }
      y[row] = logProbabilities[row * length + index]
    }
    return rows
  }

  /// dx[i, j] = u[i] where j = classes[i], else 0, minus softmax(row i)[j] u[i].
  public static func logLikelihoodGradient(
    rows: Int, length: Int, classes: UnsafePointer<Dual>, upstream: UnsafePointer<Dual>,
    into dx: UnsafeMutablePointer<Dual>
  ) -> Int {
    let shape: Shape = [rows, length]
    for row in 0..<rows where classes[row].index(below: length) == nil { return row }
    let logarithms = Tensor<Dual>(shape) { $0.update(from: dx, count: rows * length) }
    let u = Tensor<Dual>([rows]) { $0.update(from: upstream, count: rows) }
    let k = Tensor<Dual>([rows]) { $0.update(from: classes, count: rows) }
    let result = u.scattered(at: k, classes: length) - exp(logarithms) * u.expanded(atAxis: -1)
    result.withValues { dx.update(from: $0, count: rows * length) }
    return rows
  }

  /// The mask number by number.
  public static func mask(
    count: Int, key: Key, from first: Int, below threshold: UInt64, kept: Double,
    into y: UnsafeMutablePointer<Dual>
  ) {
    for index in 0..<count {
      y[index] = key.bits(at: first + index) >> 11 < threshold ? Dual(kept) : 0
    }
  }
}
