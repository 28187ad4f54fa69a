import CKernels

// Functions that are several kernels one after the other, in one call: for `Float` and `Double` one kernel
// with the bits of the several, for dual numbers the several.

/// An activation function with settings or with a backward pass of its own, in the order of the kernels' enumeration.
/// The formulas stand in `plumb_kernels.h`.
public enum ActivationFunction: UInt32, Sendable, CaseIterable {
  /// Functions that are more than one element-wise kernel, each with its backward pass.
  case leakyRelu, elu, gelu, silu, clip
  /// Element-wise kernels whose backward pass is one kernel too.
  case tanh, sigmoid, softplus, normalCDF

  /// What the backward pass reads beside the upstream gradient.
  package var gradientReadsInput: Bool { self != .tanh && self != .sigmoid }
  /// What the backward pass reads beside the upstream gradient.
  package var gradientReadsOutput: Bool { [.elu, .clip, .tanh, .sigmoid].contains(self) }
}

/// A function along the last axis.
public enum RowFunction: Sendable {
  /// exp(x - m) / Σ exp(x - m), with m the row's maximum where that is finite and 0 elsewhere.
  case softmax
  /// (x - m) - log Σ exp(x - m)
  case logSoftmax
  /// log Σ exp(x - m) + m: one value for each row.
  case logSumExp
}

extension TensorScalar {
  /// y[i] = f(x[i]) by separate kernels.
  public static func apply(
    _ function: ActivationFunction, count: Int, _ a: Double, _ b: Double, _ x: UnsafePointer<Self>,
    into y: UnsafeMutablePointer<Self>
  ) {
    let x = Tensor<Self>([count]) { $0.update(from: x, count: count) }
    let result: Tensor<Self>
    switch function {
    case .leakyRelu: result = .selected(x.combined(.greater, 0), x, x * a)
    case .elu: result = .selected(x.combined(.greater, 0), x, x.mapped(.expm1) * a)
    case .gelu: result = x.combined(.maximum, lowestFactor) * x.mapped(.normalCDF)
    case .silu: result = x.combined(.maximum, lowestFactor) * x.mapped(.sigmoid)
    case .clip:
      // The input itself inside and at the ends, so that dual numbers keep their tangent there.
      let bounded = x.combined(.maximum, a).combined(.minimum, b)
      result = .selected(.combined(.equal, x, bounded), x, bounded)
    case .tanh: result = x.mapped(.tanh)
    case .sigmoid: result = x.mapped(.sigmoid)
    case .softplus: result = x.mapped(.softplus)
    case .normalCDF: result = x.mapped(.normalCDF)
    }
    result.withValues { y.update(from: $0, count: count) }
  }

  /// dx[i] from the upstream gradient d[i], by separate kernels.
  public static func applyGradient(
    of function: ActivationFunction, count: Int, _ a: Double, _ d: UnsafePointer<Self>,
    input: UnsafePointer<Self>?, output: UnsafePointer<Self>?,
    into dx: UnsafeMutablePointer<Self>
  ) {
    func vector(_ pointer: UnsafePointer<Self>) -> Tensor<Self> {
      Tensor([count]) { $0.update(from: pointer, count: count) }
    }
    let d = vector(d)
    let x = function.gradientReadsInput ? vector(input!) : d
    let y = function.gradientReadsOutput ? vector(output!) : d
    let result: Tensor<Self>
    switch function {
    case .leakyRelu: result = .selected(x.combined(.greater, 0), d, d * a)
    case .elu: result = .selected(x.combined(.greater, 0), d, d * (y + a))
    case .gelu: result = d * (x.mapped(.normalCDF) + x * normalDensity(x))
    case .silu:
      let s = x.mapped(.sigmoid)
      result = d * s * (x * (1 - s) + 1)
    case .clip: result = d * .combined(.equal, x, y)
    case .tanh: result = d * (1 - y.squared())
    case .sigmoid: result = d * y * (1 - y)
    case .softplus: result = d * x.mapped(.sigmoid)
    case .normalCDF: result = d * normalDensity(x)
    }
    result.withValues { dx.update(from: $0, count: count) }
  }

