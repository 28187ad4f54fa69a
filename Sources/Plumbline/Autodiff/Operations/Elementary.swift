// Elementary functions of one argument, each with the formula of its derivative.

/// y = exp x, dx = y dy
struct Exp: ElementwiseOperation {
  static let kind = OperationKind.exp
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.exp) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * call.output] }
}

/// y = exp x - 1, dx = (y + 1) dy
struct Expm1: ElementwiseOperation {
  static let kind = OperationKind.expm1
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.expm1) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * (call.output + 1)] }
}

/// y = log x, dx = dy / x
struct Log: ElementwiseOperation {
  static let kind = OperationKind.log
  var convention: String? { "infinite at 0, the limit from above" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.log) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream / call.inputs[0]] }
}

/// y = log(1 + x), dx = dy / (1 + x)
struct Log1p: ElementwiseOperation {
  static let kind = OperationKind.log1p
  var convention: String? { "infinite at -1, the limit from above" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.log1p) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream / (call.inputs[0] + 1)] }
}

/// y = √x, dx = dy / (2 y)
struct Sqrt: ElementwiseOperation {
  static let kind = OperationKind.sqrt
  var convention: String? { "infinite at 0, the limit from above" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.sqrt) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream / call.output * 0.5] }
}

/// y = |x|, dx = sign(x) dy
struct Absolute: ElementwiseOperation {
  static let kind = OperationKind.absolute
  var convention: String? { "0 at 0" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.absolute) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * sign(call.inputs[0])] }
}

/// y = -1, 0 or 1; no gradient
struct Sign: ElementwiseOperation {
  static let kind = OperationKind.sign
  var convention: String? { "0 everywhere, at the step too" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.sign) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [nil] }
}

/// y = x limited to an interval, dx = dy inside and at its ends, 0 outside
struct Clip: ElementwiseOperation {
  static let kind = OperationKind.clip
  let low: Double
  let high: Double
  var attributes: String { "\(low) ... \(high)" }
  var convention: String? { "1 at both ends of the interval" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    inputs[0].activated(.clip, low, high)
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [activationGradient(.clip, upstream, input: call.inputs[0], output: call.output)]
  }
}

/// y = x, dx = 0: what follows is differentiated as if y were given
struct Detach: ElementwiseOperation {
  static let kind = OperationKind.detach
  var convention: String? { "no gradient, by intention" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0] }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [nil] }
}

// MARK: - Notation

/// e to each element.
public func exp<T: TensorProtocol>(_ x: T) -> T { T.apply(Exp(), to: [x]) }

/// e to each element, minus 1, accurate near 0.
public func expm1<T: TensorProtocol>(_ x: T) -> T { T.apply(Expm1(), to: [x]) }

/// The natural logarithm of each element; -infinity at 0, NaN below.
public func log<T: TensorProtocol>(_ x: T) -> T { T.apply(Log(), to: [x]) }

/// The natural logarithm of one plus each element, accurate near 0.
public func log1p<T: TensorProtocol>(_ x: T) -> T { T.apply(Log1p(), to: [x]) }

/// The square root of each element; NaN below 0.
public func sqrt<T: TensorProtocol>(_ x: T) -> T { T.apply(Sqrt(), to: [x]) }

/// The absolute value of each element; derivative 0 at 0.
public func abs<T: TensorProtocol>(_ x: T) -> T { T.apply(Absolute(), to: [x]) }

/// -1, 0 or 1 by each element's sign. No gradient.
public func sign<T: TensorProtocol>(_ x: T) -> T { T.apply(Sign(), to: [x]) }

/// Each element limited to the interval; derivative 1 inside and at its ends, 0 outside.
public func clip<T: TensorProtocol>(_ x: T, to interval: ClosedRange<Double>) -> T {
  T.apply(Clip(low: interval.lowerBound, high: interval.upperBound), to: [x])
}

extension TensorProtocol {
  /// The same value, through which no gradient flows.
  public func detached() -> Self { Self.apply(Detach(), to: [self]) }

  /// The square of each element.
  public func squared() -> Self { pow(self, 2) }
}
