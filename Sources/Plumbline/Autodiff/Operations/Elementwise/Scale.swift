/// y = c x, dx = c dy
struct Scale: UnaryOperation {
  static let name = "scale"
  static let functions: [UnaryFunction] = [.scale]
  let factor: Double
  var attributes: String { "\(factor)" }
  var settings: (Double, Double) { (factor, 0) }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * factor] }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    Tensor(repeating: S(a), shape: x.shape)
  }
}

extension TensorProtocol {
  /// Each element times a number.
  public static func * (left: Self, right: Double) -> Self {
    apply(Scale(factor: right), to: [left])
  }
  /// A number times each element.
  public static func * (left: Double, right: Self) -> Self { right * left }
}
