// Sums, maxima and what is made of them. Axes are normalized when an operation is made; a reduced axis
// stays with extent 1 inside the operations, and the public methods remove it by a reshape.

/// y = Σ x over axes, dx = dy repeated
struct Sum: BuiltInOperation {
  static let name = "sum"
  let axes: [Int]
  var attributes: String { "axes \(axes)" }
  func shape(of inputs: [Shape]) -> Shape { inputs[0].reduced(over: axes, keepingAxes: true) }
  /// A sum of single values is those values.
  func viewOffset(_ inputs: [Shape], _ result: Shape) -> Int? {
    axes.allSatisfy { inputs[0].extents[$0] == 1 } ? 0 : nil
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let extents = site.shapes[0].extents
    // Over leading axes, row by row.
    if axes == Array(0..<axes.count), axes.count < extents.count {
      let columns = extents[axes.count...].reduce(1, *)
      return site.call(
        .sumRows(
          rows: extents[..<axes.count].reduce(1, *), columns: columns, rowStride: columns))
    }
    return site.rows(.sum, along: axes)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.broadcast(to: call.inputs[0].shape)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { inputs[0].elementCount }
}

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

/// y = max x over axes; dy is divided evenly among the elements that reach the maximum
struct MaximumOverAxes: BuiltInOperation {
  static let name = "maximumOverAxes"
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
  /// The position of the winner among the reduced elements; at a tie a number below 0 made of all winners.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    let largest = forward(inputs)
    return Decisions(winnersOf: inputs[0], alongAxes: axes, largest)
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.rows(.maximum, along: axes)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let winners = compare(call.inputs[0], .equal, call.output)
    return [upstream / winners.sum(alongAxes: axes, keepingAxes: true) * winners]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { inputs[0].elementCount }
}

/// y = log Σ exp x over axes, dx = softmax(x) dy
struct LogSumExp: BuiltInOperation {
  static let name = "logSumExp"
  let axes: [Int]
  var attributes: String { "axes \(axes)" }
  func shape(of inputs: [Shape]) -> Shape { inputs[0].reduced(over: axes, keepingAxes: true) }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.rows(.logSumExp, along: axes)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    // Not exp(x - y): where x is large, y has lost the logarithm of the number of terms.
    [upstream * T.apply(Softmax(axes: axes), to: [call.inputs[0]])]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 4 * inputs[0].elementCount }
}

/// y = exp x / Σ exp x over axes, dx = y (dy - Σ y dy)
struct Softmax: BuiltInOperation {
  static let name = "softmax"
  let axes: [Int]
  var attributes: String { "axes \(axes)" }
  func shape(of inputs: [Shape]) -> Shape { inputs[0] }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.rows(.softmax, along: axes)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let weighted = upstream * call.output
    return [weighted - call.output * weighted.sum(alongAxes: axes, keepingAxes: true)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 5 * output.elementCount }
}

/// y = x - log Σ exp x along an axis, dx = dy - exp(y) Σ dy
struct LogSoftmax: BuiltInOperation {
  static let name = "logSoftmax"
  let axis: Int
  var attributes: String { "axis \(axis)" }
  func shape(of inputs: [Shape]) -> Shape { inputs[0] }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.rows(.logSoftmax, along: [axis])
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream - exp(call.output) * upstream.sum(alongAxes: [axis], keepingAxes: true)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 5 * output.elementCount }
}

/// y[i] = log softmax(row i)[k_i], the log-likelihood of class k_i; dx = the gradient below
struct LogLikelihood: BuiltInOperation {
  static let name = "logLikelihood"
  var convention: String? { "no gradient to the classes" }
  func shape(of inputs: [Shape]) -> Shape { Gather().shape(of: inputs) }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(.logLikelihood(rows: site.count, length: site.shapes[0][-1]))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [logLikelihoodGradient(upstream, logits: call.inputs[0], classes: call.inputs[1]), nil]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 5 * inputs[0].elementCount }
}