  /// The limit of x f(x) at -infinity is 0 for a distribution function f, not infinity times 0.
  private static var lowestFactor: Double { Self(-0x1p1000).isFinite ? -0x1p1000 : -0x1p120 }

  /// A function along contiguous rows by separate kernels.
  public static func apply(
    _ function: RowFunction, rows: Int, length: Int, _ x: UnsafePointer<Self>,
    into y: UnsafeMutablePointer<Self>
  ) {
    let x = Tensor<Self>([rows, length]) { $0.update(from: x, count: rows * length) }
    let largest = x.maximum(over: [1])
    // An infinite maximum is replaced by 0, so that x - maximum is never infinity minus itself.
    let isFinite = Tensor.combined(.equal, largest * 0, largest * 0)
    let offset = Tensor.selected(isFinite, largest, .zeros(largest.shape))
    let shifted = Tensor.combined(.subtract, x, offset)
    let powers = shifted.mapped(.exp)
    let sums = powers.summed(over: [1])
    let result: Tensor<Self>
    switch function {
    case .softmax: result = .combined(.divide, powers, sums)
    case .logSoftmax: result = .combined(.subtract, shifted, sums.mapped(.log))
    case .logSumExp: result = sums.mapped(.log) + offset
    }
    result.withValues { y.update(from: $0, count: result.count) }
  }

  /// y[i] = log softmax(row i)[classes[i]] by separate kernels; `probabilities`, rows x length, is left
  /// with the logarithms of all. Returns `rows`, or the first row whose class is none.
  public static func logLikelihood(
    rows: Int, length: Int, _ x: UnsafePointer<Self>, classes: UnsafePointer<Self>,
    logProbabilities: UnsafeMutablePointer<Self>, into y: UnsafeMutablePointer<Self>
  ) -> Int {
    apply(.logSoftmax, rows: rows, length: length, x, into: logProbabilities)
    for row in 0..<rows {
      guard let place = classes[row].index(below: length) else { return row }
      y[row] = logProbabilities[row * length + place]
    }
    return rows
  }

  /// dx[i, j] = u[i] where j = classes[i], else 0, minus softmax(row i)[j] u[i], by separate kernels; dx holds the
  /// logarithms of the softmax before. Returns `rows`, or the first row whose class is none.
  public static func logLikelihoodGradient(
    rows: Int, length: Int, classes: UnsafePointer<Self>, upstream: UnsafePointer<Self>,
    into dx: UnsafeMutablePointer<Self>
  ) -> Int {
    let count = rows * length
    let scattered = UnsafeMutablePointer<Self>.allocate(capacity: max(count, 1))
    defer { scattered.deallocate() }
    scattered.initialize(repeating: Self(0), count: count)
    for row in 0..<rows {
      guard let place = classes[row].index(below: length) else { return row }
      scattered[row * length + place] = upstream[row]
    }
    apply(.exp, count: count, dx, into: dx)
    for row in 0..<rows {
      let start = row * length
      var sum = sum(count: length, scattered + start)
      apply(.multiply, count: length, dx + start, step: 1, &sum, step: 0, into: dx + start)
    }
    apply(.subtract, count: count, scattered, step: 1, dx, step: 1, into: dx)
    return rows
  }

  /// The value as a whole number from 0 to `bound` - 1; `nil` where it is none.
  func index(below bound: Int) -> Int? {
    let value = real
    guard value >= 0, value < Double(bound), value == value.rounded() else { return nil }
    return Int(value)
  }
}

extension Float {
  /// One kernel.
  public static func apply(
    _ function: ActivationFunction, count: Int, _ a: Double, _ b: Double, _ x: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    switch function {
    case .tanh: apply(UnaryFunction.tanh, count: count, x, into: y)
    case .sigmoid: apply(UnaryFunction.sigmoid, count: count, x, into: y)
    case .softplus: apply(UnaryFunction.softplus, count: count, x, into: y)
    case .normalCDF: apply(UnaryFunction.normalCDF, count: count, x, into: y)
    case .leakyRelu, .elu, .gelu, .silu, .clip:
      plumb_activation_f32(plumb_activation(function.rawValue), count, Float(a), Float(b), x, y)
    }
  }

