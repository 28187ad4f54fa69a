// Arithmetic of two operands with NumPy's broadcasting. The adjoint of broadcasting is `summed(to:)`,
// here and everywhere.

/// The common shape of two operands, or a trap that names the operation and both shapes.
func broadcastShape(_ operation: some Operation, _ inputs: [Shape]) -> Shape {
  require(inputs.count == 2, "\(operation.name) takes two operands, not \(inputs.count)")
  guard let shape = Shape.broadcast(inputs[0], inputs[1]) else {
    fatalError("\(operation.name) cannot broadcast shapes \(inputs[0]) and \(inputs[1])")
  }
  return shape
}

/// A built-in operation on two operands with broadcasting.
protocol BroadcastingOperation: BuiltInOperation {}

extension BroadcastingOperation {
  /// The shape that both operands are broadcast to.
  public func shape(of inputs: [Shape]) -> Shape { broadcastShape(self, inputs) }
}

/// z = x + y, dx = dz, dy = dz
struct Add: BroadcastingOperation {
  static let kind = OperationKind.add
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { .combined(.add, inputs[0], inputs[1]) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    call.inputs.enumerated().map { call.needs($0) ? upstream.summed(to: $1.shape) : nil }
  }
}

/// z = x - y, dx = dz, dy = -dz
struct Subtract: BroadcastingOperation {
  static let kind = OperationKind.subtract
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { .combined(.subtract, inputs[0], inputs[1]) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [
      call.needs(0) ? upstream.summed(to: call.inputs[0].shape) : nil,
      call.needs(1) ? (-upstream).summed(to: call.inputs[1].shape) : nil,
    ]
  }
}

/// z = x y, dx = dz y, dy = dz x
struct Multiply: BroadcastingOperation {
  static let kind = OperationKind.multiply
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { .combined(.multiply, inputs[0], inputs[1]) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    return [
      call.needs(0) ? (upstream * y).summed(to: x.shape) : nil,
      call.needs(1) ? (upstream * x).summed(to: y.shape) : nil,
    ]
  }
}

/// z = x / y, dx = dz / y, dy = -dz z / y
struct Divide: BroadcastingOperation {
  static let kind = OperationKind.divide
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { .combined(.divide, inputs[0], inputs[1]) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    let share = upstream / y
    return [
      call.needs(0) ? share.summed(to: x.shape) : nil,
      call.needs(1) ? (-(share * call.output)).summed(to: y.shape) : nil,
    ]
  }
}

/// z = x^y, dx = dz y x^(y - 1), dy = dz z log x
///
/// Where y = 0 the first derivative is 0, and where x = 0 the second, in place of 0 times infinity.
struct Power: BroadcastingOperation {
  static let kind = OperationKind.power
  var convention: String? { "x^y: d/dx = 0 where y = 0, d/dy = 0 where x = 0" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { .combined(.power, inputs[0], inputs[1]) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (
      call.inputs[0].broadcast(to: call.output.shape),
      call.inputs[1].broadcast(to: call.output.shape)
    )
    let zero = x.constant(.zeros(call.output.shape))
    return [
      call.needs(0)
        ? select(y, upstream * y * pow(x, y - 1), zero).summed(to: call.inputs[0].shape) : nil,
      call.needs(1)
        ? select(x, upstream * call.output * log(select(x, x, zero + 1)), zero)
          .summed(to: call.inputs[1].shape) : nil,
    ]
  }
}

/// z = min(x, y) or max(x, y); dz goes to the winner, half to each at a tie
struct Extremum: BroadcastingOperation {
  static let kind = OperationKind.maximum
  let isMaximum: Bool
  var name: String { (isMaximum ? OperationKind.maximum : .minimum).rawValue }
  var convention: String? { "at x = y half of the gradient goes to each" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    .combined(isMaximum ? .maximum : .minimum, inputs[0], inputs[1])
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    let wins = isMaximum ? compare(x, .greater, y) : compare(y, .greater, x)
    let share = wins + 0.5 * compare(x, .equal, y)
    return [
      call.needs(0) ? (upstream * share).summed(to: x.shape) : nil,
      call.needs(1) ? (upstream * (1 - share)).summed(to: y.shape) : nil,
    ]
  }
}

/// z = 1 where x > y (or >=, or ==), else 0; no gradient
struct Compare: BroadcastingOperation {
  static let kind = OperationKind.compare
  let relation: Relation
  var attributes: String { relation.rawValue }
  var convention: String? { "no gradient anywhere" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    switch relation {
    case .greater: .combined(.greater, inputs[0], inputs[1])
    case .greaterOrEqual: .combined(.greaterEqual, inputs[0], inputs[1])
    case .equal: .combined(.equal, inputs[0], inputs[1])
    }
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [nil, nil] }
}

/// A comparison of two numbers.
public enum Relation: String, Sendable, CaseIterable {
  /// x > y, x >= y, x == y.
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
}

/// z = x where the mask is not 0, y elsewhere; dz goes to the selected operand, none to the mask
struct Select: BuiltInOperation {
  static let kind = OperationKind.select
  var convention: String? { "no gradient to the mask" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 3 && inputs.allSatisfy { $0 == inputs[0] },
      "select takes a mask and two operands of one shape, not \(inputs)")
    return inputs[0]
  }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    .selected(inputs[0], inputs[1], inputs[2])
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

/// y = c x, dx = c dy
struct Scale: ElementwiseOperation {
  static let kind = OperationKind.scale
  let factor: Double
  var attributes: String { "\(factor)" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].combined(.multiply, factor) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * factor] }
}

