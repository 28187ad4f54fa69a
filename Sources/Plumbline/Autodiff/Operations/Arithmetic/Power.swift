/// z = x^y, dx = dz y x^(y - 1), dy = dz z log x
///
/// Where y = 0 the first derivative is 0, and where x = 0 the second, instead of 0 times infinity.
struct Power: BinaryOperation {
  static let name = "power"
  static let functions: [BinaryFunction] = [.power]
  var convention: String? { "x^y: d/dx = 0 where y = 0, d/dy = 0 where x = 0" }
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
  static func tangent<S>(
    _ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>, _ dy: Tensor<S>, _ z: Tensor<S>
  ) -> Tensor<S> {
    let zero = Tensor<S>.zeros(x.shape)
    return select(y * dx, y * pow(x, y - 1) * dx, zero) + select(x * dy, z * log(x) * dy, zero)
  }
}

/// The element-wise power of a positive base.
public func pow<T: TensorProtocol>(_ base: T, _ exponent: T) -> T {
  T.apply(Power(), to: [base, exponent])
}