  /// One kernel.
  public static func applyGradient(
    of function: ActivationFunction, count: Int, _ a: Double, _ d: UnsafePointer<Float>,
    input: UnsafePointer<Float>?, output: UnsafePointer<Float>?,
    into dx: UnsafeMutablePointer<Float>
  ) {
    plumb_activation_pullback_f32(
      plumb_activation(function.rawValue), count, Float(a), d, input, output, dx)
  }

  /// One kernel.
  public static func apply(
    _ function: RowFunction, rows: Int, length: Int, _ x: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    switch function {
    case .softmax: plumb_softmax_f32(rows, length, x, y)
    case .logSoftmax: plumb_log_softmax_f32(rows, length, x, y)
    case .logSumExp: plumb_log_sum_exp_f32(rows, length, x, y)
    }
  }

  /// One kernel.
  public static func logLikelihood(
    rows: Int, length: Int, _ x: UnsafePointer<Float>, classes: UnsafePointer<Float>,
    logProbabilities: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) -> Int {
    plumb_cross_entropy_f32(rows, length, x, classes, logProbabilities, y)
  }

  /// One kernel.
  public static func logLikelihoodGradient(
    rows: Int, length: Int, classes: UnsafePointer<Float>, upstream: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) -> Int {
    plumb_cross_entropy_gradient_f32(rows, length, dx, classes, upstream, 1, dx)
  }
}

extension Double {
  /// One kernel.
  public static func apply(
    _ function: ActivationFunction, count: Int, _ a: Double, _ b: Double,
    _ x: UnsafePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    switch function {
    case .tanh: apply(UnaryFunction.tanh, count: count, x, into: y)
    case .sigmoid: apply(UnaryFunction.sigmoid, count: count, x, into: y)
    case .softplus: apply(UnaryFunction.softplus, count: count, x, into: y)
    case .normalCDF: apply(UnaryFunction.normalCDF, count: count, x, into: y)
    case .leakyRelu, .elu, .gelu, .silu, .clip:
      plumb_activation_f64(plumb_activation(function.rawValue), count, a, b, x, y)
    }
  }

  /// One kernel.
  public static func applyGradient(
    of function: ActivationFunction, count: Int, _ a: Double, _ d: UnsafePointer<Double>,
    input: UnsafePointer<Double>?, output: UnsafePointer<Double>?,
    into dx: UnsafeMutablePointer<Double>
  ) {
    plumb_activation_pullback_f64(
      plumb_activation(function.rawValue), count, a, d, input, output, dx)
  }

  /// One kernel.
  public static func apply(
    _ function: RowFunction, rows: Int, length: Int, _ x: UnsafePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    switch function {
    case .softmax: plumb_softmax_f64(rows, length, x, y)
    case .logSoftmax: plumb_log_softmax_f64(rows, length, x, y)
    case .logSumExp: plumb_log_sum_exp_f64(rows, length, x, y)
    }
  }

  /// One kernel.
  public static func logLikelihood(
    rows: Int, length: Int, _ x: UnsafePointer<Double>, classes: UnsafePointer<Double>,
    logProbabilities: UnsafeMutablePointer<Double>, into y: UnsafeMutablePointer<Double>
  ) -> Int {
    plumb_cross_entropy_f64(rows, length, x, classes, logProbabilities, y)
  }

  /// One kernel.
  public static func logLikelihoodGradient(
    rows: Int, length: Int, classes: UnsafePointer<Double>, upstream: UnsafePointer<Double>,
    into dx: UnsafeMutablePointer<Double>
  ) -> Int {
    plumb_cross_entropy_gradient_f64(rows, length, dx, classes, upstream, 1, dx)
  }
}