/// y = x + c, dx = dy
struct Offset: ElementwiseOperation {
  static let kind = OperationKind.offset
  let term: Double
  var attributes: String { "\(term)" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].combined(.add, term) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream] }
}

/// y = -x, dx = -dy
struct Negate: ElementwiseOperation {
  static let kind = OperationKind.negate
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0].mapped(.negate) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [-upstream] }
}

/// y = x^c, dx = c x^(c - 1) dy
struct PowerConstant: ElementwiseOperation {
  static let kind = OperationKind.powerConstant
  let exponent: Double
  var attributes: String { "\(exponent)" }
  var convention: String? { "infinite at 0 for 0 < exponent < 1, the limit from above" }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    switch exponent {
    case 2: inputs[0].mapped(.square)
    case -1: inputs[0].mapped(.reciprocal)
    default: inputs[0].combined(.power, exponent)
    }
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let x = call.inputs[0]
    switch exponent {
    case 0: return [nil]
    case 1: return [upstream]
    case 2: return [upstream * x * 2]
    default: return [upstream * pow(x, exponent - 1) * exponent]
    }
  }
}

// MARK: - Notation

extension TensorProtocol {
  /// The element-wise sum, with broadcasting.
  public static func + (left: Self, right: Self) -> Self { apply(Add(), to: [left, right]) }
  /// The element-wise difference, with broadcasting.
  public static func - (left: Self, right: Self) -> Self { apply(Subtract(), to: [left, right]) }
  /// The element-wise product, with broadcasting.
  public static func * (left: Self, right: Self) -> Self { apply(Multiply(), to: [left, right]) }
  /// The element-wise quotient, with broadcasting.
  public static func / (left: Self, right: Self) -> Self { apply(Divide(), to: [left, right]) }
  /// The element-wise negative.
  public static prefix func - (operand: Self) -> Self { apply(Negate(), to: [operand]) }

  /// Each element plus a number.
  public static func + (left: Self, right: Double) -> Self {
    apply(Offset(term: right), to: [left])
  }
  /// A number plus each element.
  public static func + (left: Double, right: Self) -> Self { right + left }
  /// Each element minus a number.
  public static func - (left: Self, right: Double) -> Self { left + -right }
  /// A number minus each element.
  public static func - (left: Double, right: Self) -> Self { -right + left }
  /// Each element times a number.
  public static func * (left: Self, right: Double) -> Self {
    apply(Scale(factor: right), to: [left])
  }
  /// A number times each element.
  public static func * (left: Double, right: Self) -> Self { right * left }
  /// Each element divided by a number.
  public static func / (left: Self, right: Double) -> Self {
    left / left.constant(Tensor(Scalar(right)))
  }
  /// A number divided by each element.
  public static func / (left: Double, right: Self) -> Self { pow(right, -1) * left }

  /// Replaces the left operand by the sum. A recorded variable is not changed in place: the name then
  /// stands for a new value, and gradients of the old one stay right.
  public static func += (left: inout Self, right: Self) { left = left + right }
  /// Replaces the left operand by the difference.
  public static func -= (left: inout Self, right: Self) { left = left - right }
  /// Replaces the left operand by the product.
  public static func *= (left: inout Self, right: Self) { left = left * right }
  /// Replaces the left operand by the quotient.
  public static func /= (left: inout Self, right: Self) { left = left / right }
}

/// The element-wise power of a positive base.
public func pow<T: TensorProtocol>(_ base: T, _ exponent: T) -> T {
  T.apply(Power(), to: [base, exponent])
}

/// Each element to a fixed power.
public func pow<T: TensorProtocol>(_ base: T, _ exponent: Double) -> T {
  T.apply(PowerConstant(exponent: exponent), to: [base])
}

/// The smaller of each pair of elements; at a tie half of the gradient goes to each.
public func minimum<T: TensorProtocol>(_ left: T, _ right: T) -> T {
  T.apply(Extremum(isMaximum: false), to: [left, right])
}

/// The larger of each pair of elements; at a tie half of the gradient goes to each.
public func maximum<T: TensorProtocol>(_ left: T, _ right: T) -> T {
  T.apply(Extremum(isMaximum: true), to: [left, right])
}

/// 1 where the relation holds, 0 elsewhere, with broadcasting. No gradient.
public func compare<T: TensorProtocol>(_ left: T, _ relation: Relation, _ right: T) -> T {
  T.apply(Compare(relation: relation), to: [left, right])
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