/// z[i, j] = u_i (δ(j, k_i) - softmax(row i)[j]); du_i = dz[i, k_i] - Σ_j s_j dz[i, j], dx = -u s (dz - Σ s dz)
struct LogLikelihoodGradient: BuiltInOperation {
  static let name = "logLikelihoodGradient"
  var convention: String? { "no gradient to the classes" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 3 && inputs[0] == inputs[2],
      "the gradient of log-likelihoods takes a value and a class for each row, not \(inputs)")
    return inputs[1]
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(
      .logLikelihoodGradient(rows: site.shapes[0].elementCount, length: site.shape[-1]))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (u, x, classes) = (call.inputs[0], call.inputs[1], call.inputs[2])
    let weighted = upstream * softmax(x)
    let sums = weighted.sum(alongAxes: [-1], keepingAxes: true)
    let change = softmax(x) * sums - weighted
    return [
      upstream.gathered(at: classes) - sums.reshaped(to: u.shape),
      change * u.expanded(atAxis: -1), nil,
    ]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 6 * output.elementCount }
}

/// The gradient of each row's log-likelihood times an upstream value.
package func logLikelihoodGradient<T: TensorProtocol>(_ upstream: T, logits: T, classes: T) -> T {
  T.apply(LogLikelihoodGradient(), to: [upstream, logits, classes])
}

extension CallSite {
  /// The call of a function of the first input's rows along axes, which are one axis together.
  fileprivate func rows(_ function: RowFunction, along axes: [Int]) -> KernelCalls<Operand> {
    let rows = StridedRows(shapes[0], along: axes)
    require(
      rows.length > 0 || function == .sum,
      "a softmax or log-sum over an axis of extent 0 of shape \(shapes[0]) does not exist")
    // Trailing axes, whose values lie next to each other.
    if axes == Array(shapes[0].rank - axes.count..<shapes[0].rank) {
      return call(.rows(function, rows: rows.rows, length: rows.length))
    }
    return call(.stridedRows(function, rows))
  }
}

// MARK: - Notation

extension TensorProtocol {
  /// The sum over axes (all by default), removed from the shape unless kept with extent 1.
  public func sum(alongAxes axes: [Int]? = nil, keepingAxes: Bool = false) -> Self {
    reduction(axes, keepingAxes) { Self.apply(Sum(axes: $0), to: [self]) }
  }

  /// The mean over axes (all by default).
  public func mean(alongAxes axes: [Int]? = nil, keepingAxes: Bool = false) -> Self {
    let count = shape.normalized(axes).map { shape.extents[$0] }.reduce(1, *)
    require(count > 0, "the mean over no elements of shape \(shape) does not exist")
    return sum(alongAxes: axes, keepingAxes: keepingAxes) / Double(count)
  }

  /// The largest element over axes (all by default); the winners of a tie share the gradient evenly.
  public func max(alongAxes axes: [Int]? = nil, keepingAxes: Bool = false) -> Self {
    reduction(axes, keepingAxes) { Self.apply(MaximumOverAxes(axes: $0), to: [self]) }
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

  /// log Σ exp over axes (all by default), without overflow.
  public func logSumExp(alongAxes axes: [Int]? = nil, keepingAxes: Bool = false) -> Self {
    reduction(axes, keepingAxes) { Self.apply(LogSumExp(axes: $0), to: [self]) }
  }

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
    // Trailing axes first, whose values lie side by side, and then the others: a sum over both at once, that over
    // a channel's images, would have to bring them together by a copy.
    var start = shape.rank
    while axes.contains(start - 1) { start -= 1 }
    let groups = [axes.filter { $0 >= start }, axes.filter { $0 < start }]
    return groups.filter { !$0.isEmpty }.reduce(self) { Self.apply(Sum(axes: $1), to: [$0]) }
      .reshaped(to: target)
  }

  private func reduction(_ axes: [Int]?, _ keepingAxes: Bool, _ reduce: ([Int]) -> Self) -> Self {
    let axes = shape.normalized(axes)
    let result = reduce(axes)
    return keepingAxes ? result : result.reshaped(to: shape.reduced(over: axes, keepingAxes: false))
  }
}

/// log softmax(x)[k] for each row's class k: x is `[..., classes]`, the classes are `[...]`, whole numbers.
public func logLikelihood<T: TensorProtocol>(_ logits: T, of classes: T) -> T {
  T.apply(LogLikelihood(), to: [logits, classes])
}

/// exp x divided by its sum along an axis (the last by default).
public func softmax<T: TensorProtocol>(_ x: T, alongAxis axis: Int = -1) -> T {
  T.apply(Softmax(axes: [x.shape.normalized(axis)]), to: [x])
}

/// The logarithm of ``softmax(_:alongAxis:)``, accurate where that underflows.
public func logSoftmax<T: TensorProtocol>(_ x: T, alongAxis axis: Int = -1) -> T {
  T.apply(LogSoftmax(axis: x.shape.normalized(axis)), to: [x])
}
