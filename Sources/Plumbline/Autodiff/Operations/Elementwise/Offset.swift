/// y = x + c, dx = dy
struct Offset: UnaryOperation {
  static let name = "offset"
  static let functions: [UnaryFunction] = [.offset]
  let term: Double
  var attributes: String { "\(term)" }
  var settings: (Double, Double) { (term, 0) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    .ones(x.shape)
  }
}

extension TensorProtocol {
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
}
