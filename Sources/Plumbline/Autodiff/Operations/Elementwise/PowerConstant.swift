/// y = x^c, dx = c x^(c - 1) dy
struct PowerConstant: UnaryOperation {
  static let name = "powerConstant"
  static let functions: [UnaryFunction] = [.powerOf, .square, .reciprocal]
  let exponent: Double
  var attributes: String { "\(exponent)" }
  var settings: (Double, Double) { (exponent, 0) }
  var convention: String? { "infinite at 0 for 0 < exponent < 1, the limit from above" }
  var function: UnaryFunction {
    switch exponent {
    case 2: .square
    case -1: .reciprocal
    default: .powerOf
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
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    switch a {
    case 2: x * 2
    case -1: -(y * y)
    case 0: .zeros(x.shape)
    default: pow(x, Tensor(S(a - 1))) * a
    }
  }
}

/// Each element to a fixed power.
public func pow<T: TensorProtocol>(_ base: T, _ exponent: Double) -> T {
  T.apply(PowerConstant(exponent: exponent), to: [base])
}

extension TensorProtocol {
  /// The square of each element.
  public func squared() -> Self { pow(self, 2) }

  /// A number divided by each element.
  public static func / (left: Double, right: Self) -> Self { pow(right, -1) * left }
}
