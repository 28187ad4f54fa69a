/// y = x, dx = 0: what follows is differentiated as if y were a constant
struct Detach: ViewOperation {
  static let name = "detach"
  var convention: String? { "no gradient, by intention" }
  func shape(of inputs: [Shape]) -> Shape { inputs[0] }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [nil] }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

extension TensorProtocol {
  /// The same value, through which no gradient flows.
  public func detached() -> Self { Self.apply(Detach(), to: [self]) }
}
